"""Open the last release of a project, with which level 5 compares a new dataset."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.data.release_archive import unpack
from espress.data.releases import read_releases
from espress.errors import DamagedDataError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def open_last_release(project: Path) -> Iterator[tuple[Path | None, str]]:
    """Yield the full edition of a project's last release in a temporary folder; or None and the reason.

    Level 5 ignores builds that were not released: ids that only they have may be removed or renamed.
    """
    path = project / "releases" / "releases.json"
    releases = read_releases(path) if path.is_file() else {}
    newest = next(reversed(releases), None)
    if newest is None or "full" not in releases[newest].editions:
        yield None, "there is no release to compare with"
        return
    edition = releases[newest].editions["full"]
    archive = project / "releases" / "archives" / edition.archive.name
    with TemporaryDirectory(prefix="espress-") as folder:
        try:
            unpack(archive, edition, Path(folder))
        except FileNotFoundError:
            yield None, f"{archive} is missing"
        except DamagedDataError as error:
            yield None, str(error)
        except OSError as error:
            yield None, f"{archive} cannot be unpacked to {folder}: {error}"
        else:
            yield Path(folder), ""
