"""SQLite and DuckDB: one database with every table in it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from espress.errors import require
from espress.exporters.described_tables import to_text
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from sqlite3 import Connection

    from espress.exporters.described_tables import Sheet
    from espress.schema import Type

STORAGE = "v1.0.0"  # format version of the DuckDB file, which all versions of DuckDB since 1.0 can read
# BOOLEAN and DATE inform programs that use the declared type; SQLite itself stores an integer and a text.
_TYPES: dict[Type, str] = {"bool": "BOOLEAN", "int32": "INTEGER", "int64": "INTEGER", "float64": "REAL", "date": "DATE"}


def _quote(name: str) -> str:
    """Return the name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _quote_text(value: str) -> str:
    """Return the value as an SQL string."""
    return "'" + value.replace("'", "''") + "'"


def write_sqlite(sheets: Iterable[Sheet], path: Path) -> None:
    """Write each sheet as a table with an index on its key; raises OSError if the disk is full.

    Lists, dates and times are stored as text, truth values as 0 and 1.
    """
    import sqlite3

    try:
        with closing(sqlite3.connect(path)) as database, database:
            for sheet in sheets:
                _write_sqlite_table(database, sheet)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error


def _write_sqlite_table(database: Connection, sheet: Sheet) -> None:
    name = _quote(sheet.table.name)
    columns = [f"{_quote(column.name)} {_TYPES.get(column.type, 'TEXT')}" for column in sheet.table.columns]
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  the name is quoted
    dates = [column.name for column in sheet.table.columns if column.type == "date"]
    for batch in sheet.batches():
        rows = (row | {name: to_text(row[name]) for name in dates} for row in batch)
        database.executemany(insert, [tuple(row.values()) for row in rows])
    if sheet.table.key:
        index = _quote(f"{sheet.table.name}_key")
        database.execute(f"CREATE INDEX {index} ON {name} ({', '.join(map(_quote, sheet.table.key))})")


def write_duckdb(sheets: Iterable[Sheet], path: Path) -> None:
    """Write each sheet as a table with the schema's descriptions as comments; raises OSError if the disk is full."""
    require(["duckdb"], "export to DuckDB", how_to_install("export"))
    import duckdb

    try:
        with closing(duckdb.connect()) as database:
            database.execute(f"ATTACH {_quote_text(str(path))} AS export (STORAGE_VERSION '{STORAGE}')")
            for sheet in sheets:
                _write_duckdb_table(database, sheet)
            database.execute("DETACH export")
    except duckdb.Error as error:
        raise OSError(str(error)) from error


def _write_duckdb_table(database: Any, sheet: Sheet) -> None:
    name = f"export.{_quote(sheet.table.name)}"
    database.register("rows", sheet.rows)
    database.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")  # noqa: S608  the name is quoted
    database.unregister("rows")
    database.execute(f"COMMENT ON TABLE {name} IS {_quote_text(sheet.table.description)}")
    for column in sheet.table.columns:
        database.execute(f"COMMENT ON COLUMN {name}.{_quote(column.name)} IS {_quote_text(column.description)}")
