"""How far a run is, shown to who watches a terminal, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

_Item = TypeVar("_Item")


def bar(items: Iterable[_Item], total: int, what: str, unit: str) -> Iterable[_Item]:
    """Return the items, with a bar on standard error while they are gone through; none for no items."""
    if not total:
        return items
    from tqdm import tqdm

    return tqdm(items, total=total, desc=what, unit=f" {unit}", disable=None)  # type: ignore[no-any-return]
