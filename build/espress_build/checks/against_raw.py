"""Compare a dataset with a new build from raw/, schema/ and state/, in a clone.

Facts that are wrong but plausible, such as another country or a swapped author, fit all other columns. Only a new build
shows them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.checks.comparison import compare_tables
from espress_build.checks.dataset_files import find_difference
from espress_build.checks.incident import Check, report_incident
from espress_build.checks.validate import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVEL = 6
CHECK = Check("raw-agrees", LEVEL, "the dataset is what the sources and the stated facts give, and nothing else")


def _compare_cells(folder: Path, built: Path) -> Iterator[tuple[str, str]]:
    for table in schema().files:
        found, wanted = (pq.ParquetFile(home / "data" / f"{table.name}.parquet").read() for home in (folder, built))
        yield from compare_tables(found, wanted, table, "raw/ gives")
        if not found.schema.equals(wanted.schema, check_metadata=True):
            yield table.name, "columns, types or metadata of the file differ from those of a new build"


def _compare_files(folder: Path, built: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in built.iterdir() if path.is_file()):
        other = folder / path.name
        if not other.is_file():
            yield path.name, "is missing"
        elif what := find_difference(other.read_bytes(), path.read_bytes(), "a new build has"):
            yield path.name, what


def state_version(folder: Path) -> str | None:
    """Return the version that a dataset states, or None if it cannot be read."""
    try:
        return str(json.loads((folder / "datapackage.json").read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def compare_with_build(folder: Path, built: Path) -> Outcome:
    """Compare a dataset with a new build: each cell, then each file beside the tables, byte by byte.

    Files are compared only if all cells are equal, because they contain hashes of the tables.
    """
    found = list(_compare_cells(folder, built)) or list(_compare_files(folder, built))
    incident = report_incident(CHECK, found)
    return Outcome((CHECK,), (incident,) if incident else (), {})
