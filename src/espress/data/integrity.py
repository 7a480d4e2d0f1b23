"""Compare a dataset with its hashes, and identify the version and edition of a folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.releases import EDITIONS, SUMS, known_releases
from espress.errors import DamagedDataError, DatasetMissingError
from espress.files import hash_file
from espress.paths import releases_file
from espress.tables import join_few

if TYPE_CHECKING:
    from espress.data.releases import Release

UNKNOWN = "unknown"
_PACKAGE = "datapackage.json"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_known: dict[str, tuple[tuple[int, ...], str]] = {}  # path -> size, times and inode; hash


@dataclass(frozen=True)
class Problem:
    """One file that differs from its hash, is missing, or does not belong to the dataset."""

    path: str
    what: str


def read_sums(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 from the dataset's SHA256SUMS.

    Raises:
        DatasetMissingError: the folder has no SHA256SUMS.
        DamagedDataError: a line is not a hash and a path inside the folder.
    """
    path = folder / SUMS
    if not path.is_file():
        raise DatasetMissingError(f"{folder} holds no dataset: it has no {SUMS}. Type `make corpus` in a clone.")
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if not match or Path(match[2]).is_absolute() or ".." in Path(match[2]).parts:
            raise DamagedDataError(
                f"{path}, line {number} is not a hash and a path: {line[:80]!r}. Fetch the data again."
            )
        sums[match[2]] = match[1]
    return sums


def root_hash(folder: Path) -> str:
    """Return the SHA-256 of SHA256SUMS, which covers every byte of the dataset; raises DatasetMissingError."""
    read_sums(folder)
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


def compare(folder: Path, wanted: dict[str, str], named_in: str = SUMS) -> tuple[Problem, ...]:
    """Return the files below a folder that differ from `wanted` (path -> SHA-256), are missing, or are not in it."""
    problems = [problem for name, sha256 in sorted(wanted.items()) if (problem := _compare_file(folder, name, sha256))]
    found = {item.relative_to(folder).as_posix() for item in folder.rglob("*") if not item.is_dir()}
    strays = [Problem(name, f"is not named in {named_in}") for name in sorted(found - set(wanted) - {SUMS})]
    return (*problems, *strays)


def compare_with_sums(folder: Path) -> tuple[Problem, ...]:
    """Compare a folder with its own SHA256SUMS, even if it is a release; raises as `verify` does."""
    return compare(folder, read_sums(folder))


def _compare_file(folder: Path, name: str, wanted: str) -> Problem | None:
    path = folder / name
    if path.is_symlink():
        return Problem(name, "is a symbolic link")
    if not path.is_file():
        return Problem(name, "is missing")
    found = hash_file(path)
    return None if found == wanted else Problem(name, f"has sha256 {found}, not {wanted}")


def hash_once(path: Path, handle: Any = None) -> str:
    """Return the SHA-256 of a file, computed once per process unless its size, times or inode change.

    Args:
        path: the file.
        handle: the same file, opened for reading in binary mode, at its start; its position is restored.

    Raises:
        OSError: the file cannot be read.
    """
    if handle is None:
        with path.open("rb") as opened:
            return hash_once(path, opened)
    name, stamp = str(path.absolute()), _stamp(os.fstat(handle.fileno()))
    known = _known.get(name)
    if known and known[0] == stamp:
        return known[1]
    digest = hashlib.file_digest(handle, "sha256").hexdigest()
    handle.seek(0)
    _known[name] = stamp, digest
    return digest


def _stamp(state: os.stat_result) -> tuple[int, ...]:
    # Programs can restore the time of modification (mtime), but not the time of change (ctime).
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


@dataclass(frozen=True)
class Identity:
    """The version and edition of a dataset folder.

    `release` is the release that the folder is or claims to be; None if this installation knows no such release.
    `genuine` is false if the folder claims to be a release but its bytes differ.
    """

    folder: Path
    version: str
    edition: str
    root: str
    release: Release | None
    genuine: bool

    def __str__(self) -> str:
        """Return version and edition for messages."""
        return f"{self.version} ({self.edition})"

    def wanted(self) -> dict[str, str]:
        """Return path -> SHA-256 of each file: from releases.json for a release, else from the folder's SHA256SUMS."""
        if self.release is None:
            return read_sums(self.folder)
        return {file.path: file.sha256 for file in self.release.editions[self.edition].files}

    def differing(self) -> list[str]:
        """Return the files whose hash in the folder's SHA256SUMS differs from that in releases.json."""
        stated, wanted = read_sums(self.folder), self.wanted()
        return sorted(name for name in wanted.keys() | stated.keys() if stated.get(name) != wanted.get(name)) or [SUMS]


def identify(folder: Path) -> Identity:
    """Return the identity of a dataset folder; only its small files are read, and only if they changed.

    Raises:
        DatasetMissingError: the folder has no SHA256SUMS.
        DamagedDataError: SHA256SUMS or this installation's releases.json cannot be read.
    """
    paths = (folder / SUMS, folder / _PACKAGE, releases_file())
    return _identify(folder, tuple(_stamp(path.stat()) if path.is_file() else None for path in paths))


@lru_cache(maxsize=64)
def _identify(folder: Path, _stamps: tuple[object, ...]) -> Identity:
    root, releases = root_hash(folder), known_releases()
    for release in releases.values():
        for name, edition in release.editions.items():
            if edition.root == root:
                return Identity(folder, release.version, name, root, release, genuine=True)
    version, name = _read_package(folder)
    claimed = releases.get(version)
    if claimed is None or name not in claimed.editions:
        return Identity(folder, version, name, root, None, genuine=claimed is None)
    return Identity(folder, version, name, root, claimed, genuine=False)


def _read_package(folder: Path) -> tuple[str, str]:
    """Return version and edition as the folder's datapackage.json states them."""
    try:
        about = json.loads((folder / _PACKAGE).read_bytes())
        version, edition = str(about["version"]), about.get("edition", "full")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return UNKNOWN, "full"
    return version, edition if edition in EDITIONS else "full"


def require_genuine(identity: Identity) -> Identity:
    """Return the identity; raises DamagedDataError if the folder claims to be a release but differs from it."""
    if identity.genuine:
        return identity
    names = identity.differing() if identity.release else [SUMS]
    raise DamagedDataError(
        f"{identity.folder} claims to be {identity}, but its {SUMS} differs from that release's in: {join_few(names)}. "
        "A changed dataset needs its own version number. Fetch the release again, or update espress if its list of "
        "releases is older than the data."
    )
