"""The user's cache: one folder for each edition of a release, which is either complete or missing."""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import CacheError, CacheWarning

if TYPE_CHECKING:
    from collections.abc import Callable

_FULL = (errno.ENOSPC, errno.EDQUOT)
# A cache that cannot be written -> the temporary folder that replaces it until the process ends.
_stand_ins: dict[Path, Path] = {}


def cache_folder() -> Path:
    """Return `$ESPRESS_CACHE`, else `espress` in `$XDG_CACHE_HOME`, else in `~/.cache`; it need not exist."""
    if given := os.environ.get("ESPRESS_CACHE"):
        return Path(given).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says to ignore relative paths; a user without a home has no lasting cache.
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises an error if there is no home
    return (Path(shared) if Path(shared).is_absolute() else Path(home) / ".cache") / "espress"


def find_cached(name: str) -> Path | None:
    """Return the folder of that name in the cache, or in its temporary replacement; None if neither has it."""
    places = [_stand_ins.get(cache_folder(), cache_folder()), cache_folder()]
    return next((place / name for place in places if (place / name).is_dir()), None)


def _make_stand_in(error: OSError) -> Path:
    """Return a temporary folder that is removed when the process ends; warn on the first use."""
    if cache_folder() not in _stand_ins:
        folder = Path(tempfile.mkdtemp(prefix="espress-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _stand_ins[cache_folder()] = folder
        warnings.warn(
            f"The cache {cache_folder()} cannot be written ({error.strerror}), so each process unpacks the data "
            "again. Set ESPRESS_CACHE to a folder that can be written.",
            CacheWarning,
            stacklevel=2,
        )
    return _stand_ins[cache_folder()]


def _make_folder(name: str) -> Path:
    """Return a new folder in the cache, or in the temporary folder that replaces it if the cache cannot be written."""
    new = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        (cache_folder() / new).mkdir()
    except OSError as error:
        if error.errno in _FULL:
            raise
        folder = _make_stand_in(error) / new
        folder.mkdir()
        return folder
    return cache_folder() / new


def put(name: str, fill: Callable[[Path], None], instead_of: Path | None = None) -> Path:
    """Fill a new folder of the cache, rename it to `name` in one step, and return it.

    If two processes do this at the same time, both return the folder of the one that finished first.

    Args:
        name: the name of the folder in the cache.
        fill: function that writes into an empty folder; it raises an error if the result is damaged.
        instead_of: a damaged folder of that name, which is replaced.

    Raises:
        CacheError: the disk is full.
    """
    try:
        folder = _make_folder(name)
        try:
            fill(folder)
            return _name_folder(folder, name, instead_of)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise CacheError(
            f"No space left in {cache_folder()} for {name}; nothing was kept. Free some disk space, or set "
            "ESPRESS_CACHE to a folder on another disk."
        ) from error


def _name_folder(folder: Path, name: str, instead_of: Path | None) -> Path:
    final = folder.with_name(name)
    if instead_of == final:
        aside = folder.with_name(f"{folder.name}.old")
        with suppress(FileNotFoundError):  # another process finished first
            final.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
    try:
        folder.rename(final)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not final.is_dir():
            raise
    return final
