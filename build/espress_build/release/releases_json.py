"""releases.json as the build writes it: nothing in it is ever changed but marks of withdrawal, and a DOI once known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.data.releases import Archive, Edition, File, Release, Withdrawn, read_releases
from espress.errors import UnknownNameError
from espress.files import hash_file
from espress.schema import schema
from espress_build.release.version_rule import Version, parse_version

if TYPE_CHECKING:
    from pathlib import Path


def ledger_path(project: Path) -> Path:
    """Return where a project keeps its list of releases."""
    return project / "releases" / "releases.json"


def recorded(project: Path) -> dict[str, Release]:
    """Return the releases of a project, none where it has no list; raises DamagedDataError, naming the place."""
    path = ledger_path(project)
    return read_releases(path) if path.is_file() else {}


def last(releases: dict[str, Release]) -> Version | None:
    """Return the highest number that was released, None where nothing was."""
    return max((parse_version(version) for version in releases), default=None)


def edition_of(release: Release, name: str) -> Edition:
    """Return an edition of a release; raises UnknownNameError."""
    if name not in release.editions:
        raise UnknownNameError("edition", name, sorted(release.editions), f"Release {release.version} has these.")
    return release.editions[name]


def edition(folder: Path, archive: Path) -> Edition:
    """Return what the list says of one edition: its root hash, its archive, and every file."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = tuple(File(path, (folder / path).stat().st_size, hash_file(folder / path)) for path in paths)
    return Edition(root_hash(folder), Archive(archive.name, archive.stat().st_size, hash_file(archive)), files)


def new_release(version: str, date: str, doi: str | None, editions: dict[str, Edition]) -> Release:
    """Return the entry of a release that is being made."""
    return Release(version, date, doi, "published", (), str(schema().guidance["version"]), editions)


def marked(release: Release, withdrawn: Withdrawn) -> Release:
    """Return the entry of a release that holds an article which was withdrawn since; once marked, it stays as it is."""
    if withdrawn.article_id in [one.article_id for one in release.withdrawn]:
        return release
    return replace(release, status="withdrawn", withdrawn=(*release.withdrawn, withdrawn))
