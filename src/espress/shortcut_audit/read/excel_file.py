"""Read Excel workbooks: find the sheet with the wanted columns, and report cells without a usable value."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from espress.errors import InputError, MissingLibraryError
from espress.shortcut_audit.read.columns import Faults, find_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def excel_rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[int, list[object]]]:
    """Yield the number and the wanted values of each row of the one sheet whose first row names the columns.

    Wholly empty rows are skipped. A formula counts as the value that Excel saved with it.

    Raises:
        InputError: the file is not a workbook, no sheet or more than one has these columns, or cells have an Excel
            error or a formula without a saved value; the message names the cells.
        MissingLibraryError: openpyxl is not installed.
    """
    with closing(_open_workbook(path, values=True)) as valued, closing(_open_workbook(path, values=False)) as written:
        sheet = _find_sheet(path, valued, wanted)
        formulas = written[sheet.title]
        formulas.reset_dimensions()
        where, faults = f"{path.name}, sheet {sheet.title!r}", Faults()
        places = find_columns(wanted, _column_names(sheet), where)
        both = zip(sheet.iter_rows(min_row=2), formulas.iter_rows(min_row=2), strict=True)
        for number, (cells, formula_cells) in enumerate(both, 2):
            width = min(len(cells), len(formula_cells))
            values = [_value(cells[at], formula_cells[at], faults) if at < width else None for at in places]
            if any(cell.value is not None for cell in cells):
                yield number, values
    if faults.total:
        raise InputError([f"{where}: {faults}. Open the file in Excel, correct or clear these cells, and save it."])


def _open_workbook(path: Path, *, values: bool) -> Any:
    try:
        import openpyxl  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise MissingLibraryError("openpyxl", "Reading Excel", "pip install 'espress[audit]'") from error
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=values)
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        problem = f"{path.name} cannot be read as an Excel workbook: {error}."
        todo = "If it has a password, remove it; if it is an older .xls, save it as .xlsx."
        raise InputError([f"{problem} {todo}"]) from error


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
    names = ["" if value is None else str(value) for value in first]
    return names if any(names) else []


def _value(cell: Any, formula_cell: Any, faults: Faults) -> object:
    """Return the value of a cell; an Excel error, or a formula without a saved value, is recorded as a fault."""
    if cell.data_type == "e":
        faults.add(f"{cell.value} in cell {cell.coordinate}")
        return None
    if cell.value is None and formula_cell.data_type == "f":
        faults.add(f"a formula without a saved value in cell {formula_cell.coordinate}")
    value: object = cell.value
    return value
