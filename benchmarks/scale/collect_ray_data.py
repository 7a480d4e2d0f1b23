"""Collect with Ray Data: python collect_ray_data.py ARCHIVES OUT WORKERS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.scale.collect_parts import collect_with, load_reader, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reader:
    """The function that Ray Data maps, in actors."""

    def __init__(self) -> None:
        """Load what reading needs."""
        load_reader()

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Yield the results of the files of a batch, one by one."""
        for unit in batch["unit"]:
            for result in read_file(unit):
                yield {"result": [result]}


def read(units: list[bytes], workers: int) -> Iterator[bytes]:
    """Yield the results of all files."""
    ray: Any = import_module("ray")
    data: Any = import_module("ray.data")
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="warning")
    data.DataContext.get_current().enable_progress_bars = False
    files = data.from_items([{"unit": unit} for unit in units], override_num_blocks=len(units))
    actors = data.ActorPoolStrategy(size=workers)
    for row in files.map_batches(Reader, batch_size=1, compute=actors, num_cpus=1).iter_rows():
        yield row["result"]
    ray.shutdown()


if __name__ == "__main__":
    collect_with(read)
