"""Read CSV and JSON Lines strictly: errors name the faulty lines, and no encoding is guessed."""

from __future__ import annotations

import codecs
import csv
import json
import re
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.files import explain_json_error, refuse_repeated_keys
from espress.shortcut_audit.read.columns import Faults, find_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LONGEST_FIELD = 1 << 24  # characters; otherwise an unclosed quote could read a file of any size into memory
_SAMPLE = 1 << 16  # number of bytes from which an encoding is suggested
_PREVIEW = 30  # characters shown on each side of a byte that cannot be read
UTF_8 = "utf-8-sig"  # UTF-8, with or without a byte-order mark
_NOT_SUGGESTED = ["ascii", "utf_8", "utf_7"]


def check_encoding(name: str) -> str:
    """Return the name of an encoding as Python calls it.

    Raises:
        InputError: Python knows no such encoding of text.
    """
    try:
        "".encode(name)  # raises LookupError for codecs that do not encode text, such as "hex"
        found = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        problem = f"{name!r} is not the name of a text encoding."
        raise InputError(
            [f"{problem} Usual names are utf-8, cp1252, iso8859-2, cp1251, gb18030 and utf-16."]
        ) from error
    return UTF_8 if found == "utf-8" else found


def csv_rows(path: Path, wanted: Sequence[str], encoding: str = UTF_8) -> Iterator[tuple[int, list[object]]]:
    """Yield the line where each record of a CSV file begins, and its wanted fields.

    The delimiter is the comma, semicolon, tab or bar that gives the wanted columns. Quotes are doubled inside quoted
    fields, which may hold newlines (RFC 4180). Blank lines are skipped.

    Raises:
        InputError: a column is missing or occurs twice, a quote is broken, records differ in their number of fields,
            or the bytes are not of the encoding; the message names lines.
    """
    with _long_fields():
        delimiter, header = _read_header(path, wanted, encoding)
        places = find_columns(wanted, header, f"{path.name} (separated by {DELIMITERS[delimiter]})")
        faults = Faults()
        with _open_records(path, delimiter, encoding) as records:
            next(records)  # the header
            for line, fields in records:
                if len(fields) == len(header):
                    yield line, [fields[place] for place in places]
                else:
                    newlines = sum(field.count("\n") for field in fields)
                    lines = f"lines {line} to {line + newlines}" if newlines else f"line {line}"
                    faults.add(f"{lines}: {len(fields)} fields")
    if faults.total:
        problem = f"{path.name}: the first line has {len(header)} columns, but {faults}."
        raise InputError([f"{problem} Put quotes around fields that hold a delimiter or a newline."])


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be as long as an article; the limit of the csv module is global, so it is restored."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_header(path: Path, wanted: Sequence[str], encoding: str) -> tuple[str, list[str]]:
    """Return the delimiter that gives all wanted columns, else the one with most columns, and the first record."""
    headers: dict[str, list[str]] = {}
    broken: InputError | None = None
    for delimiter in DELIMITERS:
        try:
            with _open_records(path, delimiter, encoding) as records:
                headers[delimiter] = next(records, (0, []))[1]
        except InputError as error:
            broken = broken or error
    if not headers and broken:
        raise broken
    best = max(headers, key=lambda each: (set(wanted) <= set(headers[each]), len(headers[each])))
    if not headers[best]:
        raise InputError([f"{path.name} is empty: it has no line of column names."])
    if len(headers[best]) == 1:
        problem = f"{path.name}: 1 column found in its first line, {headers[best][0][:60]!r}."
        raise InputError([f"{problem} Columns must be separated by one of: {', '.join(DELIMITERS.values())}."])
    return best, headers[best]


@contextmanager
def _open_records(path: Path, delimiter: str, encoding: str) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Yield the records of a CSV file with the line where each begins, without blank lines, and close the file."""
    with open_lines(path, encoding) as lines:
        yield _parse_records(csv.reader(lines, delimiter=delimiter, strict=True), path, delimiter, encoding)


def _parse_records(reader: Any, path: Path, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    while True:
        begins = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken_quote(path, delimiter, encoding, begins, reader.line_num) from error
        if record:
            yield begins, record


def _broken_quote(path: Path, delimiter: str, encoding: str, begins: int, ends: int) -> InputError:
    """Return the error that names the line where the faulty quoted field of a record opens."""
    with open_lines(path, encoding) as lines:
        text = "".join(islice(lines, begins - 1, ends))
    after = f"{re.escape(delimiter)}\r\n"
    field = re.compile(rf'"[^"]*(?:""[^"]*)*"(?=[{after}]|\Z)|(?!")[^{after}]*')
    at = 0
    while (found := field.match(text, at)) and found.end() < len(text):
        at = found.end() + 1
    closed = re.compile(r'"[^"]*(?:""[^"]*)*"').match(text, at)
    opened, reopened = (begins + len(re.findall(r"\r\n|\r|\n", text[:end])) for end in (at, closed and closed.end()))
    if closed:
        fault = f"its next quote, in line {reopened}, is followed by {text[closed.end() :][:20]!r}"
    elif len(text) - at > _LONGEST_FIELD:
        fault = f"it is not closed within {_LONGEST_FIELD:,} characters"
    else:
        fault = "the file ends before it is closed"
    problem = f"{path.name}, line {opened}: a quote opens here ({text[at : at + 30]!r}), but {fault}."
    return InputError([f'{problem} Close it where the field ends, and write a quote inside a quoted field twice: "".'])


def json_rows(path: Path, encoding: str = UTF_8) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the line and the object of each line of a JSON Lines file; blank lines are skipped.

    Raises:
        InputError: some lines hold no object; it is raised after the last line and names them.
    """
    faults = Faults()
    with open_lines(path, encoding) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line, object_pairs_hook=refuse_repeated_keys)
            except json.JSONDecodeError as error:
                faults.add(f"line {number}, column {error.colno}: {error.msg}")
                continue
            except (ValueError, RecursionError) as error:
                faults.add(f"line {number}: {explain_json_error(error)}")
                continue
            if isinstance(value, dict):
                yield number, value
            else:
                faults.add(f"line {number}: {line.strip()[:40]!r} is not an object")
    if faults.total:
        raise InputError([f"{path.name} is not JSON Lines: {faults}. Each line must hold one object in braces."])


@contextmanager
def open_lines(path: Path, encoding: str = UTF_8) -> Iterator[Iterator[str]]:
    """Yield the lines of a text file, without a byte-order mark, and close the file.

    Raises:
        InputError: bytes that are not of the encoding, or zero bytes; the message gives line, offset, the text around
            them and the likely encoding.
    """
    try:
        with path.open(encoding=encoding, newline="") as stream:
            yield _lines_without_zeros(stream, path, encoding)
    except UnicodeError as error:
        raise _not_of_encoding(path, encoding, error) from error


def _lines_without_zeros(stream: Iterator[str], path: Path, encoding: str) -> Iterator[str]:
    for line in stream:
        if "\0" in line:
            raise _not_of_encoding(path, encoding)
        yield line


def _not_of_encoding(path: Path, encoding: str, cause: UnicodeError | None = None) -> InputError:
    """Return the error that names the first byte outside the encoding, and the encodings that the file may have."""
    content = path.read_bytes()
    if encoding != UTF_8:
        return _not_as_named(path, content, encoding, cause)
    zero = content.find(0)
    offset = zero
    try:
        content.decode()
    except UnicodeDecodeError as error:
        offset = error.start if zero < 0 else min(error.start, zero)
    line = content.count(b"\n", 0, offset) + 1
    problem = f"{path.name}, line {line}: the byte at offset {offset} is"
    if offset == zero and content.count(0) <= len(content) / 8:  # UTF-16 holds more zero bytes
        return InputError(
            [f"{problem} zero, which does not occur in text. Remove it, or save the file again as UTF-8."]
        )
    begin = content.rfind(b"\n", 0, offset) + 1
    encodings = _suggest_encodings(content[max(begin, offset - _SAMPLE // 2) :][:_SAMPLE])
    if not encodings:
        return InputError([f"{problem} not UTF-8. Its encoding is not known; save the file as UTF-8."])
    readings = " or ".join(_describe_encoding(name, content, begin, offset) for name in encodings)
    likely = encodings[-1]
    todo = f"If it is {likely}, add --encoding {likely} to the command, or encoding={likely!r} in Python."
    return InputError([f"{problem} not UTF-8. The encoding may be {readings}. {todo}"])


def _not_as_named(path: Path, content: bytes, encoding: str, cause: UnicodeError | None) -> InputError:
    """Return the error for a file that is not of the encoding that the user named, or that holds a zero character."""
    try:
        before, zero, _ = content.decode(encoding).partition("\0")
        fault = "is a zero character, which does not occur in text"
    except UnicodeDecodeError as undecodable:
        at, zero = undecodable.start, "\0"
        before = content[:at].decode(encoding, errors="replace")
        fault = f"is not {encoding}: byte 0x{content[at]:02x} at offset {at}"
    if not zero:  # such as UTF-16 without a byte-order mark
        return InputError([f"{path.name} is not {encoding}: {cause}. Name another encoding."])
    line, shown = before.count("\n") + 1, before.rpartition("\n")[2][-_PREVIEW:]
    return InputError([f"{path.name}, line {line}: what follows {shown!r} {fault}. Name another encoding."])


def _describe_encoding(name: str, content: bytes, begin: int, offset: int) -> str:
    """Return the name of an encoding, and how the text around an offset reads in it; the line begins at `begin`."""
    if name.startswith("utf_"):  # in these encodings, lines end at other bytes
        return name
    before = content[begin:offset].decode(name, errors="replace")
    after = content[offset:].partition(b"\n")[0][: 4 * _PREVIEW].decode(name, errors="replace")
    text = f"{'…' if len(before) > _PREVIEW else ''}{before[-_PREVIEW:]}{after[:_PREVIEW]}".strip()
    return f"{name} (the text there then reads {text!r})"


def _suggest_encodings(sample: bytes) -> list[str]:
    """Return the encodings that bytes may have, as Python calls them; the last is the likeliest."""
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError:  # installed with `datasets`; without it there is no suggestion
        return []
    best = from_bytes(sample, cp_exclusion=_NOT_SUGGESTED).best()
    if best is not None and best.multi_byte_usage > 0:
        return [best.encoding]
    # Encodings of one byte are hard to distinguish in a short text, so the most usual one is suggested too.
    found = [best.encoding] if best is not None else []
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return found
    return [*(name for name in found if name != "cp1252"), "cp1252"]
