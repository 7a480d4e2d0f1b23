"""CSV: lossless as RFC 4180 allows, or made safe to open in Excel, which loses something and says what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.exporters.tables import Sheet, flat

if TYPE_CHECKING:
    from pathlib import Path

FORMULA = r"^[=+\-@\t\r]"  # what spreadsheets take for the start of a formula (OWASP, CSV injection)


def write(sheet: Sheet, path: Path) -> None:
    """Write UTF-8, LF, every string in quotes and nothing else: `""` is an empty string, nothing at all a null."""
    from pyarrow import csv

    csv.write_csv(sheet.rows, path, csv.WriteOptions(quoting_style="needed"))


def write_for_excel(sheet: Sheet, path: Path) -> None:
    """Write what `for_excel` made, in UTF-8 with the mark by which Excel knows it, CR LF behind each row."""
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(sheet.rows.column_names)
        for batch in sheet.batches():
            writer.writerows([_plain(value) for value in row.values()] for row in batch)


def for_excel(original: Sheet) -> Sheet:
    """Return the sheet as text that Excel takes for no formula: an apostrophe goes before = + - @, a tab or a return.

    Line ends within cells become line feeds, since Excel would take a lone return for the end of a row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sheet = flat(original)
    columns = []
    for column, values in sheet.columns():
        if column.type != "string":
            columns.append(values)
            continue
        led = pc.if_else(
            pc.match_substring_regex(values, FORMULA), pc.binary_join_element_wise("'", values, ""), values
        )
        columns.append(pc.replace_substring_regex(led, "\r\n?", "\n"))
    return Sheet(sheet.table, pa.table(columns, sheet.rows.column_names))


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).upper()  # TRUE and FALSE are what Excel takes for truth values
    return "" if value is None else value
