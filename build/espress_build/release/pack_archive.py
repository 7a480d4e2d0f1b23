"""Archives of a release: pack files reproducibly, and open datasets by folder, archive or number."""

from __future__ import annotations

import gzip
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.data.release_archive import check_archive, unpack
from espress.data.releases import known_releases
from espress.errors import DamagedDataError, DatasetMissingError, EspressError, UnknownNameError
from espress.files import hash_file, open_new
from espress_build.release.ledger import read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.releases import Edition


class ArchiveError(EspressError):
    """An archive is missing, or differs from its entry in releases.json."""


def archive_name(version: str, edition: str) -> str:
    """Return the file name of a release's archive."""
    return f"espress-{version}-{edition}.tar.gz"


def write_archive(folder: Path, path: Path) -> None:
    """Pack the files of a folder into a new archive, in order of their names, with fixed times, owners and modes."""
    home = path.name.removesuffix(".tar.gz")
    files = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    with (
        open_new(path) as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
        tarfile.TarFile("", "w", packed, format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, file in files:
            member = tarfile.TarInfo(f"{home}/{name}")
            member.size, member.mode = file.stat().st_size, 0o644
            with file.open("rb") as data:
                archive.addfile(member, data)


@contextmanager
def _open_archive(path: Path, edition: Edition) -> Iterator[Path]:
    with TemporaryDirectory(prefix="espress-") as folder:
        unpack(path, edition, Path(folder))
        yield Path(folder)


@contextmanager
def open_release(project: Path, version: str, edition: str) -> Iterator[Path]:
    """Unpack an edition of a project's release into a temporary folder, and yield that folder.

    Raises:
        UnknownNameError: there is no such release or edition.
        ArchiveError: the archive is missing or differs from its entry in releases.json.
    """
    releases = read_ledger(project)
    if version not in releases:
        raise UnknownNameError("release", version, list(releases), "You may also name a folder or an archive.")
    editions = releases[version].editions
    if edition not in editions:
        raise UnknownNameError("edition", edition, sorted(editions), f"Release {version} has these.")
    path = project / "releases" / "archives" / editions[edition].archive.name
    if not path.is_file():
        raise ArchiveError(
            f"{path} is missing, so nothing can be compared with release {version}. Download it from where the release "
            f"was published, or restore it: git checkout HEAD -- {path}"
        )
    try:
        check_archive(path, editions[edition])
    except DamagedDataError as error:
        raise ArchiveError(f"{error} Or restore it and releases.json: git checkout HEAD -- releases") from error
    with _open_archive(path, editions[edition]) as folder:
        yield folder


def _find_edition(path: Path, project: Path) -> Edition:
    """Return the edition whose archive has the file's hash; else the one with its name, to report the difference."""
    releases = known_releases() | read_ledger(project)
    editions = [edition for release in releases.values() for edition in release.editions.values()]
    digest = hash_file(path)
    for edition in editions:
        if edition.archive.sha256 == digest:
            return edition
    for edition in editions:
        if edition.archive.name == path.name:
            return edition
    raise DatasetMissingError(f"{path} is not an archive of a known release. Unpack it and name the folder instead.")


@contextmanager
def open_dataset(name: str, project: Path) -> Iterator[Path]:
    """Yield the dataset folder for a folder, a release's archive, or a release such as `0.1.0` or `0.1.0:open`.

    Raises:
        UnknownNameError: there is no release with this number.
        ArchiveError: the release's archive is missing or differs from its entry in releases.json.
        DamagedDataError: the archive cannot be read.
        DatasetMissingError: there is no such folder or file, or the archive belongs to no release.
    """
    path = Path(name)
    version, _, edition = name.partition(":")
    if path.is_dir():
        yield path
    elif path.is_file():
        with _open_archive(path, _find_edition(path, project)) as folder:
            yield folder
    elif version[:1].isdigit() and "/" not in name:
        with open_release(project, version, edition or "full") as folder:
            yield folder
    else:
        raise DatasetMissingError(f"{name} is not a dataset: there is no such folder or archive.")
