"""The formats, in one table: to add one, write its module and name it here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError
from espress.exporters import csv_file, duckdb_file, excel, jsonl_file, spss, sqlite_file, stata
from espress.exporters.limits import FINITE, NO_NUL, Limit, Size
from espress.exporters.tables import flat
from espress.exporters.variable_names import same_names, spss_names, stata_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from espress.exporters.tables import Sheet


@dataclass(frozen=True)
class Format:
    """One format: its file ending, its writer, and what it cannot hold."""

    ending: str
    write: Callable[[Any, Path], None]  # of all sheets if `together`, else of one
    together: bool = False  # whether one file holds all tables
    prepare: Callable[[Sheet], Sheet] = flat
    limits: tuple[Limit, ...] = ()
    size: Size | None = None
    renamed: Callable[[Sequence[str]], Sequence[str]] = same_names


FORMATS = {
    "csv": Format("csv", csv_file.write),
    "jsonl": Format("jsonl", jsonl_file.write, prepare=lambda sheet: sheet),
    "sqlite": Format("sqlite", sqlite_file.write, together=True, limits=(NO_NUL,)),
    "duckdb": Format("duckdb", duckdb_file.write, together=True, prepare=duckdb_file.with_times),
    "xlsx": Format("xlsx", excel.write, together=True, limits=excel.LIMITS, size=excel.SIZE),
    "dta": Format("dta", stata.write, limits=stata.LIMITS, size=stata.SIZE, renamed=stata_names),
    "sav": Format("sav", spss.write, limits=spss.LIMITS, renamed=spss_names),
}
_SAFE = replace(
    FORMATS["csv"],
    write=csv_file.write_for_excel,
    prepare=csv_file.for_excel,
    limits=excel.CELLS,
    size=excel.SIZE,
)


def chosen(to: str, *, excel_safe: bool) -> Format:
    """Return the format of that name.

    Raises:
        UnknownNameError: there is none.
        InputError: `excel_safe` is asked of another format than csv.
    """
    if to not in FORMATS:
        raise UnknownNameError("format", to, list(FORMATS))
    if excel_safe and to != "csv":
        raise InputError([f"Only csv has an Excel-safe form, not {to}. For Excel itself, xlsx loses nothing."])
    form = _SAFE if excel_safe else FORMATS[to]
    return replace(form, limits=(FINITE, *form.limits))
