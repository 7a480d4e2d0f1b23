"""Worker processes: one that dies, hangs or fills memory costs the item that it worked on, and no other."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from espress_build.pages.worker_pool import LostItem, WorkerPool, WorkerPoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def _work(item: str) -> str:
    if item == "segfault":
        ctypes.string_at(0)
    elif item == "exit":
        os._exit(3)
    elif item == "hang":
        time.sleep(600)
    elif item == "fill":
        return str(len(bytearray(64 << 30)))
    elif item == "slow":
        time.sleep(0.2)
    elif item == "pid":
        return str(os.getpid())
    elif item in ("SIGKILL", "SIGTERM"):
        os.kill(os.getpid(), getattr(signal, item))
        time.sleep(600)
    return item.upper()


def prepare() -> Callable[[str], str]:
    """Return the work, as a worker calls it."""
    return _work


def never() -> Callable[[str], str]:
    """Fail as a worker that lacks a library does."""
    os._exit(1)


def pool(workers: int, start: Callable[[], Callable[[str], str]] = prepare, *, seconds: float = 3.0) -> WorkerPool:
    return WorkerPool(start, (), workers=workers, seconds=seconds, memory_bytes=4 << 30)


def run_python(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with the paths of the tests."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [*sys.path, str(Path.cwd())]))}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, input=given, text=True, capture_output=True,
        timeout=120, check=False,
    )  # fmt: skip


def summarise(results: list[tuple[Any, Any]]) -> list[tuple[str, str]]:
    return [(item, result.reason if isinstance(result, LostItem) else result) for item, result in results]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_what_kills_its_worker_costs_itself_alone(workers: int) -> None:
    items = ["a", "slow", "segfault", "b", "exit", "hang", "c", "fill", "d"]
    wanted = {"segfault": "crash", "exit": "crash", "hang": "timeout", "fill": "memory"}
    found = summarise(list(pool(workers, seconds=1.5).map(items)))
    assert found == [(item, wanted.get(item, item.upper())) for item in items]


def test_workers_that_are_kept_serve_the_next_call_and_are_replaced_after_a_loss() -> None:
    others = multiprocessing.active_children()
    kept = pool(1)
    kept.keep = True
    try:
        ((_, first),) = kept.map(["pid"])
        assert summarise(list(kept.map(["pid", "exit"]))) == [("pid", first), ("exit", "crash")]
        ((_, other),) = kept.map(["pid"])
        assert other != first
        with contextlib.closing(cast("Generator[tuple[str, str]]", kept.map(["pid", "slow", "slow"]))) as stopped:
            next(stopped)  # and stop in the middle
        assert summarise(list(kept.map(["b"]))) == [("b", "B")]
    finally:
        kept.end()
    assert multiprocessing.active_children() == others


def test_items_are_taken_as_they_are_needed() -> None:
    taken = []

    def items() -> Any:
        for number in range(10_000):
            taken.append(number)
            yield "a"

    results = pool(1).map(items())
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 20


def test_workers_that_cannot_start_are_an_error_and_no_loop() -> None:
    with pytest.raises(WorkerPoolError):
        list(pool(1, never).map(["a"]))


def prepare_from(given: bytes) -> Callable[[str], str]:
    """Return the work; what is given is larger than a pipe."""
    assert given
    return _work


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM"])
def test_a_worker_that_somebody_else_ends_is_an_error_and_no_wait(sent: str) -> None:
    before = multiprocessing.active_children()  # another test may have left an iterator that nothing has closed yet
    with pytest.raises(WorkerPoolError, match="A worker process was lost"):
        list(pool(2).map(["a", sent, *["slow"] * 9]))
    assert [child for child in multiprocessing.active_children() if child not in before] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_worker_that_is_ended_while_it_starts_is_an_error_and_no_wait() -> None:
    stop = threading.Event()

    def end_first() -> None:
        while not stop.wait(0.001):
            for child in multiprocessing.active_children():
                child.kill()

    ending = threading.Thread(target=end_first)
    ending.start()
    try:
        many = WorkerPool(prepare_from, (b"x" * 10_000_000,), workers=2, seconds=3.0, memory_bytes=4 << 30)
        with pytest.raises(WorkerPoolError, match="was lost"):
            list(many.map(["a"]))
    finally:
        stop.set()
        ending.join()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_and_no_open_file_is_left(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from tests.espress_build.pages.test_worker_pool import pool\n"
        "def look():\n"
        "    return sorted(os.listdir('/proc/self/fd')), open(f'/proc/self/task/{os.getpid()}/children').read()\n"
        "before = look()\n"
        "list(pool(2).map(['a', 'segfault', 'b']))\n"
        "next(pool(2).map(['a', 'b']))\n"
        "import gc; gc.collect()\n"
        "print(before == look())\n"
    )
    done = run_python(tmp_path, "-c", script)
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("given", ["-", "script.py"])
def test_a_script_without_a_guard_or_from_standard_input_may_start_one(tmp_path: Path, given: str) -> None:
    script = (
        "from tests.espress_build.pages.test_worker_pool import pool\n"
        "print([result for _, result in pool(1).map(['a', 'b'])])\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = run_python(tmp_path, given, given=script if given == "-" else "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "['A', 'B']\n", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of processes that one key ends")
def test_ctrl_c_does_not_reach_workers_not_even_while_they_start() -> None:
    given = pool(2).map(["a", "slow", "b"])
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()

    def type_it() -> None:
        while not stop.wait(0.01):
            for child in multiprocessing.active_children():
                with contextlib.suppress(ProcessLookupError):  # it may have ended since
                    os.kill(child.pid or 0, signal.SIGINT)

    typing = threading.Thread(target=type_it)
    typing.start()
    try:
        assert summarise(list(given)) == [("a", "A"), ("slow", "SLOW"), ("b", "B")]
    finally:
        stop.set()
        typing.join()
        signal.signal(signal.SIGINT, before)


def test_workers_end_in_silence_when_who_started_them_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal\n"
        "from tests.espress_build.pages.test_worker_pool import pool\n"
        "results = pool(2).map(['a'] + ['slow'] * 9)\n"
        "next(results)\nos.kill(os.getpid(), signal.SIGTERM)\n"
    )
    done = run_python(tmp_path, "-c", script)
    assert (done.returncode, done.stderr) == (-signal.SIGTERM, "")
