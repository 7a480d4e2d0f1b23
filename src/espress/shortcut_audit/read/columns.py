"""Columns of any origin as text: one kind of value each, rows named as the user counts them."""

from __future__ import annotations

import difflib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

NAMED_AT_MOST = 5
LISTED_AT_MOST = 30


class NameRows(Protocol):
    """How a column names rows to its user: zero-based positions to words such as "lines 3, 9 and 4 more"."""

    def __call__(self, positions: Sequence[int], total: int | None = None) -> str:
        """Return the words; `total` counts rows that are meant but not among the positions."""


@dataclass(frozen=True)
class Counting:
    """How the rows of a table are counted: in file lines, in rows of a sheet, or simply in rows from 1."""

    noun: str = "row"
    numbers: Sequence[int] | None = None  # number of each row; None means 1, 2, 3, …

    def __call__(self, positions: Sequence[int], total: int | None = None) -> str:
        """Return "row 3" or "lines 3, 9, 14, 20, 31 and 7 more" for zero-based positions."""
        total = len(positions) if total is None else total
        shown = positions[:NAMED_AT_MOST]
        numbers = ", ".join(str(p + 1 if self.numbers is None else self.numbers[p]) for p in shown)
        more = f" and {total - len(shown):,} more" if total > len(shown) else ""
        return f"{self.noun}{'s' if total > 1 else ''} {numbers}{more}"


def locate(wanted: Sequence[str], present: Sequence[str], where: str) -> list[int]:
    """Return the place of each wanted column, or raise with every one that is missing or stands twice.

    Raises:
        InputError: the message gives the nearest names and lists the columns that there are.
    """
    problems = []
    for name in wanted:
        count = list(present).count(name)
        if count > 1:
            problems.append(f"{where}: {count} columns are called {name!r}. Rename all but one.")
        if count == 0:
            problems.append(f"{where}: there is no column {name!r}.{_nearest(name, present)}")
    if problems:
        listed = ", ".join(map(repr, present[:LISTED_AT_MOST])) or "none"
        more = f" and {len(present) - LISTED_AT_MOST} more" if len(present) > LISTED_AT_MOST else ""
        raise InputError([*problems, f"Columns in {where}: {listed}{more}."])
    return [list(present).index(name) for name in wanted]


def _nearest(name: str, present: Sequence[str]) -> str:
    folded = {other.strip().casefold(): other for other in present}
    near = difflib.get_close_matches(name.strip().casefold(), folded, n=2, cutoff=0.7)
    return f" Nearest: {', '.join(repr(folded[other]) for other in near)}." if near else ""


def _kind(value: object) -> str:
    """Return what a person would call the kind of a value; a lone surrogate cannot be written, hence its own kind."""
    import datetime as dt
    import decimal
    import numbers

    if isinstance(value, str):
        return (
            "text" if value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value) else "halves of characters"
        )
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "true/false"
    if isinstance(value, numbers.Number | decimal.Decimal):
        return "numbers"
    if isinstance(value, dt.date | dt.time):
        return "dates"
    return "bytes" if isinstance(value, bytes) else "lists or objects"


def _written(value: Any, kind: str) -> str:
    """Return a value as text: whole numbers without a point, as they stood before a gap in them made them floats."""
    if kind == "numbers":
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    return str(value).removesuffix(" 00:00:00") if kind == "dates" else str(value)  # a day, not its midnight


class Texts:
    """One column that grows batch by batch into text; empty is null, and kinds of value are never mixed."""

    def __init__(self, name: str) -> None:
        """Begin an empty column of that name."""
        self.name = name
        self._chunks: list[Any] = []
        self._seen: dict[str, list[int]] = {}  # kind -> first rows
        self._counts: dict[str, int] = {}
        self._rows = 0

    def add(self, values: Sequence[object]) -> None:
        """Add a batch: str, int, float, bool, dates or None."""
        import pyarrow as pa

        plain = set(map(type, values)) <= {str, type(None)}
        try:
            chunk = pa.array(values if plain else list(self._texts(values)), pa.large_string())
        except UnicodeEncodeError:  # half of a character somewhere: slowly, to say where
            plain = False
            chunk = pa.array(list(self._texts(values)), pa.large_string())
        filled = next((place for place, value in enumerate(values) if value), None) if plain else None
        if filled is not None:
            self._count("text", filled, len(values) - values.count(None))
        self._chunks.append(nulled(chunk))
        self._rows += len(values)

    def _texts(self, values: Sequence[object]) -> Iterator[str | None]:
        for place, value in enumerate(values):
            if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
                yield None
                continue
            kind = _kind(value)
            self._count(kind, place, 1)
            yield _written(value, kind) if kind != "halves of characters" else ""

    def _count(self, kind: str, place: int, rows: int) -> None:
        seen = self._seen.setdefault(kind, [])
        if len(seen) < NAMED_AT_MOST:
            seen.append(self._rows + place)
        self._counts[kind] = self._counts.get(kind, 0) + rows

    def whole(self, name_rows: NameRows, where: str) -> pa.ChunkedArray:
        """Return the column, large_string.

        Raises:
            InputError: it mixes kinds of value, or holds lists, objects or bytes; the message names rows of these.
        """
        import pyarrow as pa

        usual = max(self._counts, key=self._counts.__getitem__, default="text")
        unfit = {"halves of characters", "bytes", "lists or objects"}
        odd = {k: rows for k, rows in self._seen.items() if k != usual or k in unfit}
        if odd:
            told = "; ".join(f"{kind} in {name_rows(rows, self._counts[kind])}" for kind, rows in odd.items())
            mostly = "" if usual in odd else f"{usual} and "
            raise InputError([f"{where}: column {self.name!r} holds {mostly}{told}. Make all its values text."])
        return pa.chunked_array(self._chunks, pa.large_string())


def nulled(texts: Any) -> Any:
    """Return an Arrow array of text in which the empty string, which CSV cannot tell from a missing value, is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)


def class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Return the names behind the integers of each ClassLabel column, which `datasets` notes in Arrow and Parquet."""
    told = (schema.metadata or {}).get(b"huggingface")
    features = json.loads(told).get("info", {}).get("features", {}) if told else {}
    return {
        name: feature["names"]
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }


def from_arrow(column: pa.ChunkedArray, name: str, where: str, names: list[str] | None = None) -> pa.ChunkedArray:
    """Return an Arrow column as text: booleans as True/False, whole floats without a point, NaN and "" as null.

    `names` turns the integers of a ClassLabel into the names of its classes; -1, its missing label, becomes null.

    Raises:
        InputError: the column holds lists, structs or bytes, or an integer without a class.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_dictionary(kind):
        decoded = [_decoded(chunk, name, where) for chunk in column.chunks]
        return pa.chunked_array(decoded, pa.large_string())
    if names is not None and kinds.is_integer(kind):
        return _class_texts(column, name, where, names)
    if kinds.is_nested(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind):
        raise InputError([f"{where}: column {name!r} holds {kind}, not text. Write its values as text."])
    if kinds.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if kinds.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    texts = column.cast(pa.large_string())
    if kinds.is_timestamp(kind):
        texts = pc.replace_substring_regex(texts, r" 00:00:00(\.0+)?", "")
    return nulled(texts)


def _decoded(chunk: Any, name: str, where: str) -> Any:
    """Return a dictionary array as text; its values become text first, since not every type of them can be taken."""
    import pyarrow as pa

    texts = from_arrow(pa.chunked_array([chunk.dictionary]), name, where).combine_chunks()
    return texts.take(chunk.indices)


def _class_texts(column: Any, name: str, where: str, names: list[str]) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = pc.if_else(pc.equal(column, -1), pa.scalar(None, column.type), column)
    if len(codes) > codes.null_count and pc.max(codes).as_py() >= len(names):
        raise InputError([f"{where}: column {name!r} holds class {pc.max(codes)}, but only {len(names)} have names."])
    return pc.take(pa.chunked_array([pa.array(names, pa.large_string())]), codes)
