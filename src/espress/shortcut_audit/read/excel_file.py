"""Read Excel workbooks: find the sheet with the wanted columns, and report cells without a usable value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from espress.errors import EspressError, InputError, require
from espress.installation import how_to_install
from espress.shortcut_audit.read.columns import Faults, find_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # ECMA-376, ST_Xstring: `_x000D_` is a return, `_x005F_` an underscore
# A small file can hold gigabytes. The limits are those of Apache POI (ratio), and far above any corpus (characters).
_LARGEST_RATIO = 100
_SMALL = 1 << 24  # bytes; parts up to this size may be compressed to any degree
_MOST_CHARACTERS = 1 << 29


class _Strings(list[str]):
    """The texts that the cells of a workbook refer to by number."""

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(f"a cell refers to text {number} of {len(self)}")
        return super().__getitem__(number)


def excel_rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[int, list[object]]]:
    """Yield the number and the wanted values of each row of the one sheet whose first row names the columns.

    Wholly empty rows are skipped. A formula counts as the value that Excel saved with it.

    Raises:
        InputError: the file is not a workbook, no sheet or more than one has these columns, or cells have an Excel
            error or a formula without a saved value; the message names the cells.
        MissingLibraryError: openpyxl is not installed.
    """
    _refuse_bomb(path)
    done = "while it is opened"
    try:
        with path.open("rb") as one, path.open("rb") as other:  # closes both files after any error of openpyxl
            valued, written = _open_workbook(path, one, values=True), _open_workbook(path, other, values=False)
            sheet = _find_sheet(path, valued, wanted)
            done = f"in sheet {sheet.title!r}"
            for number, values in _read_rows(path, sheet, written[sheet.title], wanted):
                done = f"in sheet {sheet.title!r}, after row {number}"
                yield number, values
    except EspressError:
        raise
    except Exception as error:  # what openpyxl raises for a damaged file depends on the damage
        fault = str(error) or type(error).__name__
        problem = f"{path.name} cannot be read as an Excel workbook; it is damaged {done}: {fault}."
        raise InputError([f"{problem} Open it in Excel and save it again, or save the sheet as CSV."]) from error


def _read_rows(path: Path, sheet: Any, formulas: Any, wanted: Sequence[str]) -> Iterator[tuple[int, list[object]]]:
    formulas.reset_dimensions()
    where, faults, characters = f"{path.name}, sheet {sheet.title!r}", Faults(), 0
    places = find_columns(wanted, _column_names(sheet), where)
    both = zip(sheet.iter_rows(min_row=2), formulas.iter_rows(min_row=2), strict=True)
    for number, (cells, formula_cells) in enumerate(both, 2):
        width = min(len(cells), len(formula_cells))
        values = [_value(cells[at], formula_cells[at], faults) if at < width else None for at in places]
        characters += sum(len(value) for value in values if isinstance(value, str))
        if characters > _MOST_CHARACTERS:
            raise InputError([f"{where}: more than {_MOST_CHARACTERS:,} characters. Save it as CSV or Parquet."])
        if any(cell.value is not None for cell in cells):
            yield number, values
    if faults.total:
        raise InputError([f"{where}: {faults}. Open the file in Excel, correct or clear these cells, and save it."])


def _refuse_bomb(path: Path) -> None:
    """Raise InputError if a part of the workbook unpacks to more than 100 times its size, as in a zip bomb."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise _not_a_workbook(path, error) from error
    for part in parts:
        if part.file_size > max(_SMALL, _LARGEST_RATIO * part.compress_size):
            problem = f"{path.name}: its part {part.filename!r} unpacks from {part.compress_size:,} bytes"
            raise InputError([f"{problem} to {part.file_size:,}, so it is not read. Save the sheet as CSV or Parquet."])


def _not_a_workbook(path: Path, error: Exception) -> InputError:
    problem = f"{path.name} cannot be read as an Excel workbook: {error}."
    return InputError([f"{problem} If it has a password, remove it; if it is an older .xls, save it as .xlsx."])


def _open_workbook(path: Path, stream: Any, *, values: bool) -> Any:
    require(["openpyxl"], "Reading Excel", how_to_install("audit"))
    from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]

    class Reader(ExcelReader):  # type: ignore[misc]
        """The reader of openpyxl, except that it does not change shared texts."""

        def read_strings(self) -> None:
            self.shared_strings = _Strings(_read_strings(self))

    try:
        reader = Reader(stream, read_only=True, data_only=values)
        reader.read()
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise _not_a_workbook(path, error) from error
    return reader.wb


def _read_strings(reader: Any) -> Iterator[str]:
    """Yield the shared texts of a workbook; openpyxl's own function removes every `x005F_` from them."""
    from openpyxl.cell.text import Text  # type: ignore[import-untyped]
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS  # type: ignore[import-untyped]
    from openpyxl.xml.functions import iterparse  # type: ignore[import-untyped]

    part = reader.package.find(SHARED_STRINGS)
    if part is None:
        return
    with reader.archive.open(part.PartName[1:]) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                yield Text.from_tree(node).content
                node.clear()


def _unescape(value: object) -> object:
    """Return the value of a cell with the escapes of characters undone, as Excel shows it."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if isinstance(value, str) else value


def _find_sheet(path: Path, book: Any, wanted: Sequence[str]) -> Any:
    """Return the one sheet with all wanted columns, else the first that is not empty, to report its missing columns."""
    filled = [sheet for sheet in book.worksheets if _column_names(sheet)]
    if not filled:
        raise InputError([f"{path.name}: no sheet holds anything in its first row, where the column names belong."])
    fitting = [sheet for sheet in filled if set(wanted) <= set(_column_names(sheet))]
    if len(fitting) > 1:
        titles = ", ".join(repr(sheet.title) for sheet in fitting)
        raise InputError([f"{path.name}: the sheets {titles} all hold these columns. Save one in a file of its own."])
    return (fitting or filled)[0]


def _column_names(sheet: Any) -> list[str]:
    sheet.reset_dimensions()  # the size stated in a file is sometimes wrong
    first: tuple[Any, ...] = next(sheet.iter_rows(min_row=1, max_row=1, values_only=True), ())
    names = ["" if value is None else str(_unescape(value)) for value in first]
    return names if any(names) else []


def _value(cell: Any, formula_cell: Any, faults: Faults) -> object:
    """Return the value of a cell; an Excel error, or a formula without a saved value, is recorded as a fault."""
    if cell.data_type == "e":
        faults.add(f"{cell.value} in cell {cell.coordinate}")
        return None
    if cell.value is None and formula_cell.data_type == "f":
        faults.add(f"a formula without a saved value in cell {formula_cell.coordinate}")
    return _unescape(cell.value)
