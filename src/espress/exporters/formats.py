"""The formats of `espress.export`. A new format needs a function that writes it, and an entry in `FORMATS`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError
from espress.exporters import databases, excel, stata_spss, text_files
from espress.exporters.described_tables import flatten
from espress.exporters.limits import FINITE, NO_NUL, Limit, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from espress.exporters.described_tables import Sheet


@dataclass(frozen=True)
class Format:
    """A format: its file ending, its writer and its limits."""

    ending: str
    write: Callable[[Any, Path], None]  # writes all sheets if `together`, else one sheet
    together: bool = False  # whether one file holds all tables
    prepare: Callable[[Sheet], Sheet] = flatten
    limits: tuple[Limit, ...] = ()
    size: Size | None = None
    rename: Callable[[Sequence[str]], Sequence[str]] = list  # column names -> names in the file


FORMATS = {
    "csv": Format("csv", text_files.write_csv),
    "jsonl": Format("jsonl", text_files.write_jsonl, prepare=lambda sheet: sheet),
    "sqlite": Format("sqlite", databases.write_sqlite, together=True, limits=(NO_NUL,)),
    "duckdb": Format("duckdb", databases.write_duckdb, together=True, prepare=partial(flatten, times=False)),
    "xlsx": Format("xlsx", excel.write_excel, together=True, limits=excel.LIMITS, size=excel.SIZE),
    "dta": Format(
        "dta", stata_spss.write_stata, limits=stata_spss.STATA_LIMITS, size=stata_spss.STATA_SIZE,
        rename=stata_spss.stata_names,
    ),
    "sav": Format("sav", stata_spss.write_spss, limits=stata_spss.SPSS_LIMITS, rename=stata_spss.spss_names),
}  # fmt: skip
_EXCEL_CSV = Format(
    "csv", text_files.write_excel_csv, prepare=text_files.escape_formulas, limits=excel.CELLS, size=excel.SIZE
)


def choose_format(to: str, *, excel_safe: bool) -> Format:
    """Return the format of that name.

    Raises:
        UnknownNameError: there is no such format.
        InputError: `excel_safe` is given for another format than csv.
    """
    if to not in FORMATS:
        raise UnknownNameError("format", to, list(FORMATS))
    if excel_safe and to != "csv":
        raise InputError(
            [f"Only csv has an Excel-safe form, not {to}. To use the data in Excel without loss, export to xlsx."]
        )
    form = _EXCEL_CSV if excel_safe else FORMATS[to]
    return replace(form, limits=(FINITE, *form.limits))
