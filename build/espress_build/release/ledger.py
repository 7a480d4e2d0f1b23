"""Write releases.json and check errata.toml.

An entry of releases.json never changes, except that withdrawals are marked and a DOI is added.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.data.releases import Archive, Edition, File, Release, Withdrawn, read_errata, read_releases
from espress.errors import EspressError, InputError
from espress.files import hash_file
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def ledger_path(project: Path) -> Path:
    """Return the path of a project's list of releases."""
    return project / "releases" / "releases.json"


def read_ledger(project: Path) -> dict[str, Release]:
    """Return the releases of a project, the oldest first; empty if it has no list; raises DamagedDataError."""
    path = ledger_path(project)
    return read_releases(path) if path.is_file() else {}


def list_files(folder: Path) -> tuple[File, ...]:
    """Return path, size and hash of each file below a folder, in order of their paths."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return tuple(File(path, (folder / path).stat().st_size, hash_file(folder / path)) for path in paths)


def describe_edition(folder: Path, archive: Path) -> Edition:
    """Return the entry of one edition: its root hash, its archive and every file."""
    packed = Archive(archive.name, archive.stat().st_size, hash_file(archive))
    return Edition(root_hash(folder), packed, list_files(folder))


def new_release(version: str, day: str, doi: str | None, editions: dict[str, Edition]) -> Release:
    """Return the entry of a new release."""
    return Release(version, day, doi, "published", (), str(schema().guidance["version"]), editions)


def mark_withdrawn(release: Release, withdrawn: Withdrawn) -> Release:
    """Return the entry of a release marked for a withdrawn article; unchanged if it is already marked."""
    if withdrawn.article_id in [one.article_id for one in release.withdrawn]:
        return release
    return replace(release, status="withdrawn", withdrawn=(*release.withdrawn, withdrawn))


def check_day(text: str) -> str:
    """Return the date if it has the form YYYY-MM-DD; raises EspressError."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise EspressError(f"--date {text!r} is not a date. Write YYYY-MM-DD.")


def check_errata(path: Path, versions: Iterable[str]) -> None:
    """Check that each erratum names released versions and existing tables; a missing file is allowed.

    Raises:
        DamagedDataError: the file is not TOML, or an entry lacks a key; the message names the entry.
        InputError: entries name unknown versions or tables, or none; the error lists every fault.
    """
    if not path.is_file():
        return
    known = {"versions": list(versions), "tables": [table.name for table in schema().tables]}
    problems = []
    for number, erratum in enumerate(read_errata(path), 1):
        for key, names in known.items():
            where, given = f"{path}, erratum {number}", getattr(erratum, key)
            if not given:
                problems.append(f"{where}: {key} is empty, so the erratum would never be shown. Name at least one.")
            unknown = [name for name in given if name not in names]
            problems += [f"{where}: {key} names {name!r}. Known: {', '.join(names) or 'none'}." for name in unknown]
    if problems:
        raise InputError(problems)
