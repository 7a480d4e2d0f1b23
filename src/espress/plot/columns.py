"""Read columns for plots: of a table of the corpus by name, or of a table that the user passes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from espress.errors import InputError
from espress.shortcut_audit.read.columns import class_names, find_columns

_READ = "the name of a table, a pandas or polars DataFrame, a pyarrow Table, a datasets.Dataset or a list of dicts"


@dataclass(frozen=True)
class Columns:
    """Columns of a table as lists of Python values; missing values are None."""

    source: str  # what messages and titles call the table
    values: dict[str, list[Any]]
    orders: dict[str, list[str]] = field(
        default_factory=dict
    )  # column -> its classes in order, if the table orders them
    table: str = ""  # name of the table, if it is one of the corpus

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), []))


def read_columns(data: object, names: Sequence[str]) -> Columns:
    """Return the named columns.

    Args:
        data: the name of a table of the corpus, or a table of any kind.
        names: the columns.

    Raises:
        UnknownNameError: the corpus has no table of that name.
        InputError: the table has no such column (the message gives the nearest names), or no table is given.
    """
    table, source = "", f"the {type(data).__module__.partition('.')[0]} {type(data).__name__}"
    if isinstance(data, Path) or (isinstance(data, str) and Path(data).suffix):
        raise InputError(
            [f"{data}: a plot reads tables, not files. Read it first, for example `pandas.read_csv(...)`."]
        )
    if isinstance(data, str):
        from espress.data.load import load

        table, source, data = data, f"the table {data!r}", load(data, as_="arrow")
    if type(data).__module__.startswith("datasets.") and hasattr(data, "with_format"):
        if not hasattr(data, "num_rows") or isinstance(data, Mapping):
            raise InputError([f"A plot does not read {type(data).__name__}. Choose one split, without streaming=True."])
        find_columns(names, data.column_names, source)  # type: ignore[attr-defined]
        data = data.select_columns(list(dict.fromkeys(names))).with_format("arrow")[:]  # type: ignore[attr-defined]
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        return _read_pandas(data, names, source)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes | bytearray):
        return _read_dicts(data, names)
    if hasattr(data, "collect") and not hasattr(data, "__arrow_c_stream__"):
        raise InputError([f"{type(data).__name__} is lazy and holds no rows yet. Pass the result of its .collect()."])
    if not hasattr(data, "__arrow_c_stream__"):
        raise InputError([f"A plot does not read {type(data).__name__}. It reads {_READ}."])
    return _read_arrow(data, names, source, table)


def _read_pandas(frame: Any, names: Sequence[str], source: str) -> Columns:
    places = find_columns(names, list(map(str, frame.columns)), source)
    found = {name: frame.iloc[:, place] for name, place in zip(names, places, strict=True)}
    orders = {n: list(map(to_text, s.cat.categories)) for n, s in found.items() if str(s.dtype) == "category"}
    return Columns(source, {name: list(map(_clean, series.tolist())) for name, series in found.items()}, orders)


def _read_arrow(data: Any, names: Sequence[str], source: str, table: str) -> Columns:
    import pyarrow as pa

    try:
        rows = pa.table(data)
    except pa.ArrowException as error:  # a single column, such as a Series
        raise InputError([f"{source} is not a table ({error}). A plot reads {_READ}."]) from error
    find_columns(names, rows.column_names, source)
    classes = class_names(rows.schema, names, source)
    values = {name: [_clean(value) for value in rows[name].to_pylist()] for name in names}
    for name, known in classes.items():  # `datasets` stores the number of a class; -1 is a missing label
        values[name] = [None if value is None or value < 0 else known[value] for value in values[name]]
    return Columns(source, values, classes, table)


def _read_dicts(rows: Sequence[Any], names: Sequence[str]) -> Columns:
    if not all(isinstance(row, Mapping) for row in rows):
        raise InputError([f"The list holds something other than dicts. A plot reads {_READ}."])
    source = "the list of dicts"
    find_columns(names, list(dict.fromkeys(key for row in rows for key in row)) if rows else names, source)
    return Columns(source, {name: [_clean(row.get(name)) for row in rows] for name in names})


def _clean(value: Any) -> Any:
    """Return a value, or None for a missing one: None, NaN, NaT, NA and the empty string."""
    if isinstance(value, str):  # most values
        return value if value and not value.isspace() else None
    if hasattr(value, "tolist"):  # numpy arrays become lists, numpy numbers Python numbers
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [kept for one in value if (kept := _clean(one)) is not None] or None
    if type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def to_text(value: object) -> str:
    """Return the name of a class: whole numbers have no decimal point, even if missing values made them floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def list_texts(value: Any) -> list[str]:
    """Return the values of a cell as text: none if it is missing, several if it holds a list."""
    if isinstance(value, str):  # most values
        return [value]
    if value is None:
        return []
    return [to_text(one) for one in dict.fromkeys(value)] if isinstance(value, list) else [to_text(value)]
