"""Builds that the system stops, and disks of our own to let it. Runs in the warm process, as all of faults.py."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.durability import faults
from tests.durability.faults import NEW, OLD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def may_mount() -> bool:
    """Return whether this process may have mounts of its own."""
    tried = (
        subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False) if sys.platform == "linux" else None
    )
    return tried is not None and tried.returncode == 0


MOUNTS = pytest.mark.skipif(not may_mount(), reason="needs the right to mount (root on Linux)")


@dataclass
class Ended:
    """How a build ended, what it left, and how the next one ended."""

    where: str  # the fault
    code: int
    said: str
    left: str
    beside: list[str]
    after: str | None = None  # what the next build left, and what was beside it, where one was run


def names_beside(dataset: Path) -> list[str]:
    """Return the names of what should not be there."""
    return [path.name for path in faults.leftovers(dataset)]


def try_build(
    dataset: Path, where: str, fault: Callable[[], object] = list, mend: Callable[[], object] | None = list
) -> Ended:
    """Build the new edition over what is there with a fault; then, unless `mend` is None, mend it and build again."""
    code, said = faults.command(dataset, NEW, fault)
    ended = Ended(where, code, said, faults.state(dataset), names_beside(dataset))
    if mend:
        mend()
        code = faults.build(dataset, NEW)
        ended.after = f"{faults.state(dataset)}, exit code {code}, beside {names_beside(dataset)}"
    return ended


def wrong(ended: list[Ended], dataset: Path, reason: str) -> list[Ended]:
    """Return those that did not end with exit code 2, what, where and what to do, and nothing lost or left over."""
    hints = ("espress-build: The build stopped: ", reason, str(dataset), "Free disk space", "espress-build run")
    return [
        one
        for one in ended
        if one.code != 2
        or not all(words in one.said for words in hints)
        or "Traceback" in one.said
        or one.left != OLD
        or one.beside
        or one.after not in (None, "new, exit code 0, beside []")
    ]


def own_mount(folder: Path, options: str) -> None:
    """Mount a file system in memory there, which only this process and its children see."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_namespace = 0x00020000  # CLONE_NEWNS, linux/sched.h
    if libc.unshare(new_namespace):
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def in_own_mount(folder: Path, options: str, work: Callable[[Path], Ended]) -> Ended:
    """Do something with a dataset on a mount, in a child, so that the mount goes with it; returns what it returns."""
    folder.mkdir(exist_ok=True)
    answer = folder.with_name("answer")

    def child() -> None:
        own_mount(folder, options)
        answer.write_text(json.dumps(vars(work(folder / "dataset"))), encoding="utf-8")

    assert faults.wait(faults.fork(child)) == 0
    return Ended(**json.loads(answer.read_text(encoding="utf-8")))


def remount(folder: Path, options: str) -> None:
    """Change a mount."""
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
