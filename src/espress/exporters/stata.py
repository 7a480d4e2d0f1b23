"""Stata: one file a table, release 14 or later; variable labels, and value labels on labels and truth values."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

from espress.errors import MissingLibraryError
from espress.exporters.limits import EXACT_INTEGERS, NO_EMPTY, NO_NUL, Limit, Size, outside
from espress.exporters.value_labels import codes
from espress.exporters.variable_names import label, stata_names

if TYPE_CHECKING:
    from pathlib import Path

    from espress.exporters.tables import Sheet
    from espress.schema import Column

LONG = 2_147_483_620  # Stata's largest whole number; the few above it stand for missing values
STR = 2_045  # bytes: longer strings are kept as strL, up to two thousand million bytes
VERSION: Literal[118] = 118  # of the file; Stata 14 and later

SIZE = Size(2**31 - 1, 32_767)
LIMITS: tuple[Limit, ...] = (
    NO_NUL,
    NO_EMPTY,
    EXACT_INTEGERS,
    outside(["date"], dt.date(100, 1, 1), dt.date(9999, 12, 31), "with a date before the year 100, Stata's first"),
    outside(["float64"], -8.98e307, 8.98e307, "with a number that Stata keeps for missing values"),
)


def write(sheet: Sheet, path: Path) -> None:
    """Write the table with pandas, whose writer keeps empty strings among long ones; the same bytes each time."""
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingLibraryError("pandas", "export to Stata", "pip install 'espress[export]'") from error
    columns = sheet.table.columns
    names = stata_names([column.name for column in columns])
    values: dict[str, Any] = {}
    labels: dict[Any, dict[float, str]] = {}
    long = []
    for name, (column, cells) in zip(names, sheet.columns(), strict=True):
        coded, classes = codes(column, cells)
        values[name] = _series(column, coded)
        if classes:
            labels[name] = dict(enumerate(classes))
        if values[name].dtype == object and values[name].str.encode("utf-8").str.len().max() > STR:
            long.append(name)
    pd.DataFrame(values).to_stata(
        path,
        write_index=False,
        version=VERSION,
        convert_strl=long,
        convert_dates={n: "td" for n, column in zip(names, columns, strict=True) if column.type == "date"},
        value_labels=labels,
        variable_labels={n: label(c.name, n, c.description, 80) for n, c in zip(names, columns, strict=True)},
        data_label=label("", "", sheet.table.description, 80),
        time_stamp=dt.datetime(1970, 1, 1),  # noqa: DTZ001  as pandas takes it; no clock
    )


def _series(column: Column, cells: Any) -> Any:
    """Return the cells as a series that pandas writes without a change.

    Whole numbers that a `long` cannot hold go as doubles: pandas would write them as missing.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(cells.type):
        small = pc.all(pc.less_equal(pc.abs(cells.cast(pa.int64())), LONG)).as_py() is not False
        return cells.cast(pa.float64()).to_pandas().astype("Int32" if small else "float64")
    if column.type == "date":
        return cells.cast(pa.timestamp("s")).to_pandas()
    return cells.to_pandas() if column.type == "float64" else pd.Series(cells.fill_null("").to_pylist(), dtype=object)
