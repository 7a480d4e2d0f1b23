"""Levels 4 and 5: one SQL query a check, run by DuckDB over the Parquet files, that selects the offending rows.

A query returns (key, what is wrong). Level 4 sees one dataset; level 5 sees the last one too, as `before.<table>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.checks.incident import Check, Incident, incident

if TYPE_CHECKING:
    from pathlib import Path


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def connect(folder: Path, before: Path | None = None) -> Any:
    """Return a DuckDB connection with a view for each table of the dataset, and of the one before."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, home in (("main", folder), ("before", before)):
        if home is None:
            continue
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        for table in schema().tables:
            path = home / "data" / f"{table.name}.parquet"
            if path.is_file():
                connection.execute(f"CREATE VIEW {name}.{table.name} AS SELECT * FROM read_parquet({_quoted(path)})")
    return connection


def same_columns(folder: Path, before: Path) -> bool:
    """Return whether the dataset before has the tables and columns that level 5 compares."""
    for table in ("articles", "sentences"):
        old, new = (home / "data" / f"{table}.parquet" for home in (before, folder))
        if not old.is_file() or not set(schema().table(table).key) <= set(pq.read_schema(old).names):
            return False
        if not new.is_file():
            return False
    return True


def run_queries(folder: Path, checks: list[Check], before: Path | None = None) -> list[Incident]:
    """Run checks in SQL; returns incidents in the order of the checks."""
    connection, incidents = connect(folder, before), []
    for check in checks:
        rows = [(str(key), str(detail)) for key, detail in connection.execute(str(check.sql)).fetchall()]
        if found := incident(check, rows):
            incidents.append(found)
    connection.close()
    return incidents
