"""Collect with another library that decides where and when files are read, but otherwise as `espress collect` does."""

from __future__ import annotations

import pickle
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from espress_build.collect import run
from espress_build.collect.choice import Choice
from espress_build.collect.reading import Reader
from espress_build.collect.sources import read_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHOICE = Choice()


@cache
def load_reader() -> Reader:
    """Load what reading needs, once in each process."""
    return Reader(CHOICE)


def read_file(unit: bytes) -> Iterator[bytes]:
    """Yield the result of each batch of a file."""
    reader = load_reader()
    for batch in read_batches(pickle.loads(unit), reader.params.pages):  # noqa: S301 - our own
        yield pickle.dumps(reader.read(batch))


def collect_with(read: Callable[[list[bytes], int], Iterable[bytes]]) -> None:
    """Collect with the arguments ARCHIVES OUT WORKERS of the command line; `read` yields the results of all files."""

    def read_local(units: Iterable[Any], _choice: Choice, _stored: object, workers: int) -> Iterator[Any]:
        yield from map(pickle.loads, read([pickle.dumps(unit) for unit in units], workers))

    archives, out, workers = sys.argv[1:]
    vars(run)["read_local"] = read_local
    print(run.collect(archives, out, workers=int(workers)).kept)
