"""Hash the content of a table, whatever software read it, so that clients in any language can compare."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DECIMALS = 6  # every float of the corpus is rounded to so many


def canonical(value: Any) -> Any:
    """Return a value as JSON has it: dates and times in ISO form, floats as text with six decimals, None as null.

    A time is UTC, to the millisecond: `2019-07-23T11:53:00.000Z`. Lists and structs keep their shape.
    """
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC)
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"  # some formats do not keep the sign of a zero
    if isinstance(value, dict):
        return {key: canonical(part) for key, part in value.items()}
    return [canonical(part) for part in value] if isinstance(value, list | tuple) else value


def canonical_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield each row as one line of UTF-8 JSON: keys sorted, no spaces, letters not escaped, a line feed at the end."""
    for row in rows:
        text = json.dumps(canonical(dict(row)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield text.encode() + b"\n"


def content_hash(table: Any) -> str:
    """Return the SHA-256, in hex, of a `pyarrow.Table`'s canonical lines in the order of their bytes.

    Neither the order of rows or columns nor the file format matters; every value and every null does.
    """
    return hashlib.sha256(b"".join(sorted(canonical_lines(table.to_pylist())))).hexdigest()
