"""Names of tables and columns in releases before 1.0.0, whose open editions can still be rejoined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from espress.schema import Column, schema

if TYPE_CHECKING:
    from espress.schema import Table

# Old name of a column -> its name since 1.0.0, for each table by its old name.
_COLUMNS = {
    "sentences": {
        "start": "text_start",
        "end": "text_end",
        "source_start": "source_byte_start",
        "source_end": "source_byte_end",
    },
    "annotations": {"start": "quote_start", "end": "quote_end"},
    "stance": {
        "source_start": "source_span_start",
        "source_end": "source_span_end",
        "cue_start": "cue_span_start",
        "cue_end": "cue_span_end",
    },
}
_NEVER = "only where the article's text is missing"
_VOTES = Column("votes", "list<struct>", "", members=(Column("value", "string", "", null=_NEVER, quotes="whole"),))
# Columns with words of an article; later versions do not have these columns.
_GONE = (Column("context_masked", "string", "", null=_NEVER, withheld=True), _VOTES)


def is_old(tables: dict[str, Any]) -> bool:
    """Return whether the tables of a dataset have the names of releases before 1.0.0."""
    return "text_start" not in tables["sentences"].column_names


def use_new_names(tables: dict[str, Any]) -> dict[str, Any]:
    """Return the tables, by their old names, with the columns named as since 1.0.0."""
    return {name: _rename(table, _COLUMNS.get(name, {})) for name, table in tables.items()}


def use_old_names(tables: dict[str, Any]) -> dict[str, Any]:
    """Undo `use_new_names`."""
    backwards = {name: {new: old for old, new in names.items()} for name, names in _COLUMNS.items()}
    return {name: _rename(table, backwards.get(name, {})) for name, table in tables.items()}


def describe_old_tables() -> dict[str, Table]:
    """Return the schema's tables by their old names, with the columns that later versions do not have."""
    entries = schema().table("entries")
    found = {table.name: table for table in schema().tables} | {"stance": replace(entries, name="stance")}
    for name in ("stance", "relevance"):
        found[name] = replace(found[name], columns=(*found[name].columns, *_GONE))
    return found


def _rename(table: Any, names: dict[str, str]) -> Any:
    return table.rename_columns([names.get(name, name) for name in table.column_names])
