"""Engines: read the batches of all units, over processes of this machine or over a Ray cluster, with the same results.

Both engines call the same function on the same batches; an engine decides only where and when a batch is read.
"""

from __future__ import annotations

import importlib
import socket
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, MissingLibraryError
from espress.installation import how_to_install
from espress_build.collect.reading import describe, join_tables, lose_page, make_empty, prepare_reader
from espress_build.collect.sources import can_start_inside, read_batches
from espress_build.inputs.params import read_params
from espress_build.pages.worker_pool import LostItem, WorkerPool, WorkerPoolError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from espress_build.collect.choice import Choice
    from espress_build.collect.reading import Result
    from espress_build.collect.sources import Batch, Unit

_TASKS_AHEAD = 2  # number of tasks given to Ray for each of its CPUs
_RESULTS_AHEAD = 4  # number of results of a task that may wait in Ray's object store
_LARGE = 1 << 24  # bytes; a larger WARC file is read by several tasks of Ray
_TASK_BATCHES = 16  # batches of a large file that one task reads: about a thousand pages
_ANSWER_SECONDS = 10.0
_RETRIES = 5  # of a task whose worker or node is lost
_kept: list[tuple[Choice, WorkerPool]] = []  # the pool that a worker of Ray keeps for its tasks; at most one


@dataclass(frozen=True)
class _Piece:
    """Consecutive batches of a unit: `first` is the number of the first, `start` the byte at which its records begin.

    `count` is the number of batches; None means all that follow.
    """

    unit: Unit
    first: int = 0
    start: int = 0
    count: int | None = None


def read_local(
    units: Iterable[Unit], choice: Choice, stored: Mapping[str, Collection[int]], workers: int
) -> Iterator[Result]:
    """Yield the result of each batch, read by processes of this machine.

    Results of batches that are `stored` (by unit and number) have no tables. If a page hangs, crashes or fills memory,
    its batch is read again page by page, so that only that page becomes a reject.

    Raises:
        WorkerPoolError: workers do not start, or somebody else ended one.
    """
    limits = read_params().pages
    batches = (batch for unit in units for batch in read_batches(unit, limits, choice.wanted))
    return _read_all(batches, choice, stored, _make_pool(choice, workers))


def _read_all(
    batches: Iterable[Batch], choice: Choice, stored: Mapping[str, Collection[int]], pool: WorkerPool
) -> Iterator[Result]:
    skipped: list[Result] = []

    def needed() -> Iterator[Batch]:
        for batch in batches:
            if batch.number in stored.get(batch.unit, ()):
                skipped.append(describe(batch, None))
            elif not batch.pages:
                skipped.append(describe(batch, make_empty()))
            else:
                yield batch

    for batch, result in pool.map(needed()):
        yield describe(batch, _read_alone(batch, choice)) if isinstance(result, LostItem) else result
        while skipped:
            yield skipped.pop(0)
    yield from skipped


def _make_pool(choice: Choice, workers: int) -> WorkerPool:
    limits = read_params().pages
    return WorkerPool(
        prepare_reader, (choice,), workers=workers, seconds=limits.seconds, memory_bytes=limits.memory_bytes
    )


def _keep_pool(choice: Choice) -> WorkerPool:
    """Return the process that reads pages for this worker of Ray; tasks share it, because its start takes seconds."""
    if not _kept or _kept[0][0] != choice:
        for _, pool in _kept:
            pool.end()
        _kept[:] = [(choice, _make_pool(choice, 1))]
        _kept[0][1].keep = True
    return _kept[0][1]


def _read_alone(batch: Batch, choice: Choice) -> dict[str, Any]:
    """Read a batch page by page after it ended a worker process; each page that ends one becomes a reject."""
    single = [replace(batch, pages=(page,)) for page in batch.pages]
    found = []
    for one, result in _make_pool(choice, 1).map(single):
        lost = isinstance(result, LostItem)
        found.append(lose_page(one.pages[0], result.reason, result.detail) if lost else result.tables)
    return join_tables(found)


def _list_pieces(unit: Unit, choice: Choice) -> Iterator[_Piece | Result]:
    """Cut a large WARC file into pieces that other workers of Ray read.

    Its records are read here in the same way as in the workers, so that the batches are the same even if records are
    broken. This takes little time compared with the reading of the pages.
    """
    first, start, count = 0, 0, 0
    for batch in read_batches(unit, read_params().pages, choice.wanted):
        if not batch.pages:
            yield describe(batch, make_empty())
            return
        if count == _TASK_BATCHES:
            yield _Piece(unit, first, start, count)
            first, start, count = batch.number, batch.start, 0
        count += 1
    yield _Piece(unit, first, start, count)


def _read_piece(piece: _Piece, choice: Choice, stored: Collection[int]) -> Iterator[Result]:
    """Read the batches of a piece in a worker of Ray."""
    found = read_batches(piece.unit, read_params().pages, choice.wanted, piece.start, piece.first)
    yield from _read_all(islice(found, piece.count), choice, {piece.unit.key: stored}, _keep_pool(choice))


def read_ray(
    units: Iterable[Unit], choice: Choice, stored: Mapping[str, Collection[int]], address: str | None, workers: int
) -> Iterator[Result]:
    """Yield the result of each batch as `read_local` does, but read by a Ray cluster, and in the order of arrival.

    A unit is one task, whose results come as a stream; a large WARC file is cut into several. Ray runs a task again if
    its worker or node is lost. Without an address, Ray starts on this machine with that number of workers, and is
    stopped at the end.

    Raises:
        MissingLibraryError: Ray is not installed.
        InputError: no cluster answers at the address, or Ray gave up on a task.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingLibraryError("ray", "The engine ray", how_to_install("ray")) from error
    started = not ray.is_initialized()
    if started:
        _start(ray, address, workers)
    try:
        yield from _run_tasks(ray, units, choice, stored)
    except ray.exceptions.RayError as error:
        raise InputError([f"Ray stopped: {error} What was read is kept; type the command again."]) from error
    finally:
        if started:
            ray.shutdown()


def _start(ray: Any, address: str | None, workers: int) -> None:
    """Connect to a cluster, or start Ray on this machine; raises InputError."""
    host, _, port = (address or "").rpartition(":")
    if port.isdigit() and "/" not in host:  # asked here, because Ray waits for minutes
        try:
            socket.create_connection((host, int(port)), _ANSWER_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise InputError([f"Ray does not start at {address}: {error}. Check the address."]) from error
    about: dict[str, Any] = {"address": address} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(**about, log_to_driver=False, logging_level="warning")
    except Exception as error:  # Ray raises Exception itself if a node takes too long to start
        raise InputError([f"Ray does not start at {address or 'this machine'}: {error}"]) from error


def _run_tasks(
    ray: Any, units: Iterable[Unit], choice: Choice, stored: Mapping[str, Collection[int]]
) -> Iterator[Result]:
    """Yield results as they come, with a bounded number of tasks in work."""
    pieces: deque[_Piece] = deque()
    tasks = _start_tasks(ray, units, pieces, choice, stored)
    most = _TASKS_AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: list[Any] = []
    while True:
        while len(waiting) < most and (task := next(tasks)) is not None:
            waiting.append(task)
        if not waiting:
            return
        for stream in ray.wait(waiting, num_returns=1, fetch_local=False)[0]:
            try:
                found = ray.get(next(stream))
            except StopIteration:
                waiting.remove(stream)
                continue
            if isinstance(found, _Piece):
                pieces.append(found)
            else:
                yield found


def _start_tasks(
    ray: Any, units: Iterable[Unit], pieces: deque[_Piece], choice: Choice, stored: Mapping[str, Collection[int]]
) -> Iterator[Any]:
    """Yield each task after starting it, or None if nothing is left to start now; pieces come before further units."""
    options = {
        "num_cpus": 1, "max_retries": _RETRIES, "retry_exceptions": [WorkerPoolError], "num_returns": "streaming",
        "_generator_backpressure_num_objects": _RESULTS_AHEAD,
    }  # fmt: skip
    list_pieces, read_piece = (ray.remote(**options)(one) for one in (_list_pieces, _read_piece))
    chosen, source = ray.put(choice), iter(units)
    while True:
        unit = None if pieces else next(source, None)
        if not pieces and unit is None:
            yield None
        elif unit is not None and unit.size > _LARGE and can_start_inside(unit):
            yield list_pieces.remote(unit, chosen)
        else:
            piece = pieces.popleft() if unit is None else _Piece(unit)
            yield read_piece.remote(piece, chosen, frozenset(stored.get(piece.unit.key, ())))
