"""What each format's own reader makes of an exported table, turned back into the table that it was made from."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.exporters.described_tables import make_sheet
from espress.exporters.formats import choose_format
from espress.exporters.limits import check_limits

if TYPE_CHECKING:
    from pathlib import Path

    from espress.exporters.described_tables import Sheet

FORMATS = ["csv", "jsonl", "sqlite", "duckdb", "xlsx", "dta", "sav"]
Rows = list[dict[str, Any]]


def write(rows: pa.Table, to: str, folder: Path, *, config: str = "invented", excel_safe: bool = False) -> Path:
    """Write one table as `espress.export` does, limits and all."""
    form = choose_format(to, excel_safe=excel_safe)
    ready = form.prepare(make_sheet(config, rows))
    check_limits([ready], form.limits, form.size, to)
    path = folder / f"{config}.{form.ending}"
    path.unlink(missing_ok=True)
    form.write([ready] if form.together else ready, path)
    return path


def read(path: Path, to: str, rows: pa.Table, config: str = "invented") -> pa.Table:
    """Return what the format's reader sees, as a table with the columns and types of `rows`."""
    described = make_sheet(config, rows)
    found: Rows = _READERS[to](path, described)
    fields = {field.name: field.type for field in rows.schema}
    whole = [{name: _restored(row[name], kind) for name, kind in fields.items()} for row in found]
    return pa.Table.from_pylist(whole, schema=rows.schema)


def _restored(value: Any, kind: pa.DataType) -> Any:
    """Return a value that the format keeps as text, as the type it had."""
    if isinstance(value, dt.datetime) and pa.types.is_date(kind):
        return value.date()
    if value is None or not isinstance(value, str):
        return bool(value) if value is not None and pa.types.is_boolean(kind) else value
    if pa.types.is_list(kind):
        return json.loads(value)
    if pa.types.is_timestamp(kind):
        return dt.datetime.fromisoformat(value)
    if pa.types.is_date(kind):
        return dt.date.fromisoformat(value)
    return value


def _csv(path: Path, described: Sheet) -> Rows:
    from pyarrow import csv

    kept = (pa.types.is_list, pa.types.is_timestamp)
    types = {f.name: pa.string() if any(test(f.type) for test in kept) else f.type for f in described.rows.schema}
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    return list(table.to_pylist())


def _jsonl(path: Path, _: Sheet) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def _sqlite(path: Path, described: Sheet) -> Rows:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f'SELECT * FROM "{described.table.name}"')]  # noqa: S608


def _duckdb(path: Path, described: Sheet) -> Rows:
    import duckdb

    with closing(duckdb.connect(str(path), read_only=True)) as database:
        table = database.table(described.table.name).to_arrow_table()
        return list(table.to_pylist())


def _xlsx(path: Path, described: Sheet) -> Rows:
    names, *rows = _book(path, path.stat().st_mtime_ns)[described.table.name].iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


@lru_cache(maxsize=1)
def _book(path: Path, _: int) -> Any:
    import openpyxl  # type: ignore[import-untyped]

    return openpyxl.load_workbook(path)


def _dta(path: Path, described: Sheet) -> Rows:
    """Long strings by pandas, the rest by pandas, too; value labels by pyreadstat."""
    import pandas as pd
    import pyreadstat

    from espress.exporters.stata_spss import stata_names

    names = stata_names([column.name for column in described.table.columns])
    _, meta = pyreadstat.read_dta(path, metadataonly=True)
    found = pd.read_stata(path, convert_categoricals=False)
    return _statistical(found.to_dict("list"), meta.variable_value_labels, names, described)


def _sav(path: Path, described: Sheet) -> Rows:
    import pyreadstat

    from espress.exporters.stata_spss import spss_names

    names = spss_names([column.name for column in described.table.columns])
    found, meta = pyreadstat.read_sav(path)
    return _statistical(found.to_dict("list"), meta.variable_value_labels, names, described)


def _statistical(found: dict[Any, list[Any]], labels: dict[str, Any], names: list[str], described: Sheet) -> Rows:
    """Return rows with the corpus's names, codes as their labels, and what is missing as null."""
    columns = {}
    for name, column in zip(names, described.table.columns, strict=True):
        classes = {"false": False, "true": True} if column.type == "bool" else {}
        words = {code: classes.get(word, word) for code, word in labels.get(name, {}).items()}
        values = [None if _missing(value, column.nullable) else value for value in found[name]]
        values = [words[value] if words and value is not None else value for value in values]
        columns[column.name] = [int(v) if v is not None and column.type.startswith("int") else v for v in values]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _missing(value: Any, nullable: bool) -> bool:  # noqa: FBT001
    return value is None or value != value or (value == "" and nullable)  # noqa: PLR0124  NaN and NaT


_READERS: dict[str, Any] = dict(zip(FORMATS, (_csv, _jsonl, _sqlite, _duckdb, _xlsx, _dta, _sav), strict=True))
