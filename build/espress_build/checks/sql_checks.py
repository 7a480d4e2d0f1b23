"""Run checks written as SQL queries on the Parquet files, with DuckDB.

A query selects the offending rows and returns (key, what is wrong) for each. Level 4 sees one dataset; level 5 also
sees the previous one, as `before.<table>`.
"""

from __future__ import annotations

from glob import escape
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq

from espress.data.integrity import compare_with_sums
from espress.errors import EspressError
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.checks.incident import Check, Incident, report_incident
from espress_build.tables import list_files

if TYPE_CHECKING:
    from pathlib import Path


def quote_path(path: Path) -> str:
    """Return the path as a string of SQL that `read_parquet` takes literally."""
    return "'" + escape(str(path)).replace("'", "''") + "'"  # `[`, `*` and `?` are not wildcards here


def connect(folder: Path, before: Path | None = None) -> Any:
    """Return a DuckDB connection with a view for each table of a dataset, and of the previous one."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, home in (("main", folder), ("before", before)):
        if home is None:
            continue
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        for table in schema().tables:
            if paths := [path for path in list_files(home, table.name) if path.is_file()]:
                listed = ", ".join(map(quote_path, paths))
                connection.execute(f'CREATE VIEW {name}."{table.name}" AS SELECT * FROM read_parquet([{listed}])')
            elif name == "before":  # the previous dataset is older than this table, which is treated as empty
                connection.register("empty", arrow_schema(table).empty_table())
                connection.execute(f'CREATE TABLE {name}."{table.name}" AS FROM empty')
    return connection


# The columns of the previous dataset that level 5 reads; its schema may be older.
_COMPARED = {
    "articles": {"article_id"},
    "sentences": {"sentence_id", "article_id", "text"},
    "unit_moves": {"old_sentence_id", "since"},
}


def find_obstacle(before: Path) -> str | None:
    """Return why the previous dataset cannot be compared, or None if it can."""
    try:
        damaged = {problem.path: problem.what for problem in compare_with_sums(before)}
    except EspressError as error:
        return f"the earlier dataset is damaged: {error}"
    for table, columns in _COMPARED.items():
        name = f"data/{table}.parquet"
        if name in damaged:
            return f"the earlier dataset is damaged: {name} {damaged[name]}"
        there = pq.read_schema(before / name).names if (before / name).is_file() else []
        if missing := sorted(columns - set(there)):
            return f"the earlier dataset has no {table}.{missing[0]}"
    return None


def run_queries(connection: Any, checks: list[Check]) -> list[Incident]:
    """Run checks in SQL; returns incidents in the order of the checks."""
    found = []
    for check in checks:
        rows = [(str(key), str(detail)) for key, detail in connection.execute(str(check.sql)).fetchall()]
        found.append(report_incident(check, rows))
    return [one for one in found if one]
