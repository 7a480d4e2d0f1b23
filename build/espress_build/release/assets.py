"""Write the files attached to a release, for each edition: wheel, archive, and a zip file of all tables per format."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.integrity import identify
from espress.errors import EspressError
from espress.exporters.zip_file import export_zip
from espress.files import new_folder
from espress_build.open_edition.edition import open_edition
from espress_build.release.ledger import read_ledger
from espress_build.release.pack_archive import archive_name, open_release, write_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("csv", "dta", "sav", "xlsx", "sqlite", "duckdb")


class WheelError(EspressError):
    """The wheel cannot be built."""


def write_wheel(project: Path, dataset: Path, into: Path) -> Path:
    """Build the wheel of a project with the given dataset folder in it, and return its path.

    Raises:
        WheelError: the build backend is missing or failed; the message holds its output.
    """
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    about = settings["project"]
    needed = {"pyproject.toml", about["readme"], *about["license-files"], *wheel["packages"], *wheel["force-include"]}
    with tempfile.TemporaryDirectory(prefix="espress-wheel-") as work:
        for name in sorted(needed):
            source, target = dataset if name == "dataset" else project / name, Path(work) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)
        into.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into.absolute())]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise WheelError(f"The wheel cannot be built. Type: make corpus\n{done.stdout}{done.stderr}")
    return into / f"espress-{about['version']}-py3-none-any.whl"


@contextmanager
def _open_editions(project: Path, dataset: Path) -> Iterator[dict[str, Path]]:
    """Yield the folder of each edition: those of the release if the dataset is one, else made from the dataset."""
    version, releases = identify(dataset).version, read_ledger(project)
    with ExitStack() as stack:
        if version in releases:
            names = releases[version].editions
            yield {name: stack.enter_context(open_release(project, version, name)) for name in names}
            return
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="espress-open-")))
        open_edition(dataset, work / "open")
        yield {"full": dataset, "open": work / "open"}


def write_assets(project: Path, dataset: Path) -> list[Path]:
    """Write `releases/assets/full` and `releases/assets/open`, and return the paths of their files.

    The open edition holds no article texts, so it is the one to publish; the full edition is for those who may pass on
    the texts.

    Raises:
        InputError, MissingLibraryError: a format cannot be written.
        WheelError: the wheel cannot be built.
        ArchiveError: the archive of the release is missing or changed.
    """
    version, home = identify(dataset).version, project / "releases" / "assets"
    home.mkdir(parents=True, exist_ok=True)
    written = []
    with _open_editions(project, dataset) as editions:
        for name, folder in editions.items():
            shutil.rmtree(home / name, ignore_errors=True)
            with new_folder(home / name) as place:
                write_wheel(project, folder, place)
                write_archive(folder, place / archive_name(version, name))
                for form in FORMATS:
                    export_zip(form, place / f"espress-{version}-{name}-{form}.zip", source=folder)
            written += sorted((home / name).iterdir())
    return written
