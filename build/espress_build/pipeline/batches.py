"""Cut articles into batches so that a new or removed article changes only the batches beside it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def ends_batch(name: str, most: int) -> bool:
    """Return whether a batch ends with this name, whatever comes before it; about two of `most` names end one."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % max(1, most // 2) == 0


def cut_batches(names: Iterable[str], most: int) -> Iterator[list[str]]:
    """Yield the names in batches of at most `most`, in order.

    A batch ends at a name whose hash says so, and not after a fixed number. Where one name is added or removed, batches
    are therefore the same again from the next such name on.
    """
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == most or ends_batch(name, most):
            yield batch
            batch = []
    if batch:
        yield batch
