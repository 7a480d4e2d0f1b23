"""Read releases.json, which holds the hash of every released file, and errata.toml, the known faults of releases."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from espress.errors import DamagedDataError, ErratumWarning, UnknownNameError, WithdrawnWarning
from espress.files import explain_json_error, refuse_repeated_keys
from espress.paths import errata_file, releases_file

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
SUMS = "SHA256SUMS"
EDITIONS = ("full", "open")
STATUSES = ("published", "withdrawn")
_NUMBER = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_HASH = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CALLER = 3  # number of stack frames between a warning and the line that called `espress.load`
_warned: set[str] = set()


@dataclass(frozen=True)
class File:
    """One file of a released dataset folder; `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Archive:
    """The archive of a whole edition; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Edition:
    """One edition of a release with every file of its folder; `root` is the hash of its SHA256SUMS."""

    root: str
    archive: Archive
    files: tuple[File, ...]


@dataclass(frozen=True)
class Withdrawn:
    """An article of a release that was withdrawn afterwards."""

    article_id: str
    date: str
    reason: str


@dataclass(frozen=True)
class Release:
    """One release; dates are `YYYY-MM-DD`, `doi` is None as long as there is none."""

    version: str
    date: str
    doi: str | None
    status: str
    withdrawn: tuple[Withdrawn, ...]
    codebook: str
    editions: dict[str, Edition]


@dataclass(frozen=True)
class Erratum:
    """A known fault of published releases and its workaround."""

    versions: tuple[str, ...]
    tables: tuple[str, ...]
    what: str
    what_to_do: str
    date: str


class _Reader:
    """Check the values of a parsed file; each error names the file and the place in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def refuse(self, where: str, what: str) -> DamagedDataError:
        return DamagedDataError(
            f"{self.path}, {where}: {what}. Reinstall espress; in a clone, restore the file with `git checkout`."
        )

    def record(self, raw: Any, keys: tuple[str, ...], where: str) -> dict[str, Any]:
        """Return raw if it is an object with exactly these keys."""
        if not isinstance(raw, dict) or set(raw) != set(keys):
            found = sorted(raw) if isinstance(raw, dict) else type(raw).__name__
            raise self.refuse(where, f"holds {found}, not {sorted(keys)}")
        return raw

    def text(self, raw: Any, where: str, pattern: re.Pattern[str] | None = None) -> str:
        """Return raw if it is text that is not empty and matches the whole pattern."""
        if not isinstance(raw, str) or not raw or (pattern is not None and not pattern.fullmatch(raw)):
            raise self.refuse(where, f"{str(raw)[:80]!r} is malformed")
        return raw

    def items(self, raw: Any, where: str) -> list[Any]:
        """Return raw if it is a list."""
        if not isinstance(raw, list):
            raise self.refuse(where, "is not a list")
        return raw


def _read_file(read: _Reader, raw: Any, name: str, where: str) -> tuple[str, int, str]:
    """Return path, size and hash; raises if the path could leave its folder on any system."""
    record = read.record(raw, (name, "size", "sha256"), where)
    path = read.text(record[name], f"{where}.{name}")
    if str(PurePosixPath(path)) != path or path.startswith("/") or ".." in path.split("/") or set(path) & set("\\:\0"):
        raise read.refuse(f"{where}.{name}", f"{path!r} is not a plain path inside a folder")
    if type(record["size"]) is not int or record["size"] < 0:
        raise read.refuse(f"{where}.size", f"{record['size']!r} is not a number of bytes")
    return path, record["size"], read.text(record["sha256"], f"{where}.sha256", _HASH)


def _read_edition(read: _Reader, raw: Any, where: str) -> Edition:
    record = read.record(raw, ("root", "archive", "files"), where)
    root = read.text(record["root"], f"{where}.root", _HASH)
    archive = Archive(*_read_file(read, record["archive"], "name", f"{where}.archive"))
    entries = enumerate(read.items(record["files"], f"{where}.files"))
    files = tuple(File(*_read_file(read, entry, "path", f"{where}.files[{number}]")) for number, entry in entries)
    paths = [file.path for file in files]
    if len(set(paths)) != len(paths) or "/" in archive.name:
        raise read.refuse(where, "names a file twice, or an archive in a folder")
    if root not in [file.sha256 for file in files if file.path == SUMS]:
        raise read.refuse(where, f"root {root} is not the hash listed for {SUMS}")
    return Edition(root, archive, files)


def _read_release(read: _Reader, version: str, raw: Any) -> Release:
    names = tuple(field.name for field in fields(Release) if field.name != "version")
    record = read.record(raw, names, version)
    if not _NUMBER.fullmatch(version) or record["status"] not in STATUSES:
        raise read.refuse(version, f"version or status {record['status']!r} is malformed")
    if not isinstance(record["editions"], dict) or not record["editions"] or set(record["editions"]) - set(EDITIONS):
        raise read.refuse(f"{version}.editions", f"must be one or more of {list(EDITIONS)}")
    keys = tuple(field.name for field in fields(Withdrawn))
    entries = [read.record(entry, keys, f"{version}.withdrawn") for entry in read.items(record["withdrawn"], version)]
    return Release(
        version,
        read.text(record["date"], f"{version}.date", _DATE),
        None if record["doi"] is None else read.text(record["doi"], f"{version}.doi"),
        record["status"],
        tuple(Withdrawn(*(read.text(entry[key], f"{version}.withdrawn") for key in keys)) for entry in entries),
        read.text(record["codebook"], f"{version}.codebook"),
        {name: _read_edition(read, part, f"{version}.{name}") for name, part in record["editions"].items()},
    )


def read_releases(path: Path) -> dict[str, Release]:
    """Return version -> release, the oldest number first.

    Raises:
        DamagedDataError: the file cannot be read or holds impossible values; the message names the place.
    """
    import json

    read = _Reader(path)
    try:
        raw = json.loads(path.read_bytes(), object_pairs_hook=refuse_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise read.refuse("as JSON", explain_json_error(error)) from error
    record = read.record(raw, ("format", "releases"), "at the top")
    if record["format"] != FORMAT or not isinstance(record["releases"], dict):
        raise read.refuse("at the top", f"format {record['format']!r} is not {FORMAT}, or `releases` is not an object")
    found = [_read_release(read, version, entry) for version, entry in record["releases"].items()]
    return {release.version: release for release in sorted(found, key=lambda release: parse_number(release.version))}


def format_releases(releases: Mapping[str, Release]) -> str:
    """Return releases as the JSON that `read_releases` reads: keys sorted, a line feed at the end."""
    import json

    entries = {version: asdict(release) for version, release in releases.items()}
    for entry in entries.values():
        del entry["version"]
    content = {"format": FORMAT, "releases": entries}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_errata(path: Path) -> tuple[Erratum, ...]:
    """Return the known faults in file order; raises DamagedDataError, naming the entry."""
    import tomllib

    read = _Reader(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise read.refuse("as TOML", explain_json_error(error)) from error
    errata = []
    for number, entry in enumerate(raw.get("erratum", []), 1):
        where = f"erratum {number}"
        record = read.record(entry, tuple(field.name for field in fields(Erratum)), where)
        versions, tables = (
            tuple(read.text(item, f"{where}.{key}") for item in read.items(record[key], f"{where}.{key}"))
            for key in ("versions", "tables")
        )
        what, what_to_do = (read.text(record[key], f"{where}.{key}") for key in ("what", "what_to_do"))
        date = read.text(str(record["date"]), f"{where}.date", _DATE)  # TOML has a date type
        errata.append(Erratum(versions, tables, what, what_to_do, date))
    return tuple(errata)


def parse_number(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a released version; raises UnknownNameError for anything but `X.Y.Z`."""
    match = _NUMBER.fullmatch(version)
    if not match:
        raise UnknownNameError("version", version, [], "A released version is three numbers, such as 0.1.0.")
    return int(match[1]), int(match[2]), int(match[3])


@cache
def _read_known(path: Path, _stamp: tuple[int, int]) -> dict[str, Release]:
    return read_releases(path)


def known_releases() -> dict[str, Release]:
    """Return the releases that this installation knows, the oldest first; empty without releases.json."""
    path = releases_file()
    if not path.is_file():
        return {}
    state = path.stat()
    return _read_known(path, (state.st_size, state.st_mtime_ns))


def known_errata() -> tuple[Erratum, ...]:
    """Return the known faults of releases; empty without errata.toml."""
    path = errata_file()
    return read_errata(path) if path.is_file() else ()


def trust_hash() -> str | None:
    """Return the SHA-256 of releases.json, with which releases are compared; None if the file does not exist."""
    path = releases_file()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def warn_once(release: Release | None) -> None:
    """Warn of withdrawn articles and known faults of a release, once per process; for None, do nothing."""
    if release is None or release.version in _warned:
        return
    if release.status == "withdrawn" or release.withdrawn:
        articles = "; ".join(f"{item.article_id} ({item.date}: {item.reason})" for item in release.withdrawn)
        text = (
            f"Release {release.version} is withdrawn. Articles withdrawn since: {articles or 'see CHANGELOG.md'}. "
            "Leave these articles out of new work, or load a newer release; espress.versions() lists the releases."
        )
        warnings.warn(text, WithdrawnWarning, stacklevel=_CALLER)
    for erratum in known_errata():
        if release.version in erratum.versions:
            tables = ", ".join(erratum.tables) or "all tables"
            text = f"Release {release.version}, {tables}: {erratum.what} {erratum.what_to_do} ({erratum.date})"
            warnings.warn(text, ErratumWarning, stacklevel=_CALLER)
    _warned.add(release.version)
