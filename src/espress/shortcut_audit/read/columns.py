"""Convert columns of any origin to text, with one kind of value per column, and name rows as the user counts them."""

from __future__ import annotations

import datetime as dt
import decimal
import difflib
import json
import math
import numbers
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

NAMED_AT_MOST = 5
LISTED_AT_MOST = 30
# Kinds of values that a column must not hold.
_UNFIT = ("halves of characters", "bytes", "lists or objects", "complex numbers", "integers of thousands of digits")
_LONGEST_INTEGER = 13_000  # bits; Python writes no integer of more than 4,300 digits


@dataclass(frozen=True)
class RowNames:
    """Names rows as the user counts them: by lines of a file, rows of a sheet, or numbers from 1."""

    noun: str = "row"
    numbers: Sequence[int] | None = None  # number of each row; None means 1, 2, 3, …

    def __call__(self, positions: Sequence[int], total: int | None = None) -> str:
        """Return "row 3" or "lines 3, 9, 14, 20, 31 and 7 more" for zero-based positions.

        `total` is the number of rows, if `positions` holds only the first of them.
        """
        total = len(positions) if total is None else total
        numbers = [at + 1 if self.numbers is None else self.numbers[at] for at in positions[:NAMED_AT_MOST]]
        return f"{self.noun}{'s' if total > 1 else ''} {join_few(numbers, total=total)}"


@dataclass
class Faults:
    """The faults of a file: their number, and the first of them in words."""

    first: list[str] = field(default_factory=list)
    total: int = 0

    def add(self, fault: str) -> None:
        """Count a fault."""
        self.total += 1
        if self.total <= NAMED_AT_MOST:
            self.first.append(fault)

    def __str__(self) -> str:
        more = f" and {self.total - len(self.first):,} more" if self.total > len(self.first) else ""
        return "; ".join(self.first) + more


def find_columns(wanted: Sequence[str], present: Sequence[str], where: str) -> list[int]:
    """Return the place of each wanted column.

    Raises:
        InputError: columns are missing or occur twice; the message gives the nearest names and lists the columns.
    """
    problems = []
    for name in wanted:
        count = list(present).count(name)
        if count > 1:
            problems.append(f"{where}: {count} columns are called {name!r}. Rename all but one.")
        if count == 0:
            problems.append(f"{where}: there is no column {name!r}.{_suggest(name, present)}")
    if problems:
        listed = join_few(list(map(repr, present)), LISTED_AT_MOST) or "none"
        raise InputError([*problems, f"Columns in {where}: {listed}."])
    return [list(present).index(name) for name in wanted]


def _suggest(name: str, present: Sequence[str]) -> str:
    folded = {other.strip().casefold(): other for other in present}
    near = difflib.get_close_matches(name.strip().casefold(), folded, n=2, cutoff=0.7)
    return f" Nearest: {', '.join(repr(folded[other]) for other in near)}." if near else ""


def collect_columns(
    rows: Iterable[tuple[int, Sequence[object]]], names: Sequence[str], where: str, noun: str = "row"
) -> tuple[list[pa.ChunkedArray], RowNames]:
    """Collect rows, each with its number and its value of every column, into columns of text.

    Raises:
        InputError: a column mixes kinds of value; see `to_text_column`.
    """
    row_numbers: array[int] = array("q")
    columns: list[list[object]] = [[] for _ in names]
    for number, values in rows:
        row_numbers.append(number)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    row_names = RowNames(noun, row_numbers)
    return [to_text_column(*each, row_names, where) for each in zip(columns, names, strict=True)], row_names


def to_text_column(values: Sequence[object], name: str, row_names: RowNames, where: str) -> pa.ChunkedArray:
    """Return values (str, int, float, bool, dates or None) as large_string; the empty string and NaN are missing.

    Raises:
        InputError: the column mixes kinds of value, or holds lists, objects or bytes; the message names rows.
    """
    import pyarrow as pa

    if set(map(type, values)) <= {str, type(None)}:
        try:
            return empty_to_null(pa.chunked_array([pa.array(values, pa.large_string())]))
        except UnicodeEncodeError:  # half of a character; the search for kinds of value finds its row
            pass
    kinds: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if not _is_missing(value):
            kinds.setdefault(_kind_of_value(value), []).append(place)
    usual = max(kinds, key=lambda kind: len(kinds[kind]), default="text")
    odd = {kind: places for kind, places in kinds.items() if kind != usual or kind in _UNFIT}
    if odd:
        listed = "; ".join(f"{kind} in {row_names(places)}" for kind, places in odd.items())
        mostly = "" if usual in odd else f"{usual} and "
        raise InputError([f"{where}: column {name!r} holds {mostly}{listed}. Make all its values text."])
    texts = [None if _is_missing(value) else _to_text(value, usual) for value in values]
    return pa.chunked_array([pa.array(texts, pa.large_string())])


def _is_missing(value: object) -> bool:
    """Return whether a value is None, NaN or the empty string."""
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return value is None or (isinstance(value, str) and not value) or (isinstance(value, float) and math.isnan(value))


def _kind_of_value(value: object) -> str:
    """Return the kind of a value in words; text with a lone surrogate cannot be written, so it is a separate kind."""
    if isinstance(value, str):
        return "halves of characters" if any("\ud800" <= character <= "\udfff" for character in value) else "text"
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "true/false"
    if isinstance(value, numbers.Number):
        return _kind_of_number(value)
    if isinstance(value, dt.date | dt.time):
        return "dates"
    return "bytes" if isinstance(value, bytes) else "lists or objects"


def _kind_of_number(value: numbers.Number) -> str:
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return "integers of thousands of digits"
    return "numbers" if isinstance(value, numbers.Real | decimal.Decimal) else "complex numbers"


def _to_text(value: Any, kind: str) -> str:
    """Return a value as text: whole numbers have no decimal point, even if missing values made them floats."""
    if kind == "numbers":
        if isinstance(value, float | decimal.Decimal) and math.isfinite(value) and value == int(value):
            return str(int(value))
        return str(value)
    return str(value).removesuffix(" 00:00:00") if kind == "dates" else str(value)  # a date without a time


def empty_to_null(texts: Any) -> Any:
    """Return an Arrow array of text with null for the empty string; CSV does not distinguish the two."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)


def class_names(schema: pa.Schema, wanted: Sequence[str], where: str) -> dict[str, list[str]]:
    """Return the class names of each wanted ClassLabel column, which `datasets` stores in Arrow and Parquet metadata.

    Raises:
        InputError: the metadata is not what `datasets` writes, or a wanted ClassLabel column has no names.
    """
    metadata = (schema.metadata or {}).get(b"huggingface")
    if metadata is None:
        return {}
    todo = "Save the table again with `datasets`, or remove the metadata: table.replace_schema_metadata(None)."
    try:
        features = json.loads(metadata).get("info", {}).get("features", {})
        labels = {n: f for n in wanted if isinstance(f := features.get(n), dict) and f.get("_type") == "ClassLabel"}
    except (ValueError, RecursionError, AttributeError) as error:
        raise InputError([f"{where}: the metadata of `datasets` in it cannot be read: {error}. {todo}"]) from error
    for name, label in labels.items():
        names = label.get("names")
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise InputError(
                [f"{where}: column {name!r} is a ClassLabel without a list of names for its classes. {todo}"]
            )
    return {name: label["names"] for name, label in labels.items()}


def from_arrow(column: pa.ChunkedArray, name: str, where: str, names: list[str] | None = None) -> pa.ChunkedArray:
    """Return an Arrow column as text: booleans as True/False, whole floats without a point, NaN and "" as null.

    `names` are the class names of a ClassLabel column; its missing label, -1, becomes null.

    Raises:
        InputError: the column holds lists, structs or bytes, an integer without a class, text that is not UTF-8, or
            values of a type that has no text form.
    """
    import pyarrow as pa

    try:
        return _convert_arrow(column, name, where, names)
    except pa.ArrowException as error:
        problem = f"{where}: column {name!r} holds {column.type}, which cannot be written as text: {error}."
        raise InputError([f"{problem} Make all its values text."]) from error


def _refuse_broken_text(column: pa.ChunkedArray, name: str, where: str) -> None:
    """Raise InputError if texts are not UTF-8, naming their rows; Parquet files are read without this check."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = column.cast(pa.large_binary()).to_pylist()
        broken = [place for place, cell in enumerate(cells) if cell and cell.decode(errors="ignore").encode() != cell]
        todo = "Write the file again with its texts as UTF-8."
        raise InputError(
            [f"{where}: column {name!r} holds text that is not UTF-8 in {RowNames()(broken)}. {todo}"]
        ) from None


def _convert_arrow(column: pa.ChunkedArray, name: str, where: str, names: list[str] | None = None) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_dictionary(kind):
        _refuse_broken_text(column, name, where)
    if kinds.is_dictionary(kind):  # its values become text first, because Arrow cannot `take` from every type
        chunks = [
            from_arrow(pa.chunked_array([chunk.dictionary]), name, where).combine_chunks().take(chunk.indices)
            for chunk in column.chunks
        ]
        return pa.chunked_array(chunks, pa.large_string())
    if names is not None and kinds.is_integer(kind):
        codes = pc.if_else(pc.equal(column, -1), pa.scalar(None, kind), column)
        least_most = pc.min_max(codes).as_py() if len(codes) > codes.null_count else {"min": 0, "max": -1}
        for code in least_most.values():
            if code < -1 or code >= len(names):
                problem = f"{where}: column {name!r} holds class {code}, but classes 0 to {len(names) - 1} have names."
                raise InputError([f"{problem} Correct these rows, or write -1 where the label is missing."])
        return pc.take(pa.chunked_array([pa.array(names, pa.large_string())]), codes)
    if kinds.is_nested(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind):
        raise InputError([f"{where}: column {name!r} holds {kind}, not text. Write its values as text."])
    if kinds.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if kinds.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    texts = column.cast(pa.large_string())
    if kinds.is_timestamp(kind):
        texts = pc.replace_substring_regex(texts, r" 00:00:00(\.0+)?", "")
    return empty_to_null(texts)
