"""Make the `datasets.Features` of a table, with ClassLabel for columns that have a closed vocabulary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from espress.errors import require
from espress.paths import dataset_folder
from espress.schema import schema

if TYPE_CHECKING:
    from espress.data.integrity import Identity
    from espress.schema import Column

DTYPES = {"date": "date32", "timestamp": "timestamp[ms, tz=UTC]"}  # type names of `datasets` that differ from ours


def _make_feature(column: Column) -> Any:
    from datasets import ClassLabel, List, Value

    if column.type == "list<struct>":  # its members keep their plain types
        return List(
            {member.name: _make_feature(replace(member, values=None, labels=None)) for member in column.members}
        )
    if terms := schema().terms(column):
        return ClassLabel(names=list(terms))
    if column.type == "list<string>":
        return List(Value("string"))
    return Value(DTYPES.get(column.type, column.type))


def describe(place: Identity, config: str, arrow_schema: Any) -> tuple[Any, str]:
    """Return `datasets.Features` and description of a table.

    The schema describes the bundled dataset. Any other dataset is described by its own card, because other versions
    have other columns and classes. Cards do not list tables without rows; these get the plain types of their file.

    Raises:
        MissingLibraryError: `datasets` is not installed.
    """
    require(["datasets"], 'load(as_="datasets")', "pip install datasets")
    from datasets import Features
    from datasets.info import DatasetInfosDict

    table = next((table for table in schema().tables if table.name == config), None)
    if table and place.folder == dataset_folder() and [c.name for c in table.columns] == arrow_schema.names:
        return Features({c.name: _make_feature(c) for c in table.columns}), table.description
    info = DatasetInfosDict.from_directory(str(place.folder)).get(config)
    if info is None or info.features is None or list(info.features) != arrow_schema.names:
        return Features.from_arrow_schema(arrow_schema), ""
    return info.features, info.description or ""
