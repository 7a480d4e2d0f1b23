"""Publish into a folder, such as that of a web server or a shared disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from espress.files import new_folder
from espress_build.release.ledger import list_files
from espress_build.release.publish.errors import ReadBackError, TakenError

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.release.publish.publication import Publication


def publish(publication: Publication, out: Path) -> str:
    """Copy the dataset to `out/espress-<version>-<edition>`, which appears complete or not at all; return a message.

    Raises:
        TakenError: that folder exists with other bytes.
        ReadBackError: the copy differs from the original.
    """
    target = out / publication.archive.removesuffix(".tar.gz")
    if target.exists():
        if target.is_dir() and list_files(target) == publication.files:
            return f"{target} holds {publication.tag} already; nothing was done."
        raise TakenError(
            f"{target} exists and differs from {publication.tag}. A published version never changes; name another "
            "--out."
        )
    with new_folder(target) as copy:
        shutil.copytree(publication.folder, copy, dirs_exist_ok=True)
        if list_files(copy) != publication.files:
            raise ReadBackError(
                f"The copy below {out} differs from {publication.folder}. Check the disk; nothing was published."
            )
    return f"Published {publication.tag} in {target} and compared every byte."
