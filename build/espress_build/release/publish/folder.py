"""Publishing into a folder, such as a web server's or a shared disk's: the archive, and a copy beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.data.integrity import by_sums, root_hash
from espress_build.release.publish.errors import ReadBackError, TakenError

if TYPE_CHECKING:
    from espress_build.release.publish.edition_to_publish import Offer


def _same(there: Path, offer: Offer) -> bool:
    return not by_sums(there) and root_hash(there) == offer.root


def publish(offer: Offer, out: Path) -> str:
    """Copy the dataset to `out/espress-<version>-<edition>`, which appears whole or not at all; returns what was done.

    Raises:
        TakenError: that folder is there already, with other bytes; it is never changed.
        ReadBackError: the copy differs from what was copied.
    """
    there = out / offer.name
    if there.exists():
        if there.is_dir() and (there / "SHA256SUMS").is_file() and _same(there, offer):
            return f"{there} holds {offer.tag} already; nothing was done."
        raise TakenError(
            f"{there} exists and is not {offer.tag}. A published version is never changed; name another --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{offer.name}.", dir=out) as beside:
        copy = Path(beside) / offer.name
        shutil.copytree(offer.folder, copy)
        if not _same(copy, offer):
            raise ReadBackError(
                f"The copy below {out} differs from {offer.folder}. Check the disk; nothing was published."
            )
        copy.rename(there)
    return f"Published {offer.tag} in {there}, every byte compared."
