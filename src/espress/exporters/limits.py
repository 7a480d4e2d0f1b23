"""Limits of formats: cells that break a limit are reported with their rows, and nothing is exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from espress.errors import InputError
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from espress.exporters.described_tables import Sheet
    from espress.schema import Column, Type

NAMED_AT_MOST = 5
EXACT = 2**53 - 1  # whole numbers up to this one are exact in a double


@dataclass(frozen=True)
class Limit:
    """A limit of a format: `breaks(column, values)` is true for cells that break it; `what` completes "N cells …"."""

    types: tuple[Type, ...]
    breaks: Callable[[Column, Any], Any]
    what: str


@dataclass(frozen=True)
class Size:
    """The largest table of a format: rows without the header, and columns."""

    rows: int
    columns: int


def check_limits(sheets: Sequence[Sheet], limits: Sequence[Limit], size: Size | None, form: str) -> None:
    """Raise InputError if a sheet breaks a limit; the error has one problem for each limit and column, with rows."""
    problems = [f"{problem} ({form})." for sheet in sheets for problem in _find_problems(sheet, limits, size)]
    if problems:
        todo = "Leave the table out with --config, or use a format without such limits: jsonl, duckdb."
        raise InputError([*problems, f"Nothing was written. {todo}"])


def _find_problems(sheet: Sheet, limits: Sequence[Limit], size: Size | None) -> Iterator[str]:
    table = sheet.table.name
    if size and (sheet.rows.num_rows > size.rows or sheet.rows.num_columns > size.columns):
        has = f"{sheet.rows.num_rows:,} rows and {sheet.rows.num_columns:,} columns"
        yield f"{table} has {has}; a table may have {size.rows:,} and {size.columns:,}"
    for column, values in sheet.columns():
        for limit in limits:
            if column.type in limit.types and (found := _find_true(limit.breaks(column, values))):
                cells = "1 cell" if len(found) == 1 else f"{len(found):,} cells"
                yield f"{table}.{column.name}: {cells} {limit.what}: {_name_rows(sheet, found)}"


def _find_true(mask: Any) -> list[int]:
    """Return the positions of true values in a mask; null counts as false."""
    # Not indices_nonzero: in the oldest supported pyarrow it crashes on a column without chunks.
    return [place for place, hit in enumerate(mask.to_pylist()) if hit] if pc.any(mask).as_py() else []


def _name_rows(sheet: Sheet, places: Sequence[int]) -> str:
    first = places[:NAMED_AT_MOST]
    if not sheet.table.key:
        return join_few([f"row {place + 1}" for place in first], total=len(places))
    keys = sheet.rows.select(sheet.table.key).take(first).to_pylist()
    named = [" ".join(f"{name} {value}" for name, value in key.items()) for key in keys]
    return join_few(named, total=len(places))


def matches(pattern: str, what: str) -> Limit:
    """Return the limit that no string matches the pattern (RE2)."""
    return Limit(("string",), lambda _, values: pc.match_substring_regex(values, pattern), what)


def longer(measure: Callable[[Any], Any], most: int, what: str) -> Limit:
    """Return the limit that `measure` of each string is at most `most`."""
    return Limit(("string",), lambda _, values: pc.greater(measure(values), most), what)


def outside(types: Iterable[Type], least: Any, most: Any, what: str) -> Limit:
    """Return the limit that no number or date is below `least` or above `most`."""
    return Limit(tuple(types), lambda _, values: pc.or_(pc.less(values, least), pc.greater(values, most)), what)


def _find_empty(column: Column, values: Any) -> Any:
    return pc.equal(values, "") if column.nullable else pa.nulls(0, pa.bool_())


NO_NUL = matches(r"\x00", "with the character NUL, which ends a string for programs that read the format")
NO_EMPTY = Limit(("string",), _find_empty, "with an empty string, which the format cannot tell from a null")
FINITE = Limit(("float64",), lambda _, values: pc.invert(pc.is_finite(values)), "with NaN or infinity")
EXACT_INTEGERS = outside(["int64"], -EXACT, EXACT, f"with a whole number beyond {EXACT:,}, which would be rounded")
