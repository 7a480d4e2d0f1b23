"""The schema as features of the `datasets` library: labels are ClassLabel, everything else its plain type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.schema import schema

if TYPE_CHECKING:
    from espress.schema import Column, Table

DTYPES = {"date": "date32", "timestamp": "timestamp[ms, tz=UTC]"}  # where the library's name differs from ours


def _feature(column: Column) -> Any:
    from datasets import ClassLabel, List, Value

    if column.labels:
        return ClassLabel(names=list(schema().vocabularies[column.labels]))
    if column.type == "list<struct>":
        return List({member.name: _feature(member) for member in column.members})
    if column.type == "list<string>":
        return List(Value("string"))
    return Value(DTYPES.get(column.type, column.type))


def features(table: Table) -> Any:
    """Return `datasets.Features` for the table, columns in file order."""
    from datasets import Features

    return Features({column.name: _feature(column) for column in table.columns})
