"""A build that is killed anywhere leaves the old dataset or the new one, whole; the next build mends the rest."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from tests.durability import faults, killing
from tests.durability.faults import ATOMIC, MISSING, NEW, OLD, RENAMES
from tests.durability.running import RUN, children, command_of, quick, real_build, until
from tests.helpers import PROJECT, copy_project, read_files

import espress
from espress_build.pipeline import dataset_swap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.durability.killing import Killed
    from tests.durability.running import Built, Warm

SEED, KILLS, EARLY = 20191106, 2, 0.6
EVERY = 61  # points outside the exchange: its files are written in more than a thousand pieces
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def is_as_promised(one: Killed, allowed: tuple[str, ...]) -> bool:
    """Return whether what this kill left is allowed, recovery kept or restored it, and the next build made the new."""
    recovered = OLD if one.left == MISSING and OLD in allowed else one.left
    return (
        (one.ended, one.recovered, one.beside) == (-signal.SIGKILL, recovered, [])
        and one.left in allowed
        and one.rebuilt in (None, NEW)
    )


def find_broken(killed: list[Killed], *allowed: str) -> list[str]:
    """Return every point at which something is not as promised."""
    return [f"{number}: {one}" for number, one in enumerate(killed) if not is_as_promised(one, allowed)]


@pytest.mark.parametrize(
    ("first", "how", "order"),
    [
        (OLD, ATOMIC, (OLD, NEW)),
        (OLD, RENAMES, (OLD, MISSING, NEW)),
        (MISSING, ATOMIC, (MISSING, NEW)),
    ],
    ids=["atomic exchange", "two renames", "very first build"],
)
def test_killed_at_points_all_over_a_build_and_at_every_point_of_the_exchange(
    warm: Warm, tmp_path: Path, first: str, how: str, order: tuple[str, ...]
) -> None:
    killed: list[Killed] = warm.do(killing.kill_everywhere, tmp_path, first, how, EVERY)
    kinds = Counter(one.kind for one in killed)
    print(f"\nkilled at {len(killed)} points, {sum(one.rebuilt is not None for one in killed)} rebuilt: {dict(kinds)}")
    assert find_broken(killed, *order) == []
    left = [one.left for one in killed]
    assert left == sorted(left, key=order.index)  # what was there up to a point, the new one from some point on
    assert {one.left for one in killed if one.inside} == set(order)
    assert {one.left for one in killed if not one.inside and one.kind == "write"} == {first}
    if how == RENAMES:
        gone = {(one.kind, one.inside) for one in killed if one.left == MISSING}
        assert gone == {("rename", True), ("os.rename", True)}  # between the two renames and nowhere else
    assert {"write", "fsync", "rename", *(["remove"] if first == OLD else [])} <= set(kinds)
    assert kinds["write"] > 15


def test_killed_from_outside_at_random_times(undisturbed: Built, warm: Warm, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "č e" / "project")
    dice, seen = random.Random(SEED), []  # noqa: S311  # no secret: the same times on every run
    warm.do(faults.put, project / "dataset", OLD)
    old = read_files(project / "dataset")
    for part in range(KILLS):  # later come checks and the exchange, where other tests kill
        seconds = EARLY * undisturbed.seconds * (part + dice.random()) / KILLS
        build = subprocess.Popen(RUN, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            build.wait(seconds)
        build.kill()
        ended = build.wait()
        beside = [path.name for path in faults.leftovers(project / "dataset")]
        seen.append(f"after {seconds:.1f} s: ended with {ended}, beside it {beside}")
        assert read_files(project / "dataset") in (old, read_files(undisturbed.dataset))
        assert espress.verify(project / "dataset").problems == ()
    print("\n" + "\n".join(seen))
    again = real_build(project, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="random")  # and other surroundings
    assert read_files(again.dataset) == read_files(undisturbed.dataset)
    assert faults.leftovers(again.dataset) == []


@contextmanager
def two_workers(project: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a build and yield it once it has its two workers, with their ids; in the end nothing of it runs."""
    command = quick("--batch=1", "--", f"--project={project}", "run", "--workers=2")
    build = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    began: dict[int, str] = {}

    def workers() -> list[int]:
        began.update(children(build.pid))
        found = [child for child, started in began.items() if "spawn_main" in started]
        return found if len(found) == 2 else []

    try:
        found = until(workers, 30)
        assert found, "no workers"
        yield build, found
    finally:
        build.kill()
        for child, started in began.items():  # they hold the pipe open, so first end them
            if command_of(child) == started:
                os.kill(child, signal.SIGKILL)
        build.communicate()


@LINUX
def test_a_worker_that_dies_stops_the_build(warm: Warm, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    warm.do(faults.put, project / "dataset", OLD)
    with two_workers(project) as (build, workers):
        os.kill(workers[0], signal.SIGKILL)
        _, said = build.communicate(timeout=60)
    assert build.returncode == 2, said
    assert said.startswith("espress-build: The build stopped: "), said
    assert str(project) in said
    assert "Traceback" not in said
    assert warm.do(faults.state, project / "dataset") == OLD
    assert faults.leftovers(project / "dataset") == []


@LINUX
def test_workers_do_not_outlive_a_killed_build(warm: Warm, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    warm.do(faults.put, project / "dataset", OLD)
    with two_workers(project) as (build, workers):
        build.kill()
        assert build.wait() == -signal.SIGKILL
        assert warm.do(faults.state, project / "dataset") == OLD
        assert until(lambda: not any(command_of(worker) for worker in workers), 3)


# At the system calls themselves, from outside, with nothing of ours in the build.


def traced(dataset: Path, *faults_at: str) -> list[str]:
    """Return the command that builds the new edition under strace, with faults at system calls."""
    inject = [word for fault in faults_at for word in ("-e", f"inject={fault}")]
    project = faults.edition(NEW).project
    build = quick("--", f"--project={project}", f"--dataset={dataset}", "run", "--workers=1", "--no-cache")
    return ["strace", "-qq", "-e", "trace=/^rename", *inject, *build]


def kill_at_calls(dataset: Path, *faults_at: str) -> tuple[str, str, list[str]]:
    """Build over the old edition with faults at system calls; returns what was left, then what recovery made of it."""
    faults.put(dataset, OLD)
    surroundings = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # as with --no-cache, the build renames nothing but datasets
    subprocess.run(traced(dataset, *faults_at), env=surroundings, capture_output=True, check=False)
    left = faults.state(dataset)
    dataset_swap.recover(dataset)
    return left, faults.state(dataset), [path.name for path in faults.leftovers(dataset)]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("calls", "left", "recovered"),
    [
        (("renameat2:signal=KILL",), OLD, OLD),  # the call itself is not carried out
        (("renameat2:error=ENOSYS", "/^rename(at)?$:signal=KILL:when=2"), MISSING, OLD),
    ],
)
def test_killed_at_system_calls(warm: Warm, tmp_path: Path, calls: tuple[str, ...], left: str, recovered: str) -> None:
    assert warm.do(kill_at_calls, tmp_path / "dataset", *calls) == (left, recovered, [])
