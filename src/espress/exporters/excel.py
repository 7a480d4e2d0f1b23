"""Excel: one workbook with a sheet per table; text is stored as text and never becomes a formula or a date."""

from __future__ import annotations

import datetime as dt
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from espress.errors import require
from espress.exporters.limits import EXACT_INTEGERS, Limit, Size, longer, matches, outside
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress.exporters.described_tables import Sheet
    from espress.schema import Type


def _count_utf16_units(values: Any) -> Any:
    """Return each string's length as Excel counts it: a character outside the basic plane counts as two."""
    return pc.add(pc.utf8_length(values), pc.count_substring_regex(values, r"[\x{10000}-\x{10FFFF}]"))


# Microsoft, "Excel specifications and limits"; the header counts as a row.
SIZE = Size(1_048_575, 16_384)
CELLS: tuple[Limit, ...] = (
    longer(_count_utf16_units, 32_767, "with more than 32,767 characters, Excel's limit for a cell"),
    longer(partial(pc.count_substring, pattern="\n"), 253, "with more than 253 line feeds, Excel's limit for a cell"),
    matches(
        r"[\x00-\x08\x0b-\x1f\x{FFFE}\x{FFFF}]",
        "with a control character, which a workbook stores only as an escape code",
    ),
)
LIMITS: tuple[Limit, ...] = (
    *CELLS,
    EXACT_INTEGERS,
    outside(["date"], dt.date(1900, 1, 1), dt.date(9999, 12, 31), "with a date before 1900, Excel's first year"),
)
_WIDTHS: dict[Type, int] = {"string": 24, "date": 12}


def write_excel(sheets: Iterable[Sheet], path: Path) -> None:
    """Write the workbook: a bold first row that is frozen, dates as dates; the same data gives the same bytes."""
    require(["xlsxwriter"], "export to Excel", how_to_install("export"))
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    content = BytesIO()  # written to the disk below, so that a full disk raises OSError
    book = Workbook(content, {"in_memory": True})
    # xlsxwriter expects a naive datetime; a fixed one keeps the bytes independent of the clock
    book.set_properties({"created": dt.datetime(1980, 1, 1)})  # noqa: DTZ001
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    path.write_bytes(content.getvalue())


def _write_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.table.name)
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, (column, values) in enumerate(sheet.columns()):
        form = book.add_format({"num_format": {"string": "@", "date": "yyyy-mm-dd"}.get(column.type, "General")})
        page.set_column(place, place, _WIDTHS.get(column.type, 10), form)
        page.write_string(0, place, column.name, bold)
        writers = {"bool": page.write_boolean, "date": page.write_datetime, "string": page.write_string}
        put = writers.get(column.type, page.write_number)
        for row, value in enumerate(values.to_pylist(), 1):
            if value is not None:
                put(row, place, value, form)
