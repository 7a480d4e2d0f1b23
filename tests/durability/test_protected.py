"""Places that may not be written to, and sources that may not be read: refused with a message, nothing lost."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import struct
import subprocess
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from tests.durability import faults
from tests.durability.faults import OLD
from tests.durability.stopping import LINUX, MOUNTS, Ended, in_own_mount, remount, try_build, wrong
from tests.helpers import copy_project

from espress_build import build
from espress_build.pipeline import runner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.durability.running import Warm


def read_only_disk(folder: Path) -> Ended:
    """Build where the whole disk is read-only."""

    def work(dataset: Path) -> Ended:
        faults.put(dataset, OLD)
        remount(folder, "ro")
        return try_build(dataset, "read-only", mend=partial(remount, folder, "rw"))

    return in_own_mount(folder, "size=64m", work)


@MOUNTS
def test_a_read_only_disk(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(read_only_disk, tmp_path / "protected")
    assert ended.code == 2
    assert "write-protected" in ended.said
    assert str(tmp_path / "protected" / "dataset") in ended.said
    assert (ended.left, ended.beside, ended.after) == (OLD, [], "new, exit code 0, beside []")


def mounted_dataset(folder: Path) -> Ended:
    """Build where the dataset is a mount of its own, as in a container: it can be neither moved nor exchanged."""

    def work(dataset: Path) -> Ended:
        dataset.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", dataset], check=True)
        shutil.copytree(faults.edition(OLD).dataset, dataset, dirs_exist_ok=True)
        return try_build(dataset, "mounted", mend=None)

    return in_own_mount(folder, "size=64m", work)


@MOUNTS
def test_a_dataset_that_is_a_mount_is_left_alone(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(mounted_dataset, tmp_path / "around")
    assert wrong([ended], tmp_path / "around" / "dataset", os.strerror(errno.EBUSY)) == []


# Protected folders. Root may write everywhere, so its right to is dropped first.


def drop_rights() -> None:
    """Give up the right of root to write and read what its modes forbid."""
    if os.geteuid():
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)  # linux/capability.h, version 3
    assert libc.capget(header, data) == 0
    sets = list(struct.unpack("6I", data.raw))
    overrides = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    sets[:2] = [word & ~overrides for word in sets[:2]]
    assert libc.capset(header, struct.pack("6I", *sets)) == 0


def protect(dataset: Path, name: str) -> Ended:
    """Build where this folder may not be written to."""
    faults.put(dataset, OLD)
    folder = (dataset / name).resolve()
    folder.chmod(0o555)
    try:
        return try_build(dataset, name, drop_rights, partial(folder.chmod, 0o755))
    finally:
        folder.chmod(0o755)


@LINUX
@pytest.mark.parametrize("name", ["..", ".", "data"])
def test_a_protected_folder(warm: Warm, tmp_path: Path, name: str) -> None:
    dataset = tmp_path / "around" / "dataset"
    ended = warm.do(protect, dataset, name)
    if name == "..":
        assert wrong([ended], dataset, os.strerror(errno.EACCES)) == []
    else:
        assert f"chmod -R u+w {dataset}" in ended.said
        assert (ended.code, ended.left, ended.beside) == (2, OLD, [])
        assert ended.after == "new, exit code 0, beside []"


def unreadable(dataset: Path) -> Ended:
    """Build where one source may not be read."""
    faults.put(dataset, OLD)
    project = copy_project(dataset.with_name("raw"))
    source = min((project / "raw" / "articles").iterdir()) / "source.txt"
    source.chmod(0)

    def fault() -> None:
        drop_rights()
        mock.patch.object(build.Places, "raw", project / "raw").start()
        mock.patch.object(build, "run", runner.run).start()

    return try_build(dataset, str(source), fault, None)


@LINUX
def test_a_source_that_may_not_be_read(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(unreadable, tmp_path / "dataset")
    assert ended.where in ended.said
    assert wrong([ended], tmp_path / "dataset", os.strerror(errno.EACCES)) == []
