"""Writing that survives a crash: whole files, synced, and one atomic exchange of the old dataset for the new one."""

from __future__ import annotations

import ctypes
import errno
import glob
import io
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from espress.data.releases import SUMS
from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS


class BuildRunningError(EspressError):
    """Another build holds the lock."""


class TargetError(EspressError):
    """The dataset cannot take the place that was named, or would take it from something else."""


def reached(_point: str) -> None:
    """Do nothing. Called before each operation on the disk, so that tests can stop the build at every one."""


class _Watched(io.FileIO):
    """A file whose writes are points at which a test can stop the build."""

    def write(self, data: Any) -> int:
        """Write all of the data, or raise."""
        reached("write")
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        return done


@contextmanager
def new_file(path: Path) -> Iterator[io.FileIO]:
    """Open a new file for writing, in a folder made as needed; on leaving, its bytes are on the disk.

    Raises:
        OSError: the system refused something; it names the file, which the error of a bare write does not.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _Watched(path, "x") as file:
            yield file
            reached("fsync")
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new file."""
    with new_file(path) as file:
        file.write(data)


def replace_bytes(path: Path, data: bytes) -> None:
    """Let a file have other bytes in one step: whoever reads it sees the old ones or the new ones, whole."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    write_bytes(beside, data)
    reached("rename")
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "nt":
        return
    reached("fsync")
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(first: Path, second: Path) -> bool:
    """Exchange two names in one system call; False where the system or the file system cannot."""
    if sys.platform.startswith("linux"):
        name, arguments = "renameat2", (_AT_FDCWD, bytes(first), _AT_FDCWD, bytes(second), _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        name, arguments = "renamex_np", (bytes(first), bytes(second), _RENAME_SWAP)
    else:
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if call is None:
        return False
    reached("rename")
    if call(*arguments) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM):  # EPERM: what sandboxes say to a new call
        return False
    raise OSError(code, os.strerror(code), str(second))


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")


def staging(target: Path) -> Path:
    """Return the folder beside `target` in which its successor is made."""
    return target.with_name(f".{target.name}-new")


@contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """Make a folder beside `target` for what a build puts aside; `recover` removes it if the build is killed."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-aside-", dir=target.parent) as folder:
        yield Path(folder)


def check_target(target: Path) -> None:
    """Refuse a place that the new dataset must not take; what it takes is removed, so it must be a dataset or nothing.

    Raises:
        TargetError: it is a file or a link, or holds what no SHA256SUMS in it names, or is protected from writing.
    """
    hint = "Move it away, or name another place with --dataset DIR."
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        what = "a symbolic link" if target.is_symlink() else "no folder"
        raise TargetError(f"{target} is {what}, and the dataset must be a folder. {hint}")
    if not target.exists():
        return
    inside = sorted(target.iterdir())
    sums = target / SUMS
    named = sums.read_text(encoding="utf-8", errors="replace") if sums.is_file() else ""
    if foreign := [path.name for path in inside if path.name != SUMS and f"  {path.name}" not in named]:
        raise TargetError(f"{target} holds what belongs to no dataset, and would be lost: {', '.join(foreign)}. {hint}")
    for folder in (target, *(path for path in inside if path.is_dir())):
        if not os.access(folder, os.W_OK):
            raise TargetError(
                f"{folder} is write-protected. Allow writing (chmod -R u+w {target}), or use --dataset DIR."
            )


def recover(target: Path) -> None:
    """Put back what a build left that was stopped: the old dataset if the exchange had begun; then clear the rest."""
    old = _aside(target)
    if old.exists() and not target.exists():
        reached("rename")
        old.rename(target)
        sync_folder(target.parent)
    for leftover in (old, staging(target), *target.parent.glob(f".{glob.escape(target.name)}-aside-*")):
        if leftover.exists():
            reached("remove")
            shutil.rmtree(leftover)


def exchange(target: Path) -> None:
    """Make the staged folder the target, in one atomic step where the system has one.

    Elsewhere the old folder is moved aside first; if the build stops right then, `recover` puts it back.
    """
    new, old = staging(target), _aside(target)
    if not target.exists():
        reached("rename")
        new.rename(target)
    elif not _swap(new, target):
        reached("rename")
        target.rename(old)
        reached("rename")
        new.rename(target)
    sync_folder(target.parent)
    recover(target)


@contextmanager
def only_build(target: Path) -> Iterator[None]:
    """Hold the lock on a target, so that two builds of it never meet.

    Raises:
        BuildRunningError: another build holds it.
    """
    lock = target.with_name(f"{target.name}.lock")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise BuildRunningError(
            f"Another build of {target} is running (it holds {lock}). Wait for it to end."
        ) from error
