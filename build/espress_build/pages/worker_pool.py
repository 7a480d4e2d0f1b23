"""Processes that work on untrusted items: if one crashes, hangs or fills memory, only its item is lost."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections import deque
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from types import ModuleType
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_START_SECONDS = 300.0  # libraries load slowly on a busy machine
_AHEAD = 8  # results kept for their turn, for each worker
_SENT = [-getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]


class WorkerPoolError(EspressError):
    """Worker processes do not start, or one was ended from outside."""


@dataclass(frozen=True)
class LostItem:
    """The result of an item that ended its worker: `reason` is timeout, memory or crash."""

    reason: str
    detail: str


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _serve(line: Connection, memory: int) -> None:
    """Answer items until the line closes; runs in the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on systems on which `_block_interrupts` cannot block it
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):  # our parent process ended, or needs no more
        prepare, given = line.recv()
        work = prepare(*given)
        _limit_memory(memory)
        line.send(None)
        while True:
            item = line.recv()
            try:
                answer = work(item)
            except MemoryError:
                answer = LostItem("memory", f"more than {memory} bytes were asked for")
            line.send(answer)


@contextmanager
def _block_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, even while they load; their parent process ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # starting it lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _hide_script() -> Iterator[None]:
    """Start processes that do not run the main script: it may have no guard, or come from standard input."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


@contextmanager
def _end_tracker() -> Iterator[None]:
    """End the resource tracker, a process that `multiprocessing` starts, unless it ran before.

    Our workers use only pipes, so that there is nothing for it to clean up.
    """
    from multiprocessing import resource_tracker

    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    was_running = getattr(tracker, "_fd", None) is not None
    try:
        yield
    finally:
        if hasattr(tracker, "_stop") and not was_running:
            tracker._stop()  # noqa: SLF001 - there is no public way


@dataclass
class _Worker:
    process: BaseProcess
    line: Connection
    number: int | None = None  # of the item in work
    since: float = field(default_factory=time.monotonic)
    ready: bool = False

    def end(self) -> None:
        self.process.kill()  # first, because the process reports an error if the line closes
        self.process.join()
        self.process.close()
        self.line.close()


class WorkerPool:
    """Worker processes: each calls `prepare(*given)` once, then for each item the function that `prepare` returned."""

    def __init__(self, prepare: Callable[..., Callable[[Any], Any]], given: tuple[Any, ...], *, workers: int,
                 seconds: float, memory_bytes: int) -> None:  # fmt: skip
        """Start nothing yet; `seconds` and `memory_bytes` limit the work on one item.

        If `keep` is set to True, idle workers go on running after `map`, for the next call or until our process ends.
        """
        self._given, self._memory = (prepare, given), memory_bytes
        self._number, self._seconds = workers, seconds
        self.keep = False
        self._workers: list[_Worker] = []
        self._done: dict[int, Any] = {}

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._memory), daemon=True)
        with _block_interrupts(), _hide_script():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _send(self, worker: _Worker, what: Any) -> None:
        """Send an item or the work itself.

        `process.start` does not send the work, because it would wait for ever if the worker ended meanwhile.
        """
        try:
            worker.line.send(what)
        except OSError:
            self._hear(worker)

    def _lose(self, worker: _Worker, lost: LostItem) -> None:
        code = worker.process.exitcode
        if code is not None and code in _SENT:
            raise WorkerPoolError(
                f"A worker process was lost: signal {-code} ended it from outside. The system does so if memory runs "
                "out. Type the command again, if need be with fewer workers."
            )
        if not worker.ready:
            raise WorkerPoolError("Worker processes end before they begin. Read the messages above; then try again.")
        if worker.number is not None:
            self._done[worker.number] = lost
        self._workers.remove(worker)
        worker.end()
        self._send(self._start(), self._given)

    def _hear(self, worker: _Worker) -> None:
        try:
            answer = worker.line.recv()
        except (EOFError, OSError):
            worker.process.join(1)
            code = worker.process.exitcode
            self._lose(worker, LostItem("crash", f"reading it ended the process (exit code {code})"))
            return
        if worker.ready and worker.number is not None:
            self._done[worker.number] = answer
        worker.ready, worker.number = True, None

    def _wait(self) -> None:
        """Wait until a worker answers, dies or is out of time."""
        busy = [worker for worker in self._workers if worker.number is not None or not worker.ready]
        now = time.monotonic()
        left = [worker.since - now + (self._seconds if worker.ready else _START_SECONDS) for worker in busy]
        heard = wait([worker.line for worker in busy], max(0.0, min(left)))
        for worker, seconds in zip(busy, left, strict=True):
            if worker.line in heard:
                self._hear(worker)
            elif seconds <= 0:
                self._lose(worker, LostItem("timeout", f"reading it takes more than {self._seconds:g} seconds"))

    def map(self, items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield (item, result) in the order of the items; a result may be `LostItem`.

        Only a limited number of items is read ahead.
        """
        waiting: deque[tuple[int, Any]] = deque()  # given or done, not yet yielded
        source, number, more = iter(items), 0, True
        # Workers that go on running hold the tracker, which cannot end before them.
        with nullcontext() if self.keep else _end_tracker(), self._run_workers():
            while more or waiting:
                for worker in [one for one in self._workers if one.ready and one.number is None]:
                    if more and len(waiting) < _AHEAD * self._number:
                        try:
                            item = next(source)
                        except StopIteration:
                            more = False
                            break
                        waiting.append((number, item))
                        worker.number, worker.since = number, time.monotonic()
                        self._send(worker, item)
                        number += 1
                while waiting and waiting[0][0] in self._done:
                    first, item = waiting.popleft()
                    yield item, self._done.pop(first)
                if waiting or (more and not any(worker.ready for worker in self._workers)):
                    self._wait()

    @contextmanager
    def _run_workers(self) -> Iterator[None]:
        """Start the workers that do not run yet; end them afterwards, unless they are idle and kept."""
        self._done = {}
        try:
            for worker in [self._start() for _ in range(self._number - len(self._workers))]:
                self._send(worker, self._given)
            yield
        finally:
            if not self.keep or any(worker.number is not None or not worker.ready for worker in self._workers):
                self.end()

    def end(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        self._workers = []
