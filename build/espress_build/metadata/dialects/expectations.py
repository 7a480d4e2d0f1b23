"""Make checks for Great Expectations from the schema: one for each constraint of a column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table


@dataclass(frozen=True)
class Expectation:
    """One check that Great Expectations runs: its id, level, class name, arguments and reason."""

    check: str
    level: int  # 2 schema, 3 values
    table: str
    kind: str  # name of a class in great_expectations.expectations
    why: str
    arguments: dict[str, Any] = field(default_factory=dict)


def anchor_pattern(pattern: str) -> str:
    """Return the regular expression for whole values; Python's `$` also matches before a final line end."""
    return rf"^(?:{pattern})\Z"


def _check_column(schema: Schema, table: Table, column: Column) -> list[Expectation]:
    stem, found = f"{table.name}.{column.name}", []
    at: dict[str, Any] = {"column": column.name}
    if not column.nullable:
        why = "the schema requires a value in each row"
        found.append(Expectation(f"{stem}.not-null", 3, table.name, "ExpectColumnValuesToNotBeNull", why, at))
    if column.type.startswith("list"):
        return found
    if terms := schema.terms(column):
        why = f"the vocabulary {column.vocabulary} is closed"
        arguments = at | {"value_set": list(terms)}
        found.append(Expectation(f"{stem}.in-vocabulary", 3, table.name, "ExpectColumnValuesToBeInSet", why, arguments))
    if column.pattern:
        arguments = at | {"regex": anchor_pattern(column.pattern)}
        why = "the schema requires this form"
        found.append(Expectation(f"{stem}.pattern", 3, table.name, "ExpectColumnValuesToMatchRegex", why, arguments))
    if column.minimum is not None or column.maximum is not None:
        arguments = at | {"min_value": column.minimum, "max_value": column.maximum}
        why = "the schema requires this range"
        found.append(Expectation(f"{stem}.range", 3, table.name, "ExpectColumnValuesToBeBetween", why, arguments))
    return found


def _check_table(schema: Schema, table: Table) -> list[Expectation]:
    names = [column.name for column in table.columns]
    ordered = Expectation(
        f"{table.name}.columns", 2, table.name, "ExpectTableColumnsToMatchOrderedList",
        "readers rely on the declared columns and their order", {"column_list": names},
    )  # fmt: skip
    single = len(table.key) == 1
    kind = "ExpectColumnValuesToBeUnique" if single else "ExpectCompoundColumnsToBeUnique"
    arguments: dict[str, Any] = {"column": table.key[0]} if single else {"column_list": list(table.key)}
    key = Expectation(f"{table.name}.key-unique", 3, table.name, kind, "each key belongs to one row", arguments)
    return [ordered, key, *(check for column in table.columns for check in _check_column(schema, table, column))]


def make_expectations(schema: Schema) -> list[Expectation]:
    """Return every check that follows from the schema, in schema order."""
    return [check for table in schema.tables for check in _check_table(schema, table)]
