"""Measure the checks of columns and values, and compare with plain DuckDB and Great Expectations in pandas."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.files import ROOT
from benchmarks.speed.timing import Command, run

ROWS_AT_ONCE = 50_000
WAYS = {
    "plain": "the same conditions sent to DuckDB",
    "ours": "`espress-build validate`",
    "pandas": "Great Expectations over the whole table in pandas",
}


def write_dataset(folder: Path, rows: int) -> None:
    """Write the dataset; the ids of the units are unique and have the form that the schema requires."""
    shutil.copytree(ROOT / "dataset", folder)
    path = folder / "data" / "sentences.parquet"
    given = pq.read_table(path)
    with pq.ParquetWriter(path, given.schema, compression="zstd") as writer:
        for start in range(0, rows, ROWS_AT_ONCE):
            numbers = np.arange(start, min(rows, start + ROWS_AT_ONCE))
            part = given.take(pa.array(numbers % given.num_rows))
            ids = [f"outlet-20260101-{number // 100:08x}.p{number % 100 + 100}.01" for number in numbers.tolist()]
            place = given.schema.get_field_index("sentence_id")
            writer.write_table(part.set_column(place, given.schema.field(place), pa.array(ids)))


def measure_checking(sizes: tuple[int, ...], largest_in_pandas: int) -> dict[str, Any]:
    """Check a table of each size in each way, each in a separate process."""
    found: dict[str, Any] = {way: {} for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        for size in sizes:
            folder = Path(home) / str(size)
            write_dataset(folder, size)
            for way in WAYS:
                if way != "pandas" or size <= largest_in_pandas:
                    taken = run(Command(way, "scale/check_values.py", (str(folder), way)))
                    seconds = json.loads((folder / f"{way}.json").read_text("utf-8"))
                    found[way][str(size)] = {
                        "process_s": round(taken.seconds, 1),
                        "seconds": round(seconds, 2),
                        "mib": round(taken.peak_mib),
                    }
                    print(f"  {size} rows, {way}: {found[way][str(size)]}", file=sys.stderr)
    return {"table": "sentences", "sizes": found}
