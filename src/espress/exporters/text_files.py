"""CSV and JSON Lines: one file per table, without loss; and CSV that is safe to open in Excel, with some loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from espress.data.content_hash import canonical
from espress.exporters.described_tables import Sheet, flatten

if TYPE_CHECKING:
    from pathlib import Path

# Characters that spreadsheets may read as the start of a formula (OWASP, "CSV Injection"), also in full-width form, and
# after blanks, quotes and invisible characters. Excel looks for them at the start of a cell. If it separates cells by
# semicolons or tabs, it ignores the quotes around our cells, so these characters also count after a separator and at
# the start of a line within a text.
_BLANKS = r"[\s\x00-\x1f\x7f-\x{a0}\x{ad}\p{Z}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}\"'“”‘’]*"
_SIGN = r"[=+\-@＝＋－＠﹢﹣﹦﹫]"
_AFTER_SEPARATOR = rf"([;|\t\n\r]{_BLANKS})({_SIGN})"
FORMULA = rf"^{_BLANKS}{_SIGN}|^[\t\r]|[;|\t\n\r]{_BLANKS}{_SIGN}"


def write_csv(sheet: Sheet, path: Path) -> None:
    """Write UTF-8 with LF and quotes around all strings only: `""` is an empty string, an empty cell is a null."""
    from pyarrow import csv

    csv.write_csv(sheet.rows, path, csv.WriteOptions(quoting_style="needed"))


def write_excel_csv(sheet: Sheet, path: Path) -> None:
    """Write a sheet from `escape_formulas` with CR LF, and a byte-order mark by which Excel recognises UTF-8."""
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(sheet.rows.column_names)
        for batch in sheet.batches():
            writer.writerows([_format_for_excel(value) for value in row.values()] for row in batch)


def escape_formulas(original: Sheet) -> Sheet:
    """Return the sheet with an apostrophe before each text that matches `FORMULA`, and before signs after separators.

    Line ends within cells become line feeds, because Excel reads a lone return as the end of a row.
    """
    sheet = flatten(original)
    columns = []
    for column, values in sheet.columns():
        if column.type != "string":
            columns.append(values)
            continue
        marked = pc.binary_join_element_wise("'", pc.replace_substring_regex(values, _AFTER_SEPARATOR, r"\1'\2"), "")
        escaped = pc.if_else(pc.match_substring_regex(values, FORMULA), marked, values)
        columns.append(pc.replace_substring_regex(escaped, "\r\n?", "\n"))
    return Sheet(sheet.table, pa.table(columns, sheet.rows.column_names))


def _format_for_excel(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).upper()  # Excel's truth values are TRUE and FALSE
    return "" if value is None else value


def write_jsonl(sheet: Sheet, path: Path) -> None:
    """Write UTF-8 with LF, one object per row, with lists and structs unchanged and dates and times as ISO text."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for batch in sheet.batches():
            rows = (json.dumps(_keep_numbers(row), ensure_ascii=False, allow_nan=False) for row in batch)
            file.writelines(f"{row}\n" for row in rows)


def _keep_numbers(value: Any) -> Any:
    """Return the canonical form, except that floats are numbers with all their digits."""
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        return {key: _keep_numbers(part) for key, part in value.items()}
    return [_keep_numbers(part) for part in value] if isinstance(value, list) else canonical(value)
