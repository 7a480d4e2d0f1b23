"""Choose the version number of a build, which is that of a release only if all bytes are equal."""

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
    """The version that a dataset states, and the day of its release (None if it is not a release)."""

    version: str
    released: str | None = None


def _has_its_tables(folder: Path, release: Release) -> bool:
    tables = {file.path: file.sha256 for file in release.editions["full"].files if file.path.startswith("data/")}
    return tables == {f"data/{path.name}": hash_file(path) for path in folder.glob("data/*.parquet")}


def candidate_numbers(folder: Path) -> list[Number]:
    """Return the numbers that a build of these tables may have, in the order in which to try them.

    `schema/dataset.toml` names the last release. If it has no day of release, there is no release yet. If it has a day
    but releases.json has no entry, `espress-build release` is making this release now.
    """
    version, released = str(schema().about["version"]), schema().about.get("released")
    release = known_releases().get(version)
    if released is None:
        return [Number(f"{version}-dev")]
    if release is None:
        return [Number(version, str(released))]
    changed = Number(f"{version}+dev")
    return [Number(version, str(released)), changed] if _has_its_tables(folder, release) else [changed]


def fits_release(folder: Path, number: Number) -> bool:
    """Return whether a complete dataset may state this number: no release has it, or the release has the same bytes."""
    release = known_releases().get(number.version)
    return release is None or root_hash(folder) == release.editions["full"].root
