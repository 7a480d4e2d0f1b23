"""CSV, strictly: the delimiter is the one that gives the wanted columns, and every fault is named by its line."""

from __future__ import annotations

import csv
import re
from array import array
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.shortcut_audit.read.columns import NAMED_AT_MOST, Counting, Texts, locate
from espress.shortcut_audit.read.encoding import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BATCH = 1 << 14
_LONGEST_FIELD = 1 << 24  # characters; an unclosed quote must not swallow a file of any size into memory

Record = tuple[int, list[str]]


@contextmanager
def _longest_field() -> Iterator[None]:
    """Let fields be as long as an article; the limit of the csv module is global, so it is put back."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_delimited(path: Path, wanted: Sequence[str]) -> tuple[list[Texts], Counting]:
    """Return the wanted columns of a CSV file, and the line where each record begins.

    Commas, semicolons, tabs and bars delimit; quotes are doubled inside quoted fields, which may hold newlines (RFC
    4180). Blank lines are no records. An empty field is null.

    Raises:
        InputError: a column is missing or stands twice, a quote is broken, records differ in their number of fields,
            the bytes are not UTF-8, or there is no record; the message names lines.
    """
    with _longest_field():
        delimiter, header = _header(path, wanted)
        where = f"{path.name} (separated by {DELIMITERS[delimiter]})"
        return _body(path, delimiter, len(header), dict(zip(wanted, locate(wanted, header, where), strict=True)))


def _header(path: Path, wanted: Sequence[str]) -> tuple[str, list[str]]:
    """Return the delimiter that gives all wanted columns, else most columns, and the first record under it."""
    headers: dict[str, list[str]] = {}
    broken: InputError | None = None
    for delimiter in DELIMITERS:
        try:
            headers[delimiter] = next(_records(path, delimiter), (0, []))[1]
        except InputError as error:
            broken = broken or error
    if not headers and broken:
        raise broken
    best = max(headers, key=lambda d: (set(wanted) <= set(headers[d]), len(headers[d])))
    if not headers[best]:
        raise InputError([f"{path.name} is empty: there is not even a line of column names."])
    if len(headers[best]) == 1:
        problem = f"{path.name}: 1 column found in its first line, {headers[best][0][:60]!r}."
        raise InputError([f"{problem} Columns must be separated by one of: {', '.join(DELIMITERS.values())}."])
    return best, headers[best]


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    """Yield each record with the line where it begins; blank lines are skipped."""
    reader = csv.reader(lines_of(path), delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken_quote(path, delimiter, begins, reader.line_num) from error
        if record:
            yield begins, record


def _body(path: Path, delimiter: str, width: int, places: dict[str, int]) -> tuple[list[Texts], Counting]:
    columns = {place: Texts(name) for name, place in places.items()}
    lines, wrong = array("q"), _WrongWidths(path.name, width)
    records = _records(path, delimiter)
    next(records)  # the header
    while batch := list(islice(records, _BATCH)):
        lines.extend(begins for begins, _ in batch)
        fitting = [fields for begins, fields in batch if wrong.fits(begins, fields)]
        for place, column in columns.items():
            column.add([fields[place] for fields in fitting])
    wrong.complain()
    if not lines:
        raise InputError([f"{path.name} holds a line of column names and no record."])
    return list(columns.values()), Counting("line", lines)


class _WrongWidths:
    """The records that have more or fewer fields than the header, counted, the first of them kept."""

    def __init__(self, name: str, width: int) -> None:
        self._name, self._width, self._total = name, width, 0
        self._first: list[str] = []

    def fits(self, begins: int, fields: list[str]) -> bool:
        if len(fields) == self._width:
            return True
        self._total += 1
        if len(self._first) < NAMED_AT_MOST:
            newlines = sum(field.count("\n") for field in fields)
            reach = f"lines {begins} to {begins + newlines}" if newlines else f"line {begins}"
            self._first.append(f"{reach}: {len(fields)} fields")
        return False

    def complain(self) -> None:
        if self._total:
            more = f" and {self._total - len(self._first):,} more" if self._total > len(self._first) else ""
            problem = f"{self._name}: the first line has {self._width} columns, but {'; '.join(self._first)}{more}."
            raise InputError([f"{problem} Put quotes around fields that hold a delimiter or a newline."])


def _broken_quote(path: Path, delimiter: str, begins: int, ends: int) -> InputError:
    """Return the error that names the line where the faulty quoted field of a record opened."""
    text = "".join(islice(lines_of(path), begins - 1, ends))
    after = f"{re.escape(delimiter)}\r\n"
    field = re.compile(rf'"[^"]*(?:""[^"]*)*"(?=[{after}]|\Z)|(?!")[^{after}]*')
    at = 0
    while (found := field.match(text, at)) and found.end() < len(text):
        at = found.end() + 1
    opened = begins + len(re.findall(r"\r\n|\r|\n", text[:at]))
    closed = re.compile(r'"[^"]*(?:""[^"]*)*"').match(text, at)
    if closed:
        line = begins + len(re.findall(r"\r\n|\r|\n", text[: closed.end()]))
        fault = f"its next quote, in line {line}, is followed by {text[closed.end() :][:20]!r}"
    elif len(text) - at > _LONGEST_FIELD:
        fault = f"it is not closed within {_LONGEST_FIELD:,} characters"
    else:
        fault = "the file ends before it is closed"
    problem = f"{path.name}, line {opened}: a quote opens here ({text[at : at + 30]!r}), but {fault}."
    return InputError([f'{problem} Close it where the field ends, and write a quote inside a quoted field twice: "".'])
