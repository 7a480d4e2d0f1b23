"""Hash the content of a table in a form that programs in any language can reproduce."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DECIMALS = 6  # floats are rounded to this many decimals


def canonical(value: Any) -> Any:
    """Return a value in its JSON form: dates and times in ISO form, floats as text with six decimals, None as null.

    A time is UTC, to the millisecond: `2019-07-23T11:53:00.000Z`. Lists and structs are converted member by member.
    """
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC)
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        # adding 0.0 removes the sign of a zero, which some formats lose
        return f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"
    if isinstance(value, dict):
        return {key: canonical(part) for key, part in value.items()}
    return [canonical(part) for part in value] if isinstance(value, list | tuple) else value


def canonical_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield each row as one line of UTF-8 JSON: keys sorted, no spaces, letters not escaped, a line feed at the end."""
    for row in rows:
        text = json.dumps(canonical(dict(row)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield text.encode() + b"\n"


def content_hash(table: Any) -> str:
    """Return the SHA-256, in hex, of a `pyarrow.Table`'s canonical lines, sorted by their bytes.

    It depends on every value and null, but not on the order of rows or columns or on the file format.
    """
    return hashlib.sha256(b"".join(sorted(canonical_lines(table.to_pylist())))).hexdigest()
