"""Which number a build writes into the dataset: that of a release only where the bytes are that release's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.data.releases import known_releases
from espress.files import hash_file
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.releases import Release


@dataclass(frozen=True)
class Number:
    """What a dataset says that it is: its version, and the day of release (None: it is none)."""

    version: str
    released: str | None = None


def _has_its_tables(folder: Path, release: Release) -> bool:
    tables = {file.path: file.sha256 for file in release.editions["full"].files if file.path.startswith("data/")}
    return tables == {f"data/{path.name}": hash_file(path) for path in folder.glob("data/*.parquet")}


def numbers(folder: Path) -> list[Number]:
    """Return the numbers that a build of these tables may have, the one to try first in front.

    `schema/dataset.toml` names the last release. Where it has no day of release yet, nothing was ever released; where
    it has one and releases.json does not know it, that release is being made right now, by `espress-build release`.
    """
    version, released = str(schema().about["version"]), schema().about.get("released")
    release = known_releases().get(version)
    if released is None:
        return [Number(f"{version}-dev")]
    if release is None:
        return [Number(version, str(released))]
    changed = Number(f"{version}+dev")
    return [Number(version, str(released)), changed] if _has_its_tables(folder, release) else [changed]


def holds(folder: Path, number: Number) -> bool:
    """Return whether a whole dataset folder may say that it is this number: its bytes are those of the release."""
    release = known_releases().get(number.version)
    return release is None or root_hash(folder) == release.editions["full"].root
