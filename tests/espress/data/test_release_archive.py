"""Archives that cannot be trusted, even when releases.json names their hash; and a cache that cannot take them."""

from __future__ import annotations

import errno
import gzip
import os
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.data.small_world import World, members_of, packed, plain

import espress
from espress.errors import CacheError, CacheWarning, DamagedDataError

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = "espress-0.1.0-full"
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def world(world: World) -> World:
    """The installation with one release."""
    world.release("0.1.0")
    return world


def _refused(world: World, match: str) -> None:
    """Assert that the archive is refused, and that nothing of it is left anywhere."""
    before = {path for path in world.home.rglob("*") if world.cache not in (path, *path.parents)}
    with pytest.raises(DamagedDataError, match=match):
        espress.load(version="0.1.0")
    assert {path for path in world.home.rglob("*") if world.cache not in (path, *path.parents)} == before
    assert not list(world.cache.glob("*"))
    assert not list(Path("/tmp").glob("espress-escaped*"))  # noqa: S108


def _special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def _with(extra: tuple[tarfile.TarInfo, bytes]) -> Callable[[Members], Members]:
    return lambda members: [extra, *members]


_NAMED = f"{HOME}/data/articles.parquet"
_EVIL: dict[str, tuple[Callable[[Members], Members], str]] = {
    "symlink": (_with(_special(_NAMED, tarfile.SYMTYPE, "/etc/passwd")), "holds .*articles.parquet"),
    "hard link": (_with(_special(_NAMED, tarfile.LNKTYPE, "/etc/passwd")), "holds .*articles.parquet"),
    "device": (_with(_special(_NAMED, tarfile.CHRTYPE)), "holds .*articles.parquet"),
    "pipe": (_with(_special(_NAMED, tarfile.FIFOTYPE)), "holds .*articles.parquet"),
    "folder": (_with(_special(_NAMED, tarfile.DIRTYPE)), "holds .*articles.parquet"),
    "climbing": (_with(plain(f"{HOME}/../../espress-escaped", b"x")), "holds .*escaped"),
    "absolute": (_with(plain("/tmp/espress-escaped", b"x")), "holds .*escaped"),  # noqa: S108
    "not named": (_with(plain(f"{HOME}/data/more.parquet", b"x")), "holds .*more.parquet"),
    "below another folder": (lambda members: [plain("other/README.md", b"x"), *members], "holds 'other/README.md'"),
    "twice": (lambda members: [members[0], *members], "holds .*README.md"),
    "one missing": (lambda members: members[1:], "lacks .*README.md"),
    "other size": (
        lambda members: [plain(members[0][0].name, b"short"), *members[1:]],
        "holds README.md with 5 bytes, not",
    ),
    "other bytes": (
        lambda members: [plain(members[0][0].name, members[0][1].upper()), *members[1:]],
        "README.md with sha256",
    ),
    "nothing": (lambda _: [], "lacks"),
}


@pytest.mark.parametrize("what", _EVIL)
def test_an_archive_with_anything_but_the_named_files_is_refused(world: World, what: str) -> None:
    change, match = _EVIL[what]
    world.pack("0.1.0", change(members_of(world.home / "made" / "0.1.0-full", HOME)))
    _refused(world, match)


def test_a_header_or_a_tail_that_unpacks_without_end_is_cut_off(world: World) -> None:
    path, sound = world.archive("0.1.0"), world.archive("0.1.0").read_bytes()
    bomb = tarfile.TarInfo(_NAMED)
    bomb.pax_headers = {"comment": "0" * 50_000_000}
    world.pack("0.1.0", [(bomb, b"")], form=tarfile.PAX_FORMAT)
    assert path.stat().st_size < 100_000
    _refused(world, "unpacks to more bytes than the release has")
    path.write_bytes(sound + gzip.compress(bytes(50_000_000)))
    world.record_archive("0.1.0", path)
    _refused(world, "unpacks to more bytes than the release has")


@pytest.mark.parametrize("part", [0, 10, 0.5, 0.99])
def test_a_truncated_archive_is_refused(world: World, part: float) -> None:
    path = world.archive("0.1.0")
    data = path.read_bytes()
    path.write_bytes(data[: int(part if part > 1 else part * len(data))])
    _refused(world, rf"is incomplete: \d+ of {len(data)} bytes. Download it again")
    world.record_archive("0.1.0", path)  # and when the list of releases lies about it
    _refused(world, "is not a complete archive|is not a gzip archive|lacks")


def test_an_archive_with_a_changed_byte_is_refused_with_both_hashes(world: World) -> None:
    path = world.archive("0.1.0")
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    _refused(world, "differs from the released archive espress-0.1.0-full.tar.gz: its sha256 is .* not ")


def test_an_archive_may_lie_anywhere_and_have_any_name(world: World, tmp_path: Path) -> None:
    moved = world.archive("0.1.0").rename(tmp_path / "download")
    assert espress.load(source=moved, as_="arrow").num_rows == 30
    assert espress.load(source=str(moved), as_="arrow", version="0.1.0", edition="full").num_rows == 30
    with pytest.raises(DamagedDataError, match=r"is not the archive of open that this installation knows"):
        espress.load(source=moved, edition="open")
    other = tmp_path / "other.tar.gz"
    other.write_bytes(packed([plain("x", b"")]))
    with pytest.raises(DamagedDataError, match=r"other.tar.gz \(sha256 .*any release.*a newer wheel than espress-"):
        espress.load(source=other)


def _forbid(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """Have the system refuse to make folders below one, as on a read-only disk (root may write anywhere)."""
    make = Path.mkdir

    def refuse(self: Path, *given: Any, **named: Any) -> None:
        if folder in (self, *self.parents):
            raise OSError(number, os.strerror(number), str(self))
        make(self, *given, **named)

    monkeypatch.setattr(Path, "mkdir", refuse)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_temporary_folder_replaces_a_cache_that_cannot_be_written_with_one_warning(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    _forbid(monkeypatch, world.cache, number)
    with pytest.warns(CacheWarning, match=f"{world.cache} cannot be written .*ESPRESS_CACHE"):
        assert espress.load(version="0.1.0", as_="arrow").num_rows == 30
    world.archive("0.1.0").unlink()
    world.release("0.1.1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert espress.load(version="0.1.0", as_="arrow").num_rows == 30  # from the stand-in, in the same process
        assert espress.load(version="0.1.1", as_="arrow").num_rows == 30
    assert not world.cache.exists()


def test_a_temporary_folder_replaces_a_cache_that_is_a_file(world: World) -> None:
    world.cache.write_bytes(b"")
    with pytest.warns(CacheWarning):
        espress.load(version="0.1.0", as_="arrow")


def test_a_full_disk_leaves_no_files_in_the_cache(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CacheError, match=r"No space left in .*cache for 0.1.0-full.*set ESPRESS_CACHE"):
        espress.load(version="0.1.0")
    assert not list(world.cache.iterdir())
    monkeypatch.undo()


def test_a_cache_behind_a_symbolic_link_is_used(world: World, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    world.cache.symlink_to(tmp_path / "disk")
    espress.load(version="0.1.0", as_="arrow")
    assert (tmp_path / "disk" / "0.1.0-full" / "SHA256SUMS").is_file()


_LOAD = """
import sys; from pathlib import Path; import espress.paths as p
p._PACKAGE, p._REPOSITORY = Path(sys.argv[1]), Path(sys.argv[2])
import espress; print(espress.load(version="0.1.0", as_="arrow").num_rows)
"""


def test_processes_that_unpack_at_once_all_get_it(world: World) -> None:
    command = [sys.executable, "-c", _LOAD, str(world.package), str(world.home / "clone")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0].strip() for process in running] == ["30"] * 4
    assert [path.name for path in world.cache.iterdir()] == ["0.1.0-full"]


def test_two_that_fill_the_same_folder_share_the_first(world: World) -> None:
    from espress.data import cache

    def first(folder: Path) -> None:
        (folder / "who").write_text("first", encoding="utf-8")

    def fill(folder: Path) -> None:
        (folder / "who").write_text("second", encoding="utf-8")
        cache.put("x", first)  # another process that ends before this one

    assert (cache.put("x", fill) / "who").read_text(encoding="utf-8") == "first"
    assert [path.name for path in world.cache.iterdir()] == ["x"]


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({"ESPRESS_CACHE": "/a"}, "/a"),
        ({"ESPRESS_CACHE": "", "XDG_CACHE_HOME": "/x"}, "/x/espress"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/espress"),
        ({"ESPRESS_CACHE": "~/b"}, "/home/me/b"),
        ({}, "/home/me/.cache/espress"),
    ],
)
def test_the_environment_sets_the_folder_of_the_cache(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], folder: str
) -> None:
    from espress.data.cache import cache_folder

    for name in ("ESPRESS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/me"} | given).items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(folder)


def test_a_plain_load_writes_no_cache(world: World) -> None:
    espress.load("articles", as_="arrow")
    assert not world.cache.exists()
