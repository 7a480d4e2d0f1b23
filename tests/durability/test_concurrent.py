"""Two builds at once, and readers while builds go on."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

import pyarrow.parquet as pq
from tests.durability import faults
from tests.durability.faults import NEW, OLD
from tests.durability.running import RUN, until

import espress
from espress.data.releases import SUMS
from espress_build import build
from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from pathlib import Path

    from tests.durability.running import Warm

BUILDS = 24


# Two builds


def hold(dataset: Path) -> tuple[int, str, bool, str, int, str]:
    """Start a build that stops inside the lock; run the real command beside it; then let the first one go on.

    Returns exit code and message of the second, whether the first was at work and what there was then, exit code of
    the first, and what there is in the end.
    """
    faults.put(dataset, OLD)
    held, go = dataset.with_name("raw"), dataset.with_name("schema")  # names that may lie beside a dataset

    def before() -> None:
        assemble = build.assemble

        def slow(*arguments: Any) -> Any:
            staged = assemble(*arguments)
            held.mkdir()
            assert until(go.exists, 60)
            return staged

        mock.patch.object(build, "assemble", slow).start()

    first = faults.fork(lambda: faults.build(dataset, NEW, before=before))
    assert until(held.exists, 30)
    project = faults.edition(NEW).project
    command = [*RUN[:-1], f"--project={project}", f"--dataset={dataset}", "run"]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    working = dataset_swap.staging(dataset).is_dir()
    meanwhile = faults.state(dataset)
    go.mkdir()
    return second.returncode, second.stderr, working, meanwhile, faults.wait(first), faults.state(dataset)


def test_a_second_build_is_refused_at_once_and_the_first_one_ends_well(warm: Warm, tmp_path: Path) -> None:
    code, said, working, meanwhile, first, left = warm.do(hold, tmp_path / "dataset")
    assert code == 2
    assert said.startswith("espress-build: Another build of "), said
    assert str(tmp_path / "dataset.lock") in said
    assert (working, meanwhile) == (True, OLD)  # the refusal did not clear away what the first one makes
    assert (first, left) == (0, NEW)
    assert faults.leftovers(tmp_path / "dataset") == []


def die_with_the_lock(dataset: Path) -> tuple[int, int, str]:
    """Kill a build that holds the lock, leave its number in the file as old lock files have it, and build."""
    faults.put(dataset, OLD)
    died = faults.build(dataset, NEW, before=lambda: mock.patch.object(dataset_swap, "recover", commit_suicide).start())
    dataset.with_name("dataset.lock").write_text(f"{os.getpid()}\nlocalhost\n", encoding="utf-8")
    return died, faults.build(dataset, NEW), faults.state(dataset)


def commit_suicide(_: Path) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_lock_of_a_dead_build_holds_nobody_up(warm: Warm, tmp_path: Path) -> None:
    assert warm.do(die_with_the_lock, tmp_path / "dataset") == (-signal.SIGKILL, 0, NEW)


def exit_code(dataset: Path, name: str) -> int:
    """Type the command; returns its exit code."""
    return faults.command(dataset, name)[0]


def compete(dataset: Path, builders: int, rounds: int) -> tuple[Counter[int], str, list[str]]:
    """Let several processes build different editions at the same moments; returns how the builds ended."""
    faults.put(dataset, OLD)
    ended: Counter[int] = Counter()
    for number in range(rounds):
        names = [(OLD, NEW)[(number + builder) % 2] for builder in range(builders)]
        children = [faults.fork(partial(exit_code, dataset, name)) for name in names]
        ended.update(faults.wait(child) for child in children)
    return ended, faults.state(dataset), [path.name for path in faults.leftovers(dataset)]


def test_builds_that_race_end_well_or_are_refused(warm: Warm, tmp_path: Path) -> None:
    ended, left, beside = warm.do(compete, tmp_path / "dataset", 3, 4)
    print(f"\n3 builds at once, 4 times: {ended[0]} ended well, {ended[2]} were refused")
    assert set(ended) <= {0, 2}
    assert ended[0] >= 4
    assert left in (OLD, NEW)
    assert beside == []


# Readers


def build_on(dataset: Path, builds: int) -> int:
    """Build one edition after the other in one child; returns its process id."""

    def work() -> None:
        for number in range(builds):
            name = (NEW, OLD)[number % 2]
            where = faults.use(name)
            build.make_dataset(build.Places(where.project, dataset))
            mock.patch.stopall()

    return faults.fork(work)


def open_all(handle: int) -> dict[str, Any]:
    """Open SHA256SUMS and every file that it names, below an open folder."""
    sums = os.fdopen(os.open(SUMS, os.O_RDONLY, dir_fd=handle), "rb")
    names = [line.split("  ", 1)[1] for line in sums.read().decode().splitlines()]
    sums.seek(0)
    return {SUMS: sums} | {name: os.fdopen(os.open(name, os.O_RDONLY, dir_fd=handle), "rb") for name in names}


def consistent(files: dict[str, Any]) -> bool:
    """Read open files to their ends; returns whether each is the one that SHA256SUMS names."""
    sums = {name: digest for digest, name in (line.split("  ") for line in files[SUMS].read().decode().splitlines())}
    found = {name: hashlib.sha256(file.read()).hexdigest() for name, file in files.items() if name != SUMS}
    for file in files.values():
        file.close()
    return found == sums


def read_once(dataset: Path) -> str:
    """Read a whole dataset through a handle of its folder; returns `whole`, `mixed`, or `replaced` meanwhile."""
    handle = os.open(dataset, os.O_RDONLY)  # this name is never missing
    try:
        files = open_all(handle)
    except FileNotFoundError:
        there = dataset.stat()
        gone = (there.st_dev, there.st_ino) != (os.fstat(handle).st_dev, os.fstat(handle).st_ino)
        return "replaced" if gone else "a file is missing"
    finally:
        os.close(handle)
    return "whole" if consistent(files) else "mixed"


def read_on(dataset: Path, builder: int) -> Counter[str]:
    """Read by handle and by `espress.load` until the builder has ended; returns how the reads ended."""
    editions = [pq.ParquetFile(faults.edition(name).dataset / "data/articles.parquet").read() for name in (OLD, NEW)]
    ended: Counter[str] = Counter()
    seen: set[int] = set()
    while os.waitpid(builder, os.WNOHANG) == (0, 0):
        ended["by handle: " + read_once(dataset)] += 1
        for _ in range(1000):  # between two renames the name is missing for some microseconds
            ended["name there"] += (dataset / SUMS).exists()
            ended["asked"] += 1
        table = espress.load("articles", as_="arrow", source=dataset)  # raises if the name is missing for a moment
        ended["loaded: " + ("whole" if table in editions else "mixed")] += 1
        seen.add(table.num_rows)
    ended["editions seen"] = len(seen)
    return ended


def read_while_building(dataset: Path) -> Counter[str]:
    """Read in this process while another builds."""
    faults.put(dataset, OLD)
    return read_on(dataset, build_on(dataset, BUILDS))


def test_readers_see_one_edition_or_the_other(warm: Warm, tmp_path: Path) -> None:
    ended = warm.do(read_while_building, tmp_path / "dataset")
    print(f"\n{BUILDS} builds: " + ", ".join(f"{count} {what}" for what, count in sorted(ended.items())))
    assert ended.pop("editions seen") == 2
    assert ended.pop("name there") == ended.pop("asked")
    assert set(ended) <= {"by handle: whole", "by handle: replaced", "loaded: whole"}
    assert ended["by handle: whole"] > 10
    assert ended["loaded: whole"] > 10


def open_before(dataset: Path) -> tuple[bool, str]:
    """Open all files, build the other edition, then read; returns whether the old one was read whole."""
    faults.put(dataset, OLD)
    handle = os.open(dataset, os.O_RDONLY)
    files = open_all(handle)
    os.close(handle)
    assert faults.build(dataset, NEW) == 0
    return consistent(files), faults.state(dataset)


def test_who_has_opened_the_old_files_reads_them_to_the_end(warm: Warm, tmp_path: Path) -> None:
    assert warm.do(open_before, tmp_path / "dataset") == (True, NEW)
