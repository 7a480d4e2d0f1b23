"""A dataset whose table `sentences` has many rows: units of the committed dataset again and again, with other ids."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.files import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ROWS_AT_ONCE = 50_000


def write_dataset(folder: Path, rows: int) -> None:
    """Write the dataset; every unit has an id of its own, in the form that the schema requires."""
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
