"""The one step in which the new dataset takes the old one's place: what it waits for, and what it refuses."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from tests.disk_points import watch_disk
from tests.durability import faults
from tests.durability.faults import ATOMIC, MISSING, NEW, OLD, RENAMES

from espress_build import build
from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from tests.durability.running import Warm


# Whether the power may fail. What a kill leaves is in the system's memory; what a power cut leaves has been synced.


def record_syncs(dataset: Path, first: str, how: str) -> tuple[list[str], list[str]]:
    """Build, noting what is synced; returns it in order, with `rename` and `remove`, and what there was to sync."""
    faults.put(dataset, first)
    log = dataset.with_name("log")
    seen: list[str] = []
    staged = dataset_swap.staging(dataset)
    fsync = os.fsync

    def synced(handle: int) -> None:
        fsync(handle)
        seen.append(os.path.relpath(Path(f"/proc/self/fd/{handle}").readlink(), dataset.parent))

    def reached(kind: str) -> None:
        if kind == "rename":
            seen.extend(f"needs {path.relative_to(dataset.parent)}" for path in (staged, *staged.rglob("*")))
        if kind in ("rename", "remove"):
            seen.append(kind)

    def before() -> None:
        mock.patch.object(os, "fsync", synced).start()
        watch_disk(reached)

    assert faults.build(dataset, NEW, how, before, lambda: log.write_text("\n".join(seen), encoding="utf-8")) == 0
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("needs ")], [line[6:] for line in lines if "needs " in line]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file is synced")
@pytest.mark.parametrize(("first", "how"), [(OLD, ATOMIC), (OLD, RENAMES), (MISSING, ATOMIC)])
def test_all_is_on_the_disk_before_the_names_change(warm: Warm, tmp_path: Path, first: str, how: str) -> None:
    seen, needed = warm.do(record_syncs, tmp_path / "dataset", first, how)
    at = seen.index("rename")
    assert len(needed) > 14
    assert set(needed) <= set(seen[:at])  # every file and folder of the new dataset
    assert seen.index(".dataset-new") > max(seen.index(name) for name in needed if name != ".dataset-new")
    after = seen[len(seen) - 1 - seen[::-1].index("rename") :]
    assert after == ["rename", ".", *(["remove"] if first == OLD else [])]  # the old one goes once the new name is safe


# Systems that cannot exchange two names.


class Refusing:
    """A C library whose renameat2 and renamex_np fail with one error."""

    def __init__(self, code: int) -> None:
        """Take the error."""
        self.code = code

    def renameat2(self, *_: object) -> int:
        """Fail."""
        ctypes.set_errno(self.code)
        return -1

    renamex_np = renameat2


def refuse(dataset: Path, code: int) -> tuple[int, str, str, list[str]]:
    """Build where the exchange fails with this error; returns exit code, message, what is there, what is beside it."""
    faults.put(dataset, OLD)

    def before() -> None:
        mock.patch.object(ctypes, "CDLL", return_value=Refusing(code)).start()

    ended, said = faults.command(dataset, NEW, before)
    return ended, said, faults.state(dataset), [path.name for path in faults.leftovers(dataset)]


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM])
def test_two_renames_do_where_the_exchange_is_unknown(warm: Warm, tmp_path: Path, code: int) -> None:
    assert warm.do(refuse, tmp_path / "dataset", code)[::2] == (0, NEW)


@pytest.mark.parametrize("code", [errno.EIO, errno.EBUSY, errno.ENOSPC])
def test_an_exchange_that_fails_leaves_the_old_dataset(warm: Warm, tmp_path: Path, code: int) -> None:
    ended, said, left, beside = warm.do(refuse, tmp_path / "dataset", code)
    assert (ended, left, beside) == (2, OLD, [])
    assert os.strerror(code) in said
    assert str(tmp_path / "dataset") in said


def test_what_was_moved_aside_comes_back(warm: Warm, tmp_path: Path) -> None:
    """As a kill between the two renames leaves it, without any build to follow."""
    dataset = tmp_path / "dataset"
    warm.do(faults.put, dataset, OLD)
    dataset.rename(tmp_path / ".dataset-old")
    (tmp_path / ".dataset-new").mkdir()
    dataset_swap.recover(dataset)
    assert warm.do(faults.state, dataset) == OLD
    assert faults.leftovers(dataset) == []


def test_recovering_touches_nothing_of_others(tmp_path: Path) -> None:
    others = [".data-aside-x", ".dataset2-aside-x", ".dataset-newer", "dataset-old", ".dataset[1]-aside-x"]
    for name in (*others, ".dataset-aside-1", ".dataset-new"):
        (tmp_path / name).mkdir()
    dataset_swap.recover(tmp_path / "dataset")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
    dataset_swap.recover(tmp_path / "dataset[1]")
    assert not (tmp_path / ".dataset[1]-aside-x").exists()


# Places that the dataset must not take, because what stands there would be removed.


ZEROS = "0" * 64
THESIS = "My thesis.\n"
PLACES: dict[str, tuple[dict[str, str] | str, str]] = {  # files, content of a file or target of a link; named
    "file": (THESIS, "not a folder"),
    "link": ("-> elsewhere", "symbolic link"),
    "dangling link": ("-> nowhere", "symbolic link"),
    "foreign folder": ({"thesis.tex": THESIS}, "thesis.tex"),
    "clone of the Hub's repository": (
        {"README.md": "", "SHA256SUMS": f"{ZEROS}  README.md\n", ".git/HEAD": ""},
        ".git",
    ),
    "dataset with notes among its tables": (
        {
            "data/mine/notes.txt": "My notes.\n",
            "data/articles.parquet.bak": "",
            "data/articles.parquet": "",
            "SHA256SUMS": f"{ZEROS}  data/articles.parquet\n",
        },
        "data/articles.parquet.bak, data/mine",
    ),
}


def make_place(place: Path, content: dict[str, str] | str) -> None:
    """Make a folder with these files, a symbolic link or a file."""
    if isinstance(content, dict):
        for name, text in content.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    elif content.startswith("-> "):
        (place.parent / "elsewhere").mkdir()
        place.symlink_to(content.removeprefix("-> "))
    else:
        place.write_text(content, encoding="utf-8")


@pytest.mark.parametrize(("content", "named"), PLACES.values(), ids=PLACES)
def test_a_place_that_holds_something_else_is_refused(
    warm: Warm, tmp_path: Path, content: dict[str, str] | str, named: str
) -> None:
    place = tmp_path / "place"
    make_place(place, content)
    before = sorted((path.name, path.lstat().st_mtime_ns, path.is_symlink()) for path in tmp_path.rglob("*"))
    code, said = warm.do(faults.command, place, NEW)
    assert code == 2
    for words in (str(place), named, "--dataset DIR"):
        assert words in said
    assert sorted((path.name, path.lstat().st_mtime_ns, path.is_symlink()) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_folders_with_names_of_their_own_kind_are_refused(warm: Warm, place: str) -> None:
    code, said = warm.do(faults.command, place, NEW)
    assert code == 2, said
    assert "would be lost" in said


def build_into(dataset: Path, make: str) -> tuple[int, str, str]:
    """Build over an empty folder, or over a dataset damaged by a merge of git; returns code, message, what is there."""
    if make == "empty":
        dataset.mkdir(parents=True)
    else:
        faults.put(dataset, OLD)
        sums = dataset / "SHA256SUMS"
        sums.write_text(f"<<<<<<< HEAD\n{sums.read_text(encoding='utf-8')}>>>>>>> theirs\n", encoding="utf-8")
        (dataset / "croissant.json").unlink()
    return *faults.command(dataset, NEW), faults.state(dataset)


@pytest.mark.parametrize("make", ["empty", "quarrel"])
def test_an_empty_folder_and_a_damaged_dataset_are_replaced(warm: Warm, tmp_path: Path, make: str) -> None:
    assert warm.do(build_into, tmp_path / "dataset", make) == (0, "", NEW)


def test_the_exchange_is_the_last_step(warm: Warm, tmp_path: Path) -> None:
    """Nothing can fail once the new dataset is in place, so that the message is true."""
    code, said, left = warm.do(fail_to_report, tmp_path / "dataset")
    assert (code, left) == (2, OLD), said
    assert "No space left on device" in said
    assert "is unchanged" in said


def fail_to_report(dataset: Path) -> tuple[int, str, str]:
    """Build where the report's file is full."""
    faults.put(dataset, OLD)
    docs = dataset.parent / "docs"
    docs.mkdir()
    (docs / "report.md").symlink_to("/dev/full")

    def before() -> None:
        mock.patch.object(build.Places, "data_docs", docs).start()

    return *faults.command(dataset, NEW, before), faults.state(dataset)
