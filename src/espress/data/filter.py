"""Simple filters of rows, `{"language": "en", "outlet_id": ["a", "b"], "stance": None}`, checked, then pyarrow's."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

Where = Mapping[str, Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_day(value: Any) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _is_moment(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.tzinfo is not None


def _kind(wanted: Any) -> tuple[str, Any]:
    """Return what values a column takes, in words, and the test of one; no test where equality makes no sense."""
    import pyarrow.types as of

    kinds = (
        (of.is_boolean, "True or False", lambda value: isinstance(value, bool)),
        (of.is_integer, "an integer", _is_integer),
        (of.is_floating, "a number", _is_number),
        (of.is_string, "text", lambda value: isinstance(value, str)),
        (of.is_timestamp, "a datetime with a time zone", _is_moment),
        (of.is_date, "a date", _is_day),
    )
    return next(((words, test) for of_kind, words, test in kinds if of_kind(wanted)), ("", None))


def _faults(name: str, values: Iterable[Any], wanted: Any) -> list[str]:
    """Return why a column cannot be compared with these values: one line a value."""
    import pyarrow as pa

    kind, test = _kind(wanted)
    if test is None:
        return [f"{name} holds {wanted}, which is not compared here. Load the table and filter its rows in your code."]
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


def _values(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple | set | frozenset) else [given]


def expression(where: Where | None, schema: Any, config: str) -> Any:
    """Return the filter as a `pyarrow.compute.Expression`, null for none.

    A value is compared for equality, a list (or tuple or set) for membership; None stands for null. All columns must
    agree. An empty list leaves no row.

    Raises:
        UnknownNameError: the table has no such column; the nearest come first.
        InputError: a value is of another type than the column; every fault is listed.
    """
    if where is None:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(where, Mapping):
        raise InputError(
            [f"where: {type(where).__name__} is no dict of column and value. Give where={{'language': 'en'}}."]
        )
    for name in where:
        if name not in schema.names:
            raise UnknownNameError("column", name, schema.names, f"These are the columns of {config}.")
    columns = {name: (_values(given), schema.field(name).type) for name, given in where.items()}
    if faults := [fault for name, (values, kind) in columns.items() for fault in _faults(name, values, kind)]:
        raise InputError(faults)
    whole = None
    for name, (values, kind) in columns.items():
        given = [value for value in values if value is not None]
        part = pc.field(name).isin(pa.array(given, kind))
        part = part | pc.field(name).is_null() if None in values else part & pc.field(name).is_valid()
        whole = part if whole is None else whole & part
    return whole
