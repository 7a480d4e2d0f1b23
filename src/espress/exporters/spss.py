"""SPSS: one file a table; variable labels, and value labels on labels and truth values."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.exporters.limits import EXACT_INTEGERS, NO_EMPTY, NO_NUL, Limit, longer, matches, octets, outside
from espress.exporters.value_labels import codes
from espress.exporters.variable_names import label, spss_names

if TYPE_CHECKING:
    from pathlib import Path

    from espress.exporters.tables import Sheet
    from espress.schema import Type

FIRST_DAY = dt.date(1582, 10, 14)  # SPSS counts seconds from its midnight
LIMITS: tuple[Limit, ...] = (
    NO_NUL,
    NO_EMPTY,
    EXACT_INTEGERS,
    longer(octets, 32_767, "with more than 32,767 bytes, SPSS's limit for a string"),
    matches(" $", "with a space at the end, which SPSS takes for padding"),
    outside(["date"], dt.date(1582, 10, 15), dt.date(9999, 12, 31), "with a date before 1582-10-15, SPSS's first"),
)
_FORMATS: dict[Type, str] = {"date": "SDATE10", "int32": "F11.0", "int64": "F17.0", "float64": "F12.6", "bool": "F1.0"}
_MADE = 92  # where the header of a system file says when it was made: nine characters of date, eight of time


def write(sheet: Sheet, path: Path) -> None:
    """Write the table with pyreadstat, nulls as system-missing or empty strings; the same bytes each time."""
    try:
        import pandas as pd
        import pyreadstat
    except ModuleNotFoundError as error:
        raise MissingLibraryError(
            error.name or "pyreadstat", "export to SPSS", "pip install 'espress[export]'"
        ) from error
    columns = sheet.table.columns
    names = spss_names([column.name for column in columns])
    values: dict[str, Any] = {}
    labels: dict[str, dict[int | float, str]] = {}
    for name, (column, cells) in zip(names, sheet.columns(), strict=True):
        coded, classes = codes(column, cells)
        values[name] = _series(coded)
        if classes:
            labels[name] = dict(enumerate(classes))
    try:
        pyreadstat.write_sav(
            pd.DataFrame(values),
            path,
            file_label=label("", "", sheet.table.description, 64),
            column_labels=[label(c.name, n, c.description, 255) for n, c in zip(names, columns, strict=True)],
            variable_value_labels=labels,
            variable_measure=dict.fromkeys(labels, "nominal"),
            variable_format={
                n: _FORMATS[c.type]
                for n, c in zip(names, columns, strict=True)
                if c.type in _FORMATS and n not in labels
            },
        )
    except pyreadstat.ReadstatError as error:
        raise OSError(str(error)) from error
    with path.open("r+b") as file:  # pyreadstat has no way to set it
        file.seek(_MADE)
        file.write(b"01 Jan 7000:00:00")


def _series(cells: Any) -> Any:
    """Return text as it is with nulls empty, and everything else as doubles, which is how SPSS has numbers."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(cells.type):
        return pd.Series(cells.fill_null("").to_pylist(), dtype=object)
    if pa.types.is_date(cells.type):
        days = pc.subtract(cells.cast(pa.int32()).cast(pa.int64()), (FIRST_DAY - dt.date(1970, 1, 1)).days)
        return pc.multiply(days, 86_400).cast(pa.float64()).to_pandas()
    return cells.cast(pa.float64()).to_pandas()
