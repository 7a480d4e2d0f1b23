"""Collect with Dask: python collect_dask.py ARCHIVES OUT WORKERS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.scale.collect_parts import collect_with, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_files(units: list[bytes]) -> list[bytes]:
    """Return the results of files; the function that Dask maps, in processes."""
    return [result for unit in units for result in read_file(unit)]


def read(units: list[bytes], workers: int) -> Iterator[bytes]:
    """Yield the results of all files."""
    bag: Any = import_module("dask.bag")
    distributed: Any = import_module("distributed")
    with distributed.Client(n_workers=workers, threads_per_worker=1, dashboard_address=None) as client:
        parts = bag.from_sequence(units, npartitions=len(units)).map_partitions(read_files).to_delayed()
        for _, results in distributed.as_completed(client.compute(parts), with_results=True):
            yield from results


if __name__ == "__main__":
    collect_with(read)
