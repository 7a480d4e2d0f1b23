"""The dataset in the repository is release 1.1.0, byte for byte, until a commit changes the data on purpose."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, Literal

import pytest

import espress

if TYPE_CHECKING:
    from pathlib import Path

CURRENT = "1.1.0"


def test_the_dataset_has_the_sums_of_the_current_release(project: Path) -> None:
    archive = next((project / "releases" / "archives").glob(f"*{CURRENT}*full*.tar.gz"))
    with tarfile.open(archive) as packed:
        member = packed.extractfile(next(name for name in packed.getnames() if name.endswith("/SHA256SUMS")))
        assert member is not None
        assert member.read() == (project / "dataset" / "SHA256SUMS").read_bytes()


@pytest.mark.parametrize("version", ["0.1.0", "0.1.1", "1.0.0", "1.1.0"])
@pytest.mark.parametrize("edition", ["full", "open"])
def test_archives_of_releases_open(version: str, edition: Literal["full", "open"]) -> None:
    assert espress.load("articles", as_="arrow", version=version, edition=edition).num_rows == 5
    assert espress.verify(version).problems == ()
