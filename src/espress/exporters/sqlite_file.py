"""SQLite: one database, every table in it; lists, dates and times are text, truth values 0 and 1."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from espress.exporters.tables import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from sqlite3 import Connection

    from espress.exporters.tables import Sheet
    from espress.schema import Type

# BOOLEAN and DATE are for readers who ask for the declared type; SQLite keeps an integer, and text.
_TYPES: dict[Type, str] = {"bool": "BOOLEAN", "int32": "INTEGER", "int64": "INTEGER", "float64": "REAL", "date": "DATE"}


def quoted(name: str) -> str:
    """Return the name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def write(sheets: Iterable[Sheet], path: Path) -> None:
    """Write each sheet as a table with an index on its key; raises OSError when the disk is full."""
    import sqlite3

    try:
        with closing(sqlite3.connect(path)) as database, database:
            for sheet in sheets:
                _table(database, sheet)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error


def _table(database: Connection, sheet: Sheet) -> None:
    name = quoted(sheet.table.name)
    columns = [f"{quoted(column.name)} {_TYPES.get(column.type, 'TEXT')}" for column in sheet.table.columns]
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  the name is quoted
    dates = [column.name for column in sheet.table.columns if column.type == "date"]
    for batch in sheet.batches():
        rows = (row | {name: text(row[name]) for name in dates} for row in batch)
        database.executemany(insert, [tuple(row.values()) for row in rows])
    if sheet.table.key:
        index = quoted(f"{sheet.table.name}_key")
        database.execute(f"CREATE INDEX {index} ON {name} ({', '.join(map(quoted, sheet.table.key))})")
