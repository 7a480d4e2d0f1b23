"""Check filters of rows, such as `{"language": "en", "outlet_id": ["a", "b"]}`, and turn them into pyarrow's."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import math
import numbers
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from espress.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Where = Mapping[str, Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)


_KINDS: tuple[tuple[Any, str, Callable[[Any], bool]], ...] = (  # test of the column's type, name, test of a value
    (types.is_boolean, "True or False", lambda value: isinstance(value, bool)),
    (types.is_integer, "an integer", lambda value: _is_number(value) and isinstance(value, numbers.Integral)),
    (types.is_floating, "a number", _is_number),
    (types.is_string, "text", lambda value: isinstance(value, str)),
    (
        types.is_timestamp,
        "a datetime with a time zone",
        lambda value: isinstance(value, dt.datetime) and value.tzinfo is not None,
    ),
    (types.is_date, "a date", lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime)),
)


def _find_faults(name: str, values: Iterable[Any], wanted: Any) -> list[str]:
    """Return a fault for each value that the column cannot be compared with, or for a column that allows no filter."""
    kind, test = next(((name, test) for is_kind, name, test in _KINDS if is_kind(wanted)), ("", None))
    if test is None:
        return [f"{name} holds {wanted}, which cannot be compared. Load the table and filter its rows in your code."]
    faults = []
    for value in values:
        try:
            fits = value is None or (test(value) and pa.scalar(value, wanted) is not None)
        except (pa.ArrowException, OverflowError, UnicodeError):
            fits = False
        if not fits:
            what = f"{value!r:.60} of type {type(value).__name__}"
            faults.append(f"where[{name!r}]: {what} is not {kind}, which {name} ({wanted}) holds. Give {kind} or None.")
    return faults


def read_closed_values(folder: Path, config: str) -> dict[str, list[str]]:
    """Return column -> closed list of its values, as the dataset's own datapackage.json states it."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        fields = next(part["schema"]["fields"] for part in package["resources"] if part["name"] == config)
        return {one["name"]: one["constraints"]["enum"] for one in fields if "enum" in one.get("constraints", {})}
    except (OSError, ValueError, KeyError, TypeError, StopIteration, RecursionError):  # only messages use this list
        return {}


def _find_unknown_values(name: str, values: Iterable[Any], known: list[str] | None) -> list[str]:
    """Return a fault for each value outside its column's closed list; each fault names the nearest values first."""
    faults = []
    for value in values:
        if known is None or value is None or value in known:
            continue
        nearest = difflib.get_close_matches(str(value), known, n=len(known), cutoff=0.0)
        faults.append(f"where[{name!r}]: {name} cannot be {value!r:.60}. Known, nearest first: {', '.join(nearest)}.")
    return faults


def build_filter(
    where: Where | None, schema: Any, config: str, closed_values: Mapping[str, list[str]] | None = None
) -> Any:
    """Return the filter as a `pyarrow.compute.Expression`, None for no filter.

    A value is compared for equality, a list (or tuple or set) for membership; None means null. A row is kept if all its
    columns match. An empty list keeps no row.

    Args:
        where: column -> value or values.
        schema: the table's `pyarrow.Schema`.
        config: name of the table.
        closed_values: column -> the only values that it can have, for columns with a closed list.

    Raises:
        UnknownNameError: the table has no such column; the message lists the columns, the nearest first.
        InputError: a value is of another type than the column, or outside the column's closed list; every fault is
            listed.
    """
    if where is None:
        return None
    if not isinstance(where, Mapping):
        raise InputError(
            [f"where: {type(where).__name__} is not a dict from column to value. Give where={{'language': 'en'}}."]
        )
    for name in where:
        if name not in schema.names:
            raise UnknownNameError("column", name, schema.names, f"These are the columns of {config}.")
    faults, columns = [], {}
    for name, given in where.items():
        values = list(given) if isinstance(given, list | tuple | set | frozenset) else [given]
        kind = schema.field(name).type
        columns[name] = values, kind
        known = (closed_values or {}).get(name)
        faults += _find_faults(name, values, kind) or _find_unknown_values(name, values, known)
    if faults:
        raise InputError(faults)
    whole = None
    for name, (values, kind) in columns.items():
        # A value that the column's type would round, such as a time with microseconds, matches no row.
        exact = [value for value in values if value is not None and pa.scalar(value, kind).as_py() == value]
        part = pc.field(name).isin(pa.array(exact, kind))
        part = part | pc.field(name).is_null() if None in values else part & pc.field(name).is_valid()
        whole = part if whole is None else whole & part
    return whole
