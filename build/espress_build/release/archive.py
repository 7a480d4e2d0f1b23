"""Archives of a release: the same bytes from the same files, and read back with nothing taken on trust."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.data.integrity import SUMS
from espress.errors import DamagedDataError, EspressError
from espress.files import hash_file
from espress_build.pipeline import dataset_exchange
from espress_build.release.releases_json import edition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.releases import Release

_LARGEST = 2**33  # bytes that an archive may unpack to: far more than a release, far less than a disk
_PIECE = 2**20


class ArchiveError(EspressError):
    """An archive is missing, or is not what releases.json says."""


def archive_name(version: str, edition: str) -> str:
    """Return the file name of a release's archive."""
    return f"espress-{version}-{edition}.tar.gz"


def write_archive(folder: Path, path: Path) -> None:
    """Write a folder's files into a new archive: in order of names, without clock, owner or rights of their own."""
    home = path.name.removesuffix(".tar.gz")
    files = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    with (
        dataset_exchange.new_file(path) as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
        tarfile.TarFile("", "w", packed, format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, file in files:
            member = tarfile.TarInfo(f"{home}/{name}")
            member.size, member.mode = file.stat().st_size, 0o644
            with file.open("rb") as data:
                archive.addfile(member, data)


def _place(member: tarfile.TarInfo, into: Path, archive: Path) -> Path:
    """Return where a member belongs, below `into`; the first folder of its name is left away."""
    parts = Path(member.name).parts[1:]
    if not member.isreg() or member.name.startswith("/") or ".." in parts or not parts or "\\" in member.name:
        raise DamagedDataError(f"{archive}: {member.name!r} is no plain file inside the dataset. Fetch it anew.")
    return into.joinpath(*parts)


def _take_out(packed: tarfile.TarFile, archive: Path, into: Path) -> None:
    left = _LARGEST
    for member in packed:
        place = _place(member, into, archive)
        left -= member.size
        if left < 0 or place.exists():
            what = "unpacks to too much" if left < 0 else f"holds {member.name!r} twice"
            raise DamagedDataError(f"{archive} {what}. Fetch it anew.")
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            shutil.copyfileobj(packed.extractfile(member) or io.BytesIO(), file)


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a release's archive into a new folder, which is returned.

    Raises:
        DamagedDataError: it is cut off or no archive, holds anything but plain files, a file twice, or too much.
    """
    try:
        with gzip.open(archive) as data:
            with tarfile.open(fileobj=data, mode="r|") as packed:
                _take_out(packed, archive, into)
            while data.read(_PIECE):  # to the end, where the check sum of all stands
                pass
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DamagedDataError(f"{archive} cannot be read: {error}. Fetch it anew.") from error
    if not (into / SUMS).is_file():
        raise DamagedDataError(f"{archive} holds no dataset: it has no {SUMS}. Fetch it anew.")
    return into


def checked(folder: Path, release: Release, edition: str) -> Path:
    """Return the archive of a release below `folder`, once it is what releases.json says.

    Raises:
        UnknownNameError: the release has no such edition.
        ArchiveError: the archive is missing or has other bytes.
    """
    said = edition_of(release, edition).archive
    path = folder / said.name
    if not path.is_file():
        raise ArchiveError(
            f"{path} is missing, so nothing can be compared with release {release.version}. Fetch it from where the "
            f"release was published, or from git: git checkout HEAD -- {path}"
        )
    if (found := hash_file(path)) != said.sha256:
        raise ArchiveError(
            f"{path} has sha256 {found}, but releases.json names {said.sha256}. One of them was changed, and neither "
            "may be. Restore both from git: git checkout HEAD -- releases"
        )
    return path


@contextmanager
def opened(archive: Path) -> Iterator[Path]:
    """Unpack an archive for as long as it is looked at."""
    with TemporaryDirectory(prefix="espress-") as folder:
        yield unpack(archive, Path(folder) / "dataset")
