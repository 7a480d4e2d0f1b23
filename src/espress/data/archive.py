"""Unpacking the archive of a release: nothing in it is believed that releases.json does not say."""

from __future__ import annotations

import hashlib
import tarfile
from typing import TYPE_CHECKING, Any

from espress.data.file_digests import digest
from espress.errors import DamagedDataError

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.releases import Edition, File

_BLOCK, _RECORD = 512, 10240  # of the tar format: POSIX.1-2001, pax
_CHUNK = 2**20


class _Bounded:
    """A stream that refuses to give more bytes than the files and their headers can take."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; raises DamagedDataError beyond the limit."""
        data: bytes = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise DamagedDataError("unpacks to more bytes than the release has")
        return data


def _limit(files: tuple[File, ...]) -> int:
    """Return how many bytes an archive of these files has at most: three blocks of header each, and the end."""
    return sum(-(-file.size // _BLOCK) * _BLOCK + 3 * _BLOCK for file in files) + 2 * _RECORD


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, file: File, into: Path) -> None:
    """Write one member, hashing it on the way; it is refused before the first byte if its size is another."""
    import os

    source = archive.extractfile(member)
    if source is None or member.size != file.size:
        raise DamagedDataError(f"has {member.size} bytes in {file.path}, not {file.size}")
    path, found = into / file.path, hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            found.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if found.hexdigest() != file.sha256:
        raise DamagedDataError(f"has {file.path} with sha256 {found.hexdigest()}, not {file.sha256}")


def _unpack_all(path: Path, edition: Edition, into: Path) -> None:
    import gzip

    home = edition.archive.name.removesuffix(".tar.gz")
    wanted = {f"{home}/{file.path}": file for file in edition.files}
    with gzip.open(path) as unzipped:
        bounded: Any = _Bounded(unzipped, _limit(edition.files))
        with tarfile.open(fileobj=bounded, mode="r|") as archive:
            for member in archive:
                # Only plain files: no link, device or folder; only names that are named, each once.
                if member.type != tarfile.REGTYPE or member.issparse() or member.name not in wanted:
                    raise DamagedDataError(f"holds {member.name[:200]!r}, which is no file of the release")
                _unpack_one(archive, member, wanted.pop(member.name), into)
            bounded.read(_limit(edition.files))  # what stands behind the end is read, too, and bounded
    if wanted:
        raise DamagedDataError(f"lacks {sorted(wanted)[:5]} and {max(0, len(wanted) - 5)} more")


def check_archive(path: Path, edition: Edition) -> None:
    """Compare an archive's size and hash with what releases.json names; raises DamagedDataError."""
    size = path.stat().st_size
    if size < edition.archive.size:
        raise DamagedDataError(
            f"{path} is cut off: {size} of {edition.archive.size} bytes. Download it again to its end."
        )
    if size != edition.archive.size or digest(path) != edition.archive.sha256:
        raise DamagedDataError(
            f"{path} is not the archive that was released as {edition.archive.name}: its sha256 is {digest(path)}, not "
            f"{edition.archive.sha256}. Download it again."
        )


def unpack(path: Path, edition: Edition, into: Path) -> None:
    """Write the files of an edition into an empty folder, each with the size and hash that releases.json names.

    Raises:
        DamagedDataError: the archive is cut off or changed, or holds a link, a device, a path that climbs out, a file
            twice, a file that is not named, or more bytes than the release has. Nothing outside `into` was written.
        OSError: the disk refused something.
    """
    import zlib

    check_archive(path, edition)
    try:
        _unpack_all(path, edition, into)
    except DamagedDataError as error:
        raise DamagedDataError(f"{path} {error}. Do not use it; download the release again.") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DamagedDataError(f"{path} is no whole archive: {error}. Download it again.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise DamagedDataError(f"{path} is no gzip archive: {error}. Download it again.") from error
