"""Which version a dataset folder is: a release, when its bytes are that release's, else what it says of itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from espress.data.integrity import SUMS, read_sums
from espress.data.releases import EDITIONS, known_releases
from espress.errors import DamagedDataError
from espress.paths import releases_file

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.releases import Release

_PACKAGE = "datapackage.json"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Identity:
    """What a dataset folder is.

    `release` is the release that it is or claims to be, null for a version that this installation does not know as
    released; `genuine` is false when it claims to be one and is not.
    """

    folder: Path
    version: str
    edition: str
    root: str
    release: Release | None
    genuine: bool

    def __str__(self) -> str:
        """Name version and edition, as messages do."""
        return f"{self.version} ({self.edition})"

    def wanted(self) -> dict[str, str]:
        """Return path -> SHA-256 for each file: from releases.json for a release, else from the folder's SHA256SUMS."""
        if self.release is None:
            return read_sums(self.folder)
        return {file.path: file.sha256 for file in self.release.editions[self.edition].files}

    def differing(self) -> list[str]:
        """Return the files of which the folder's SHA256SUMS says another hash than releases.json."""
        stated, wanted = read_sums(self.folder), self.wanted()
        return sorted(name for name in wanted.keys() | stated.keys() if stated.get(name) != wanted.get(name)) or [SUMS]


def _stated(folder: Path) -> tuple[str, str]:
    """Return version and edition as the folder's datapackage.json states them."""
    import json

    try:
        about = json.loads((folder / _PACKAGE).read_bytes())
        version, edition = str(about["version"]), about.get("edition", "full")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return UNKNOWN, "full"
    return version, edition if edition in EDITIONS else "full"


@lru_cache(maxsize=64)
def _identity(folder: Path, _stamps: tuple[object, ...]) -> Identity:
    read_sums(folder)
    root = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    releases = known_releases()
    for release in releases.values():
        for name, edition in release.editions.items():
            if edition.root == root:
                return Identity(folder, release.version, name, root, release, genuine=True)
    version, name = _stated(folder)
    claimed = releases.get(version)
    if claimed is None or name not in claimed.editions:
        return Identity(folder, version, name, root, None, genuine=claimed is None)
    return Identity(folder, version, name, root, claimed, genuine=False)


def identify(folder: Path) -> Identity:
    """Return what a dataset folder is; only its small files are read, and those only when they changed.

    Raises:
        DatasetMissingError: it holds no SHA256SUMS.
        DamagedDataError: SHA256SUMS or this installation's releases.json cannot be read.
    """
    stamps: list[object] = []
    for path in (folder / SUMS, folder / _PACKAGE, releases_file()):
        state = path.stat() if path.is_file() else None
        stamps.append(state and (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino))
    return _identity(folder, tuple(stamps))


def require_genuine(identity: Identity) -> Identity:
    """Return the identity unless the folder claims to be a release that it is not: raises DamagedDataError then."""
    if identity.genuine:
        return identity
    names = identity.differing() if identity.release else [SUMS]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    raise DamagedDataError(
        f"{identity.folder} says that it is {identity}, but its {SUMS} is not that release's; other files: "
        f"{', '.join(names[:5])}{more}. One who changes a release gives it another number. Fetch the release anew, or "
        "update espress if its list of releases is the older one."
    )
