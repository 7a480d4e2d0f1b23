"""What a command may be given where it wants a dataset: a folder, an archive, or the number of a release."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import DatasetMissingError, UnknownNameError
from espress_build.release import archive, releases_json

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def found(name: str, project: Path) -> Iterator[Path]:
    """Yield the dataset folder that a name stands for; archives and releases are unpacked for as long as it is used.

    A release is looked for below `project`, by number, its edition behind a colon: `0.1.0` or `0.1.0:open`.

    Raises:
        UnknownNameError: it is the number of no release.
        ArchiveError: the release's archive is missing or not what releases.json says.
        DamagedDataError: the archive cannot be read.
        DatasetMissingError: there is no such folder or file.
    """
    path = Path(name)
    if path.is_dir():
        yield path
        return
    if path.is_file():
        with archive.opened(path) as folder:
            yield folder
        return
    version, _, edition = name.partition(":")
    if not version[:1].isdigit() or "/" in name:
        raise DatasetMissingError(f"{name} holds no dataset: there is no such folder or archive.")
    releases = releases_json.recorded(project)
    if version not in releases:
        raise UnknownNameError("release", version, list(releases), "A folder or an archive may be named instead.")
    home = project / "releases" / "archives"
    with archive.opened(archive.checked(home, releases[version], edition or "full")) as folder:
        yield folder
