"""Unpack the archive of a release; every name, size and hash in it must be in releases.json."""

from __future__ import annotations

import hashlib
import os
import tarfile
from typing import TYPE_CHECKING, Any

from espress.data.integrity import hash_once
from espress.errors import DamagedDataError
from espress.tables import join_few

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.releases import Edition, File

_BLOCK, _RECORD = 512, 10240  # of the tar format: POSIX.1-2001, pax
_CHUNK = 2**20


class _Bounded:
    """A stream that raises DamagedDataError when more than `limit` bytes are read."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; raises DamagedDataError beyond the limit."""
        data: bytes = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise DamagedDataError("unpacks to more bytes than the release has")
        return data


def _sum_sizes(files: tuple[File, ...]) -> int:
    """Return the largest size that an archive of these files can have: three header blocks per file, and the end."""
    return sum(-(-file.size // _BLOCK) * _BLOCK + 3 * _BLOCK for file in files) + 2 * _RECORD


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, file: File, into: Path) -> None:
    """Write one member and hash it; a member of the wrong size is refused before anything is written."""
    source = archive.extractfile(member)
    if source is None or member.size != file.size:
        raise DamagedDataError(f"holds {file.path} with {member.size} bytes, not {file.size}")
    path, found = into / file.path, hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            found.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if found.hexdigest() != file.sha256:
        raise DamagedDataError(f"holds {file.path} with sha256 {found.hexdigest()}, not {file.sha256}")


def _unpack_all(path: Path, edition: Edition, into: Path) -> None:
    import gzip

    home = edition.archive.name.removesuffix(".tar.gz")
    wanted = {f"{home}/{file.path}": file for file in edition.files}
    with gzip.open(path) as unzipped:
        bounded: Any = _Bounded(unzipped, _sum_sizes(edition.files))
        with tarfile.open(fileobj=bounded, mode="r|") as archive:
            for member in archive:
                # Accept only plain files (no link, device or folder) whose names are in the release, each once.
                if member.type != tarfile.REGTYPE or member.issparse() or member.name not in wanted:
                    raise DamagedDataError(f"holds {member.name[:200]!r}, which is not a file of the release")
                _unpack_one(archive, member, wanted.pop(member.name), into)
            bounded.read(_sum_sizes(edition.files))  # the limit also applies to bytes after the end
    if wanted:
        raise DamagedDataError(f"lacks {join_few(sorted(wanted))}")


def check_archive(path: Path, edition: Edition) -> None:
    """Compare an archive's size and hash with those in releases.json; raises DamagedDataError."""
    size = path.stat().st_size
    if size < edition.archive.size:
        raise DamagedDataError(f"{path} is incomplete: {size} of {edition.archive.size} bytes. Download it again.")
    if size != edition.archive.size or hash_once(path) != edition.archive.sha256:
        raise DamagedDataError(
            f"{path} differs from the released archive {edition.archive.name}: its sha256 is "
            f"{hash_once(path)}, not {edition.archive.sha256}. Download it again."
        )


def unpack(path: Path, edition: Edition, into: Path) -> None:
    """Write the files of an edition into an empty folder, each with its size and hash in releases.json.

    Raises:
        DamagedDataError: the archive is incomplete or changed, or holds a link, a device, a path outside the folder, a
            file twice, an unknown file, or more bytes than the release has. Nothing is written outside `into`.
        OSError: a file cannot be written.
    """
    import zlib

    check_archive(path, edition)
    try:
        _unpack_all(path, edition, into)
    except DamagedDataError as error:
        raise DamagedDataError(f"{path} {error}. Do not use it; download the release again.") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DamagedDataError(f"{path} is not a complete archive: {error}. Download it again.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise DamagedDataError(f"{path} is not a gzip archive: {error}. Download it again.") from error
