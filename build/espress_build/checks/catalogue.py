"""All checks there are: those that follow from the schema, and those of validation/expectations.toml."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress_build.checks.incident import Check
from espress_build.checks.list_items import inside_lists
from espress_build.metadata.dialects.expectations import expectations

if TYPE_CHECKING:
    from espress.schema import Schema, Table

_PACKED = Path(__file__).parent.parent / "_expectations.toml"
EXPECTATIONS_FILE = (
    _PACKED if _PACKED.is_file() else Path(__file__).parent.parent.parent.parent / "validation" / "expectations.toml"
)
_WAYS = ("gx", "sql", "python")


def _reference(schema: Schema, table: Table, column_name: str, reference: str, *, listed: bool) -> Check:
    other, field = reference.split(".")
    value = f"unnest({column_name})" if listed else column_name
    key = table.key[0]
    sql = (
        f"SELECT key, 'names ' || value || ', which is not in {reference}' "
        f"FROM (SELECT {key} AS key, {value} AS value FROM {table.name}) "
        f"WHERE value IS NOT NULL AND value NOT IN (SELECT {field} FROM {other}) ORDER BY ALL"
    )
    schema.table(other).column(field)  # the reference itself is sound, or this raises
    return Check(f"{table.name}.{column_name}.references", 4, f"each value stands in {reference}", sql=sql)


def references(schema: Schema) -> list[Check]:
    """Return one check for each column that the schema says refers to another table."""
    return [
        _reference(schema, table, column.name, column.references, listed=column.type.startswith("list"))
        for table in schema.tables
        for column in table.columns
        if column.references
    ]


def generated_checks(schema: Schema) -> list[Check]:
    """Return every check that follows from the schema: for Great Expectations, then inside lists, then references."""
    values = [
        Check(e.check, e.level, e.why, table=e.table, gx=e.kind, arguments=tuple(sorted(e.arguments.items())))
        for e in expectations(schema)
    ]
    return values + inside_lists(schema) + references(schema)


def _by_hand(name: str, raw: dict[str, Any], path: Path) -> Check:
    unknown = sorted(set(raw) - {field.name for field in fields(Check)} | set(raw) & {"id"})
    ways = [way for way in _WAYS if way in raw]
    if unknown or len(ways) != 1 or "level" not in raw or "why" not in raw or ("gx" in raw) != ("table" in raw):
        rule = f"needs level, why and one of {_WAYS} (gx with a table and arguments); unknown keys: {unknown}"
        raise InputError([f"{path}: [{name}] {rule}."])
    arguments = tuple(sorted(raw.pop("arguments", {}).items()))
    return Check(id=name, arguments=arguments, **raw)


def written_checks(path: Path = EXPECTATIONS_FILE) -> list[Check]:
    """Return the checks written by hand; raises InputError, naming the entry."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_by_hand(name, dict(entry), path) for name, entry in raw.items()]
