"""Stata and SPSS: one file per table, with variable labels, and value labels on classes and truth values."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from espress.errors import require
from espress.exporters.described_tables import list_terms
from espress.exporters.limits import EXACT_INTEGERS, NO_EMPTY, NO_NUL, Limit, Size, longer, matches, outside
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from espress.exporters.described_tables import Sheet
    from espress.schema import Column, Type

LONG = 2_147_483_620  # Stata's largest whole number; the values above it mean missing values
STR = 2_045  # bytes; longer strings are stored as strL, up to two thousand million bytes
VERSION: Literal[118] = 118  # version of the file format, for Stata 14 and later
FIRST_DAY = dt.date(1582, 10, 14)  # SPSS counts seconds from midnight of this day


def _limit_stata_days() -> Limit:
    """Return the limit of dates in Stata or, before version 3, in pandas, which counts nanoseconds."""
    with suppress(PackageNotFoundError):
        if int(version("pandas").partition(".")[0]) < 3:
            first, last = dt.date(1677, 9, 22), dt.date(2262, 4, 11)
            what = f"with a date outside {first} to {last}, which pandas before version 3 cannot write"
            return outside(["date"], first, last, what)
    return outside(
        ["date"], dt.date(100, 1, 1), dt.date(9999, 12, 31), "with a date before the year 100, Stata's first"
    )


STATA_SIZE = Size(2**31 - 1, 32_767)
STATA_LIMITS: tuple[Limit, ...] = (
    NO_NUL,
    NO_EMPTY,
    EXACT_INTEGERS,
    _limit_stata_days(),
    outside(["float64"], -8.98e307, 8.98e307, "with a number that Stata reserves for missing values"),
)
SPSS_LIMITS: tuple[Limit, ...] = (
    NO_NUL,
    NO_EMPTY,
    EXACT_INTEGERS,
    longer(pc.binary_length, 32_767, "with more than 32,767 bytes, SPSS's limit for a string"),
    matches(" $", "with a space at the end, which SPSS takes for padding"),
    outside(["date"], dt.date(1582, 10, 15), dt.date(9999, 12, 31), "with a date before 1582-10-15, SPSS's first"),
)
_FORMATS: dict[Type, str] = {"date": "SDATE10", "int32": "F11.0", "int64": "F17.0", "float64": "F12.6", "bool": "F1.0"}
_MADE = 92  # position of the time of creation in the header of a system file: nine characters of date, eight of time

# Stata's reserved words (help reserved), then those of its matrix language, which pandas refuses, too.
_STATA = frozenset(
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _se _skip strL using with "
    "aggregate array boolean break case catch class colvector complex const continue default delegate delete do else "
    "eltypedef end enum explicit export external for friend function global goto inline local NULL pragma protected "
    "quad rowvector short typedef typename virtual".lower().split()
)
_SPSS = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])


def write_stata(sheet: Sheet, path: Path) -> None:
    """Write the table with pandas, which keeps empty strings among long strings; the same data gives the same bytes."""
    require(["pandas"], "export to Stata", how_to_install("export"))
    import pandas as pd

    columns = sheet.table.columns
    names = stata_names([column.name for column in columns])
    values, labels = _encode(sheet, names, _make_stata_series)
    long = [
        name
        for name, cells in values.items()
        if cells.dtype == object and cells.str.encode("utf-8").str.len().max() > STR
    ]
    pd.DataFrame(values).to_stata(
        path,
        write_index=False,
        version=VERSION,
        convert_strl=long,
        convert_dates={n: "td" for n, column in zip(names, columns, strict=True) if column.type == "date"},
        value_labels=labels,
        variable_labels={n: make_label(c.name, n, c.description, 80) for n, c in zip(names, columns, strict=True)},
        data_label=make_label("", "", sheet.table.description, 80),
        time_stamp=dt.datetime(1970, 1, 1),  # noqa: DTZ001  pandas takes no zone; a fixed time gives the same bytes
    )


def write_spss(sheet: Sheet, path: Path) -> None:
    """Write the table with pyreadstat; the same data gives the same bytes.

    Nulls become empty strings in text columns and system-missing in all others.
    """
    require(["pandas", "pyreadstat"], "export to SPSS", how_to_install("export"))
    import pandas as pd
    import pyreadstat

    columns = sheet.table.columns
    names = spss_names([column.name for column in columns])
    values, labels = _encode(sheet, names, _make_spss_series)
    formats = {n: _FORMATS[c.type] for n, c in zip(names, columns, strict=True) if c.type in _FORMATS}
    try:
        pyreadstat.write_sav(
            pd.DataFrame(values),
            path,
            file_label=make_label("", "", sheet.table.description, 64),
            column_labels=[make_label(c.name, n, c.description, 255) for n, c in zip(names, columns, strict=True)],
            variable_value_labels=labels,
            variable_measure=dict.fromkeys(labels, "nominal"),
            variable_format={name: form for name, form in formats.items() if name not in labels},
        )
    except pyreadstat.ReadstatError as error:
        raise OSError(str(error)) from error
    with path.open("r+b") as file:  # pyreadstat cannot set the time of creation
        file.seek(_MADE)
        file.write(b"01 Jan 7000:00:00")


def _encode(
    sheet: Sheet, names: Sequence[str], make_series: Callable[[Column, Any], Any]
) -> tuple[dict[str, Any], dict[Any, dict[Any, str]]]:
    """Return the values of each variable as a series, and the value labels of the variables that have labels."""
    values: dict[str, Any] = {}
    labels: dict[Any, dict[Any, str]] = {}
    for name, (column, cells) in zip(names, sheet.columns(), strict=True):
        coded, classes = _encode_classes(column, cells)
        values[name] = make_series(column, coded)
        if classes:
            labels[name] = dict(enumerate(classes))
    return values, labels


def _encode_classes(column: Column, cells: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the cells as whole numbers, nulls as nulls, and the label of each number from zero.

    A column without classes or truth values is returned unchanged and has no labels.
    """
    if column.type == "bool":
        return cells.cast(pa.int32()), ("false", "true")
    if not column.labels:
        return cells, ()
    classes = list_terms(column, cells)
    return pc.index_in(cells, value_set=pa.array(classes, pa.string())), classes


def _make_stata_series(column: Column, cells: Any) -> Any:
    """Return the cells as a series that pandas writes without changes.

    Whole numbers that a `long` cannot hold become doubles: pandas would write them as missing.
    """
    import pandas as pd

    if pa.types.is_integer(cells.type):
        small = pc.all(pc.less_equal(pc.abs(cells.cast(pa.int64())), LONG)).as_py() is not False
        return cells.cast(pa.float64()).to_pandas().astype("Int32" if small else "float64")
    if column.type == "date":
        return cells.cast(pa.timestamp("s")).to_pandas()
    return cells.to_pandas() if column.type == "float64" else pd.Series(cells.fill_null("").to_pylist(), dtype=object)


def _make_spss_series(_: Column, cells: Any) -> Any:
    """Return text unchanged, with nulls as empty strings, and everything else as doubles, the only numbers of SPSS."""
    import pandas as pd

    if pa.types.is_string(cells.type):
        return pd.Series(cells.fill_null("").to_pylist(), dtype=object)
    if pa.types.is_date(cells.type):
        days = pc.subtract(cells.cast(pa.int32()).cast(pa.int64()), (FIRST_DAY - dt.date(1970, 1, 1)).days)
        return pc.multiply(days, 86_400).cast(pa.float64()).to_pandas()
    return cells.cast(pa.float64()).to_pandas()


def stata_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 32 characters that are not reserved words of Stata."""
    return _fit(names, 32, _STATA)


def spss_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 64 characters that are not reserved words of SPSS, which ignores case."""
    return _fit(names, 64, _SPSS)


def _fit(names: Sequence[str], longest: int, reserved: frozenset[str]) -> list[str]:
    """Return a legal, distinct name for each name, in order; the same names always give the same result."""
    given: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        if plain.lower() in reserved or re.fullmatch(r"str[0-9]+", plain) or not re.match(r"[A-Za-z]", plain):
            plain = f"v_{plain}"
        fit, number = plain[:longest], 1
        while fit.lower() in {other.lower() for other in given}:
            number += 1
            fit = f"{plain[: longest - len(str(number)) - 1]}_{number}"
        given.append(fit)
    return given


def make_label(name: str, fit: str, description: str, most: int) -> str:
    """Return a variable's label: its description, preceded by its name in the corpus if the file uses another.

    A label of more than `most` bytes is cut and ends in an ellipsis; the table `dictionary` has the whole text.
    """
    whole = description if name == fit else f"{name}: {description}"
    if len(whole.encode()) <= most:
        return whole
    return whole.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
