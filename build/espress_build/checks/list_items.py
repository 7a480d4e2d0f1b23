"""Level 3 inside lists, where Great Expectations does not look: what a column promises of each item, as queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.checks.incident import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.schema import Column, Schema, Table


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _promises(schema: Schema, column: Column, *, nullable: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (name, why, condition on `value` that breaks the promise)."""
    if not nullable:
        yield "not-null", "the schema promises a value in each item", "value IS NULL"
    if terms := schema.terms(column):
        why = f"the vocabulary {column.values or column.labels} is closed"
        yield "in-vocabulary", why, f"value NOT IN ({', '.join(map(_quoted, terms))})"
    if column.pattern:
        yield "pattern", "the schema promises this form", f"NOT regexp_full_match(value, {_quoted(column.pattern)})"
    bounds = [f"value < {column.minimum}"] * (column.minimum is not None)
    bounds += [f"value > {column.maximum}"] * (column.maximum is not None)
    if bounds:
        yield "range", "the schema promises this range", " OR ".join(bounds)


def _check(table: Table, stem: str, value: str, promise: tuple[str, str, str]) -> Check:
    name, why, broken = promise
    column = stem.split(".", maxsplit=1)[0]
    sql = (
        f"SELECT key, 'an item of {stem} is ' || coalesce(value::VARCHAR, 'null') FROM (SELECT key, {value} AS value "
        f'FROM (SELECT "{table.key[0]}" AS key, unnest("{column}") AS item FROM {table.name})) '
        f"WHERE {broken} ORDER BY ALL"
    )
    return Check(f"{table.name}.{stem}.item-{name}", 3, why, sql=sql)


def inside_lists(schema: Schema) -> list[Check]:
    """Return every check that follows from the schema on the items of lists and their members, in schema order."""
    found = []
    for table in schema.tables:
        for column in table.columns:
            if column.type == "list<string>":
                found += [_check(table, column.name, "item", p) for p in _promises(schema, column, nullable=False)]
            for member in column.members:
                promises = _promises(schema, member, nullable=member.nullable)
                stem = f"{column.name}.{member.name}"
                found += [_check(table, stem, f'item."{member.name}"', promise) for promise in promises]
    return found
