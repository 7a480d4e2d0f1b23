"""Exchange the old dataset for a new one in one atomic step, under a lock, so that a crash loses neither dataset."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from espress.data.releases import SUMS
from espress.errors import EspressError
from espress.files import sync_folder
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS


class BuildRunningError(EspressError):
    """Another build holds the lock."""


class TargetError(EspressError):
    """The dataset cannot be written to the target folder, or would replace something else there."""


def _swap(first: Path, second: Path) -> bool:
    """Exchange two names in one system call; returns False if the system or the file system cannot."""
    if sys.platform.startswith("linux"):
        name, arguments = "renameat2", (_AT_FDCWD, bytes(first), _AT_FDCWD, bytes(second), _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        name, arguments = "renamex_np", (bytes(first), bytes(second), _RENAME_SWAP)
    else:
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if call is None:
        return False
    if call(*arguments) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM):  # sandboxes return EPERM for unknown calls
        return False
    raise OSError(code, os.strerror(code), str(second))


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")


def staging(target: Path) -> Path:
    """Return the folder next to `target` in which the next dataset is built."""
    return target.with_name(f".{target.name}-new")


@contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """Make a temporary folder next to `target`.

    If the build is killed, the next build removes the folder with `recover`.
    """
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-aside-", dir=target.parent) as folder:
        yield Path(folder)


def find_foreign(target: Path) -> list[str]:
    """Return the paths below a folder that its SHA256SUMS does not list; the exchange would delete them."""
    sums = target / SUMS
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines() if sums.is_file() else []
    listed = {SUMS, *(line.split("  ", 1)[-1] for line in lines)}
    inner = {parent.as_posix() for name in listed for parent in Path(name).parents}
    foreign = []
    for folder, folders, files in os.walk(target):
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            place = path.relative_to(target).as_posix()
            if place not in (inner if path.is_dir() and not path.is_symlink() else listed):
                foreign.append(place)
        folders[:] = [name for name in folders if Path(folder, name).relative_to(target).as_posix() in inner]
    return foreign


def check_target(target: Path) -> None:
    """Raise unless `target` is missing, empty or an ESPRESS dataset: the build replaces it.

    Raises:
        TargetError: it is a file or a link, holds files that no SHA256SUMS lists, or is write-protected.
    """
    hint = "Move it away, or name another folder with --dataset DIR."
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        what = "a symbolic link" if target.is_symlink() else "not a folder"
        raise TargetError(f"{target} is {what}, and the dataset must be a folder. {hint}")
    if not target.exists():
        return
    if foreign := find_foreign(target):
        raise TargetError(f"{target} holds files that are not part of a dataset and would be lost: "
                          f"{join_few(foreign)}. {hint}")  # fmt: skip
    for folder in (target, *(path for path in sorted(target.iterdir()) if path.is_dir())):
        if not os.access(folder, os.W_OK):
            raise TargetError(
                f"{folder} is write-protected. Allow writing (chmod -R u+w {target}), or use --dataset DIR."
            )


def recover(target: Path) -> None:
    """Clean up after a stopped build: restore the old dataset if the exchange had begun, then remove all leftovers."""
    old = _aside(target)
    if old.exists() and not target.exists():
        old.rename(target)
        sync_folder(target.parent)
    for leftover in (old, staging(target), *target.parent.glob(f".{glob.escape(target.name)}-aside-*")):
        if leftover.exists():
            shutil.rmtree(leftover)


def exchange(target: Path) -> None:
    """Replace the target by the staged folder, in one atomic step if the system supports it.

    Otherwise the old folder is moved aside first; if the build stops between the two steps, `recover` restores it.
    """
    new, old = staging(target), _aside(target)
    if not target.exists():
        new.rename(target)
    elif not _swap(new, target):
        target.rename(old)
        new.rename(target)
    sync_folder(target.parent)
    recover(target)


@contextmanager
def only_build(target: Path) -> Iterator[None]:
    """Hold the lock on a target, so that no two builds of it run at the same time.

    Raises:
        BuildRunningError: another build holds the lock.
    """
    lock = target.with_name(f"{target.name}.lock")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise BuildRunningError(
            f"Another build of {target} is running (it holds {lock}). Wait until it has ended."
        ) from error
