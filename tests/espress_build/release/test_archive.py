"""Archives have the same bytes for the same files, and unpack to these files."""

from __future__ import annotations

import os
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest

from espress_build.release.pack_archive import archive_name, write_archive

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def archive(project: Path, tmp_path: Path) -> Path:
    path = tmp_path / archive_name("0.1.0", "full")
    write_archive(project / "dataset", path)
    return path


def test_times_modes_and_order_of_files_do_not_change_the_bytes(project: Path, archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    for path in sorted((project / "dataset").rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(project / "dataset")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            os.utime(target, (1, 2**31))
            target.chmod(0o600)
    again = tmp_path / "again" / archive.name
    write_archive(copy, again)
    assert again.read_bytes() == archive.read_bytes()


def test_members_are_below_one_folder_named_after_the_release(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        members = packed.getmembers()
    assert {member.name.split("/")[0] for member in members} == {"espress-0.1.0-full"}
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members} == {(0, 0, 0, "", 0o644)}


def test_an_archive_is_not_overwritten(project: Path, archive: Path) -> None:
    with pytest.raises(FileExistsError):
        write_archive(project / "dataset", archive)
