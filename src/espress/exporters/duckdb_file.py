"""DuckDB: one database, every table in it, with the schema's descriptions as comments."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.exporters.sqlite_file import quoted
from espress.exporters.tables import flat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress.exporters.tables import Sheet

STORAGE = "v1.0.0"  # of the file: the newest would shut out every DuckDB that is older than the one that wrote it


def with_times(sheet: Sheet) -> Sheet:
    """Return the sheet with lists as text, and points in time as they are."""
    return flat(sheet, times=False)


def write(sheets: Iterable[Sheet], path: Path) -> None:
    """Write each sheet as a table; times are TIMESTAMP WITH TIME ZONE; raises OSError when the disk is full."""
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise MissingLibraryError("duckdb", "export to DuckDB", "pip install 'espress[export]'") from error
    try:
        with closing(duckdb.connect()) as database:
            database.execute(f"ATTACH {_literal(str(path))} AS export (STORAGE_VERSION '{STORAGE}')")
            for sheet in sheets:
                _table(database, sheet)
            database.execute("DETACH export")
    except duckdb.Error as error:
        raise OSError(str(error)) from error


def _table(database: Any, sheet: Sheet) -> None:
    name = f"export.{quoted(sheet.table.name)}"
    database.register("rows", sheet.rows)
    database.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")  # noqa: S608  the name is quoted
    database.unregister("rows")
    database.execute(f"COMMENT ON TABLE {name} IS {_literal(sheet.table.description)}")
    for column in sheet.table.columns:
        database.execute(f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {_literal(column.description)}")


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
