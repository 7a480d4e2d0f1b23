"""The same input gives the same bytes, whatever clock, zone, locale, hash seed, folder, file order or workers.

Here without the checks; test_killed.py compares two builds by the whole command.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from tests.durability import faults
from tests.durability.running import RUN
from tests.helpers import PROJECT, copy_project, read_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.durability.running import Built

FAR = 4_102_444_800  # 2100-01-01
BATCH = 2  # five articles make three batches, so that workers have something to share


@dataclass(frozen=True)
class Surroundings:
    """Where, when and how one build runs."""

    name: str
    folder: str  # of the project
    environment: dict[str, str]
    options: tuple[str, ...] = ()
    workers: int = 1
    inside: bool = True  # the working folder is the project


PLAIN = Surroundings("plain", "plain", {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"})
STRANGE = (
    Surroundings(
        "two workers, C locale, far east, from another folder, nobody else may read",
        "two",
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        ("--umask=077",),
        workers=2,
        inside=False,
    ),
    Surroundings(
        "a space and letters in the path, a locale that is not there, folders listed backwards, the year 2100",
        "Žluťoučký kůň 新闻",
        {"TZ": "America/St_Johns", "LC_ALL": "xx_XX.UTF-8", "LANGUAGE": "cs", "PYTHONHASHSEED": "random"},
        ("--reverse", f"--clock={FAR}", "--umask=000"),
    ),
)


def quick_build(home: Path, around: Surroundings) -> dict[str, bytes]:
    """Copy the project and build it in such surroundings, checks aside; returns the dataset's bytes."""
    project = copy_project(home / around.folder / "project")
    dice = random.Random(around.name)  # noqa: S311  # no secret
    for path in sorted((project / "raw").rglob("*")):
        os.utime(path, (dice.randrange(2**32), dice.randrange(2**32)))
    command = [sys.executable, "-m", "tests.durability.quick", f"--batch={BATCH}", *around.options, "--"]
    command += [] if around.inside else [f"--project={project}"]
    command += ["run", f"--workers={around.workers}"]
    done = subprocess.run(
        command,
        cwd=project if around.inside else home,
        env={"PYTHONPATH": str(PROJECT), **around.environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert [path.name for path in faults.leftovers(project / "dataset")] == []
    return read_files(project / "dataset")


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the names of files that are not in both with the same bytes."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_same_bytes_in_strange_surroundings(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as two:
        plain, *others = two.map(lambda around: quick_build(tmp_path, around), (PLAIN, *STRANGE))
    assert len(plain) > 10
    assert "SHA256SUMS" in plain
    assert pq.ParquetFile(tmp_path / PLAIN.folder / "project/dataset/data/articles.parquet").num_row_groups > 2
    found = {around.name: differing(plain, other) for around, other in zip(STRANGE, others, strict=True)}
    print(f"\n{len(plain)} files the same in {1 + len(found)} surroundings")
    assert found == {around.name: [] for around in STRANGE}


def flip(path: Path) -> tuple[str, str]:
    """Change one byte of a file; returns its SHA-256 before and after."""
    data = path.read_bytes()
    changed = bytes([data[0] ^ 1]) + data[1:]
    path.write_bytes(changed)
    return hashlib.sha256(data).hexdigest(), hashlib.sha256(changed).hexdigest()


def test_a_source_changed_by_one_byte_stops_the_build(undisturbed: Built, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    shutil.copytree(undisturbed.dataset, project / "dataset")
    before = read_files(project / "dataset")
    folder = max((project / "raw" / "articles").iterdir())
    recorded, found = flip(folder / "source.txt")
    done = subprocess.run(RUN, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    for named in (folder.name + "/source.txt", folder.name + "/record.toml", recorded, found):
        assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert read_files(project / "dataset") == before
    assert faults.leftovers(project / "dataset") == []
