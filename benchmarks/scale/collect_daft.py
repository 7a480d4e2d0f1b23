"""Collect with Daft: python collect_daft.py ARCHIVES OUT WORKERS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.scale.collect_parts import collect_with, load_reader, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reader:
    """The function that Daft maps, in processes."""

    def __init__(self) -> None:
        """Load what reading needs."""
        load_reader()

    def __call__(self, units: Any) -> list[list[bytes]]:
        """Return the results of files."""
        return [list(read_file(unit)) for unit in units.to_pylist()]


def read(units: list[bytes], workers: int) -> Iterator[bytes]:
    """Yield the results of all files."""
    daft: Any = import_module("daft")
    kind = daft.DataType.list(daft.DataType.binary())
    mapped = daft.udf(return_dtype=kind, concurrency=workers, batch_size=1, use_process=True)(Reader)
    files = daft.from_pydict({"unit": units}).into_batches(1)
    for row in files.select(mapped(daft.col("unit")).alias("result")).iter_rows():
        yield from row["result"]


if __name__ == "__main__":
    collect_with(read)
