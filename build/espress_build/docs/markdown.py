"""What generated blocks are made of: rows of the dataset, what `benchmarks/` measured, and Markdown tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from tabulate import tabulate

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterable
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


def markdown(rows: Iterable[Iterable[object]], head: list[str]) -> str:
    """Return a Markdown table with cells as they are, and a dash for what is null."""
    cells = [["–" if cell is None else cell for cell in row] for row in rows]
    return tabulate(cells, head, tablefmt="github", disable_numparse=True)
