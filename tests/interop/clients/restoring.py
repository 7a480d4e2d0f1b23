"""Types back where a client lost them: by the type that the data's own dictionary states, never by a guess."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def restored(value: Any, kind: str) -> Any:
    """Return a cell as its type has it: missing (None, NaN, NaT) as None, bytes as text, text of a list as the list.

    `kind` is a type of the corpus's dictionary or of Frictionless.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()  # numpy's arrays and numbers
    if value is None or (not isinstance(value, list) and value != value):  # noqa: PLR0124  NaN and NaT
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if kind in ("any", "array") or kind.startswith("list"):
        return plain(json.loads(value) if isinstance(value, str) else value)
    if kind in ("integer", "int32", "int64"):
        return int(value)
    if kind in ("boolean", "bool"):
        return bool(value)
    if kind in ("number", "float64"):
        return float(value)  # frictionless gives a Decimal
    return _date(value) if kind == "date" else _time(value) if kind in ("datetime", "timestamp") else value


def plain(value: Any) -> Any:
    """Return lists and structs without numpy's arrays and without bytes."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.decode() if isinstance(value, bytes) else value


def restored_row(row: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with each cell restored by its column's type."""
    return {name: restored(value, kinds[name]) for name, value in row.items()}


def _date(value: Any) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10])
    return value.date() if isinstance(value, dt.datetime) else value


def _time(value: Any) -> dt.datetime:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
