"""What generated blocks are made of: rows of the dataset, and what `benchmarks/` measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import EspressError

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(dataset: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of one table of a dataset folder."""
    rows: list[dict[str, Any]] = pq.read_table(dataset / "data" / f"{table}.parquet").to_pylist()
    return rows


def measured(dataset: Path, name: str, command: str) -> Any:
    """Return what `command` last wrote to `benchmarks/results/<name>.json`, beside the dataset.

    Raises:
        EspressError: there is no such file; the message says what to type.
    """
    path = dataset.parent / "benchmarks" / "results" / f"{name}.json"
    if not path.is_file():
        raise EspressError(f"{path} is not there. Type: {command}")
    return json.loads(path.read_text(encoding="utf-8"))
