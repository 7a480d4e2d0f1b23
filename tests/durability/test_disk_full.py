"""A full disk, with errors by the kernel itself, wherever in the build they strike."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.disk_points import watch_disk
from tests.durability import faults
from tests.durability.faults import NEW, OLD
from tests.durability.running import quick
from tests.durability.stopping import LINUX, MOUNTS, Ended, in_own_mount, names_beside, remount, try_build, wrong
from tests.helpers import PROJECT

from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.durability.running import Warm

FULL = os.strerror(errno.ENOSPC)
EVERY, AGAIN_EVERY = 150, 4  # of several hundred writes, which differ in their number and their file
LAST = 16  # writes: the files beside the tables, which take one or two each


# The device is full from the n-th write on.


class FillingUp:
    """Puts /dev/full in the place of the file that is being written, from one write on."""

    def __init__(self, staged: Path, at: int) -> None:
        """Take the folder whose files are meant, and the number of the write."""
        self.staged, self.at, self.count = staged, at, 0

    def start(self) -> None:
        """Begin to count."""
        watch_disk(self.reached)

    def reached(self, kind: str) -> None:
        """Count a write."""
        self.count += kind == "write"
        if kind == "write" and self.count > self.at >= 0:
            for handle in self.open_files():
                os.dup2(os.open("/dev/full", os.O_WRONLY), handle)

    def open_files(self) -> Iterator[int]:
        """Yield the handles of files below the folder."""
        for handle in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # the handle of the listing itself is gone
                if handle.readlink().is_relative_to(self.staged):
                    yield int(handle.name)


def fill_up(dataset: Path) -> list[Ended]:
    """Let the device be full from every `EVERY`-th write on; every `AGAIN_EVERY`-th time mend it and build again."""
    counted, answer = FillingUp(dataset_swap.staging(dataset), -1), dataset.with_name("raw")
    faults.put(dataset, OLD)
    assert faults.build(dataset, NEW, faults.ATOMIC, counted.start, lambda: answer.write_text(str(counted.count))) == 0
    writes = int(answer.read_text(encoding="utf-8"))
    ended = []
    for number, at in enumerate(sorted({*range(0, writes, EVERY), *range(writes - LAST, writes)})):
        if number % AGAIN_EVERY == 0:
            faults.put(dataset, OLD)
        mend = list if number % AGAIN_EVERY == AGAIN_EVERY - 1 else None
        ended.append(try_build(dataset, f"write {at}", FillingUp(dataset_swap.staging(dataset), at).start, mend))
    return ended


@LINUX
def test_a_device_that_is_full_at_any_write(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(fill_up, tmp_path / "dataset")
    print(f"\nthe device was full at {len(ended)} different writes")
    assert wrong(ended, tmp_path / "dataset", FULL) == []
    assert len(ended) > LAST
    named = {one.said.split(".dataset-new/")[1].split("'")[0] for one in ended}
    assert {
        "data/articles.parquet",
        "README.md",
        "incidents.json",
        "SHA256SUMS",
    } <= named  # each message names its file


# Files may not grow.


def limit_files(dataset: Path) -> list[Ended]:
    """Forbid files above some sizes; Python ignores the signal that comes with it."""
    ended = []
    for size in (0, 300, 4000, 12_000, 50_000):
        faults.put(dataset, OLD)
        forbid = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
        ended.append(try_build(dataset, f"{size} bytes", forbid))
    return ended


def test_files_that_may_not_grow(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(limit_files, tmp_path / "dataset")
    assert wrong(ended, tmp_path / "dataset", os.strerror(errno.EFBIG)) == []


# A small disk.


def kibibytes(name: str) -> int:
    """Return the room that an edition's dataset takes on a disk that gives pages of 4 KiB."""
    return sum(4 * -(-path.stat().st_size // 4096) for path in faults.edition(name).dataset.rglob("*"))


def small_disks(folder: Path) -> list[Ended]:
    """Build on disks that hold the old dataset and a part of the new one, from hardly any to all of it."""

    def work(dataset: Path) -> Ended:
        faults.put(dataset, OLD)
        return try_build(dataset, "small disk", mend=partial(remount, folder, "size=64m"))

    old, new = kibibytes(OLD), kibibytes(NEW)
    return [in_own_mount(folder, f"size={old + 40 + part * new // 9}k", work) for part in range(0, 10, 2)]


@MOUNTS
def test_small_disks(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(small_disks, tmp_path / "small")
    stopped = [one for one in ended if one.code]
    print(f"\nof {len(ended)} small disks, {len(stopped)} were too small")
    assert wrong(stopped, tmp_path / "small" / "dataset", FULL) == []
    assert len(stopped) >= 3
    assert {one.left for one in ended if not one.code} <= {NEW}


def real_stages(folder: Path) -> Ended:
    """Type the command, stages and all, on a disk that holds the old dataset and little else."""

    def work(dataset: Path) -> Ended:
        faults.put(dataset, OLD)
        command = quick("--", f"--project={faults.edition(NEW).project}", f"--dataset={dataset}", "run", "--workers=1")
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        return Ended("stages", done.returncode, done.stderr, faults.state(dataset), names_beside(dataset))

    return in_own_mount(folder, f"size={kibibytes(OLD) + 64}k", work)


@MOUNTS
def test_a_disk_too_small_for_what_the_stages_put_aside(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(real_stages, tmp_path / "tiny")
    assert wrong([ended], tmp_path / "tiny" / "dataset", FULL) == []
    assert ".dataset-new" not in ended.said  # it did not come so far
