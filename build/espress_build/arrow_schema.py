"""The schema as Arrow schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from espress.schema import Column, Table

_SCALARS: dict[str, Any] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms", tz="UTC"),
    "list<string>": pa.list_(pa.string()),
}


def arrow_type(column: Column) -> Any:
    """Return the column's `pyarrow.DataType`; labels are plain strings."""
    if column.type == "list<struct>":
        return pa.list_(pa.struct([pa.field(m.name, arrow_type(m), m.nullable) for m in column.members]))
    return _SCALARS[column.type]


def arrow_schema(table: Table) -> Any:
    """Return the table's `pyarrow.Schema`; non-null columns are declared so."""
    return pa.schema([pa.field(c.name, arrow_type(c), c.nullable) for c in table.columns])
