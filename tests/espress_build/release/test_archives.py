"""Archives: the same bytes from the same files, and nothing in them is taken on trust."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.errors import DamagedDataError
from espress_build.release.archive import archive_name, opened, unpack, write_archive
from espress_build.release.clone import differing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def archive(project: Path, tmp_path: Path) -> Path:
    path = tmp_path / archive_name("0.1.0", "full")
    write_archive(project / "dataset", path)
    return path


def test_an_archive_unpacks_to_the_same_files(project: Path, archive: Path) -> None:
    with opened(archive) as folder:
        assert differing(folder, project / "dataset") == []
    assert not folder.exists()


def test_clock_rights_and_order_leave_no_mark(project: Path, archive: Path, tmp_path: Path) -> None:
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


def test_members_lie_below_one_folder_named_after_the_release(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        members = packed.getmembers()
    assert {member.name.split("/")[0] for member in members} == {"espress-0.1.0-full"}
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members} == {(0, 0, 0, "", 0o644)}


def test_an_archive_is_not_written_over(project: Path, archive: Path) -> None:
    with pytest.raises(FileExistsError):
        write_archive(project / "dataset", archive)


def member(name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of an archive, as somebody with bad intentions writes it."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, "/etc/passwd", len(data) if kind == tarfile.REGTYPE else 0
    return info, data


@pytest.mark.parametrize(
    "members",
    [
        [member("espress/../../climbed")],
        [member("/espress/absolute")],
        [member("espress/link", tarfile.SYMTYPE)],
        [member("espress/link", tarfile.LNKTYPE)],
        [member("espress/device", tarfile.CHRTYPE)],
        [member("espress/folder", tarfile.DIRTYPE)],
        [member("espress")],
        [member("espress/back\\slash")],
        [member("espress/a"), member("espress/a")],
        [member("espress/a")],
    ],
)
def test_what_a_dataset_never_holds_is_refused(members: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path) -> None:
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for info, data in members:
            packed.addfile(info, io.BytesIO(data))
    with pytest.raises(DamagedDataError, match=r"bad\.tar\.gz"):
        unpack(path, tmp_path / "into")
    assert not (tmp_path / "climbed").exists()


@settings(derandomize=True, deadline=None, database=None, max_examples=25)
@given(share=st.floats(0, 0.999))
def test_an_archive_that_is_cut_off_is_told(share: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cut")
    (folder / "dataset").mkdir()
    (folder / "dataset" / "SHA256SUMS").write_bytes(os.urandom(3000))
    write_archive(folder / "dataset", folder / "whole.tar.gz")
    data = (folder / "whole.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DamagedDataError, match=r"cut\.tar\.gz"):
        unpack(folder / "cut.tar.gz", folder / "into")
