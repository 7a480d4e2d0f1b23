"""All checks there are: those that follow from the schema, and those of validation/expectations.toml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.checks.incident import Check
from espress_build.checks.list_items import inside_lists
from espress_build.inputs.toml_files import read_toml, structure
from espress_build.metadata.dialects.expectations import make_expectations

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
        for e in make_expectations(schema)
    ]
    return values + inside_lists(schema) + references(schema)


def written_checks(path: Path = EXPECTATIONS_FILE) -> list[Check]:
    """Return the checks written by hand; raises InputError with every fault of every entry."""
    checks, problems = [], []
    for name, entry in read_toml(path).items():
        arguments = tuple(sorted(entry.pop("arguments", {}).items()))
        check, found = structure(Check, {"id": name} | entry, f"[{name}]")
        ways = sum(way in entry for way in _WAYS)
        if ways != 1 or "id" in entry or ("gx" in entry) != ("table" in entry):
            found.append(f"[{name}] needs one of {_WAYS} (gx with a table and arguments), and its id is its name")
        checks += [replace(check, arguments=arguments)] if check else []
        problems += [f"{path}: {problem}." for problem in found]
    if problems:
        raise InputError(problems)
    return checks
