"""Excel workbooks: the sheet that holds the wanted columns, and cells that only look filled."""

from __future__ import annotations

from array import array
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, MissingLibraryError
from espress.shortcut_audit.read.columns import NAMED_AT_MOST, Counting, Texts, locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BATCH = 1 << 12


def read_workbook(path: Path, wanted: Sequence[str]) -> tuple[list[Texts], Counting]:
    """Return the wanted columns of the one sheet whose first row names them, and the sheet's row of each record.

    Wholly empty rows are no records. A formula counts as the value that Excel saved with it.

    Raises:
        InputError: no workbook, no sheet or several with these columns, no rows, cells with an Excel error, or formulas
            without a saved value; the message names the cells.
        MissingLibraryError: openpyxl is not installed.
    """
    with closing(_open(path, values=True)) as valued, closing(_open(path, values=False)) as written:
        sheet = _sheet(path, valued, wanted)
        return _read(sheet, written[sheet.title], wanted, path)


def _read(sheet: Any, formulas: Any, wanted: Sequence[str], path: Path) -> tuple[list[Texts], Counting]:
    formulas.reset_dimensions()
    where = f"{path.name}, sheet {sheet.title!r}"
    places = locate(wanted, _names(sheet), where)
    columns, numbers = [Texts(name) for name in wanted], array("q")
    faults = _Faults(where)
    rows = _rows(sheet, formulas, places, faults)
    while batch := list(islice(rows, _BATCH)):
        numbers.extend(number for number, _ in batch)
        for place, column in enumerate(columns):
            column.add([values[place] for _, values in batch])
    faults.complain()
    if not numbers:
        raise InputError([f"{where} holds column names and no rows."])
    return columns, Counting("sheet row", numbers)


def _open(path: Path, *, values: bool) -> Any:
    try:
        import openpyxl  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise MissingLibraryError("openpyxl", "Reading Excel", "pip install 'espress[audit]'") from error
    from zipfile import BadZipFile

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=values)
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        problem = f"{path.name} cannot be read as an Excel workbook: {error}."
        todo = "If it has a password, take it away; if it is an older .xls, save it as .xlsx."
        raise InputError([f"{problem} {todo}"]) from error


def _sheet(path: Path, book: Any, wanted: Sequence[str]) -> Any:
    """Return the one sheet that holds all wanted columns, else the first that is not empty, to say what it lacks."""
    filled = [sheet for sheet in book.worksheets if _names(sheet)]
    if not filled:
        raise InputError([f"{path.name}: no sheet holds anything in its first row, where the column names belong."])
    fitting = [sheet for sheet in filled if set(wanted) <= set(_names(sheet))]
    if len(fitting) > 1:
        titles = ", ".join(repr(sheet.title) for sheet in fitting)
        raise InputError([f"{path.name}: the sheets {titles} all hold these columns. Save one in a file of its own."])
    return (fitting or filled)[0]


def _names(sheet: Any) -> list[str]:
    sheet.reset_dimensions()  # the size that a file states is sometimes wrong
    first: tuple[Any, ...] = next(sheet.iter_rows(min_row=1, max_row=1, values_only=True), ())
    names = ["" if value is None else str(value) for value in first]
    return names if any(names) else []


def _rows(sheet: Any, formulas: Any, places: Sequence[int], faults: _Faults) -> Iterator[tuple[int, list[object]]]:
    """Yield the number and the wanted values of each row below the first in which any cell has one."""
    both = zip(sheet.iter_rows(min_row=2), formulas.iter_rows(min_row=2), strict=True)
    for number, (values, written) in enumerate(both, 2):
        wanted = [
            faults.checked(values[place], written[place]) if place < min(len(values), len(written)) else None
            for place in places
        ]
        if any(cell.value is not None for cell in values):
            yield number, wanted


class _Faults:
    """Cells that look filled and hold nothing: Excel errors, and formulas without a saved value."""

    def __init__(self, where: str) -> None:
        self._where, self._total = where, 0
        self._first: list[str] = []

    def checked(self, value: Any, formula: Any) -> object:
        if value.data_type == "e":
            self._note(f"{value.value} in cell {value.coordinate}")
            return None
        if value.value is None and formula.data_type == "f":
            self._note(f"a formula without a saved value in cell {formula.coordinate}")
        return value.value

    def _note(self, fault: str) -> None:
        self._total += 1
        if len(self._first) < NAMED_AT_MOST:
            self._first.append(fault)

    def complain(self) -> None:
        if self._total:
            more = f" and {self._total - len(self._first):,} more" if self._total > len(self._first) else ""
            todo = "Open the file in Excel, mend or clear these cells, and save it."
            raise InputError([f"{self._where}: {'; '.join(self._first)}{more}. {todo}"])
