"""The schema as features of the `datasets` library: labels are ClassLabel, everything else its plain type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

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


def stated(folder: Path, config: str, arrow_schema: Any) -> tuple[Any, str, str]:
    """Return `datasets.Features`, description and split of a table as the card of its own dataset folder states them.

    Other versions have other columns and classes than this code's schema. A table without rows stands in no card: it
    has the plain types of its file.
    """
    from datasets import Features
    from datasets.info import DatasetInfosDict

    info = DatasetInfosDict.from_directory(str(folder)).get(config)
    if info is None or info.features is None or list(info.features) != arrow_schema.names:
        return Features.from_arrow_schema(arrow_schema), "", "train"
    return info.features, info.description or "", next(iter(info.splits or {}), "train")
