"""Where an export goes: written beside its place and moved there when whole, so nothing half-written is ever seen."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def draft(home: Path) -> Iterator[Path]:
    """Give a folder below `home` to write in; it is gone afterwards, whatever happens.

    Raises:
        InputError: the folder cannot be made, or writing in it failed, for want of space or of rights.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".espress-export-", dir=home))
    except OSError as error:
        raise _unwritten(home, error) from error
    try:
        yield folder
    except OSError as error:
        raise _unwritten(home, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unwritten(home: Path, error: OSError) -> InputError:
    todo = "Nothing was left behind. Name a place that can be written to and has room, with --out."
    return InputError([f"The export cannot be written to {home}: {error.strerror or error}. {todo}"])


def home_of(target: Path, *, together: bool) -> Path:
    """Return the existing folder in which to write a file, or a folder of files; raises InputError if there is none."""
    home = target if target.is_dir() and not together else target.parent
    if not home.is_dir():
        raise InputError([f"The export cannot be written to {target}: there is no folder {home}. Make it first."])
    return home


def refuse_existing(paths: list[Path], *, overwrite: bool) -> None:
    """Raise InputError if something stands where a file would go and must not be replaced."""
    folders = [path for path in paths if path.is_dir()]
    there = folders or [path for path in paths if path.exists() and not overwrite]
    if there:
        more = f" and {len(there) - 1:,} more" if len(there) > 1 else ""
        todo = "Name another place" if folders else "Name another place with --out, or add --overwrite"
        raise InputError([f"{there[0]} exists{more}; nothing was written. {todo}."])


def move(files: list[Path], folder: Path) -> None:
    """Move whole files to the folder, which is made if need be; each replaces its namesake in one step."""
    folder.mkdir(exist_ok=True)
    for file in files:
        file.replace(folder / file.name)
