"""Make the data dictionary, in Markdown, from the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table


def _describe_promises(schema: Schema, column: Column) -> str:
    parts = []
    if column.unit:
        parts.append(f"in {column.unit}")
    if column.minimum is not None or column.maximum is not None:
        low = "" if column.minimum is None else f"{column.minimum:g}"
        high = "" if column.maximum is None else f"{column.maximum:g}"
        parts.append(f"{low}…{high}")
    if column.pattern:
        parts.append(f"`{column.pattern.replace('|', chr(92) + '|')}`")
    if terms := schema.terms(column):
        parts.append(f"one of [{column.vocabulary}](#{column.vocabulary}), {len(terms)} terms")
    if column.references:
        parts.append(f"→ `{column.references}`")
    if column.withheld or column.quotes:
        parts.append("null in the open edition" if column.withheld else "quotes become places in the open edition")
    return "; ".join(parts)


def _make_rows(schema: Schema, columns: tuple[Column, ...], prefix: str = "") -> list[str]:
    rows = []
    for column in columns:
        null = "—" if column.null is None else column.null
        cells = (
            f"`{prefix}{column.name}`",
            f"`{column.type}`",
            column.description,
            _describe_promises(schema, column),
            null,
        )
        rows.append(f"| {' | '.join(cells)} |")
        rows += _make_rows(schema, column.members, f"{prefix}{column.name}[].")
    return rows


def _describe_table(schema: Schema, table: Table) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    head = ["| column | type | meaning | promise | null means |", "| --- | --- | --- | --- | --- |"]
    return [
        f"## `{table.name}`",
        "",
        f"{table.description} Key: {key}.",
        "",
        *head,
        *_make_rows(schema, table.columns),
        "",
    ]


def make_dictionary(schema: Schema) -> str:
    """Return the data dictionary: every table, column and closed vocabulary."""
    lines = ["# Data dictionary", "", "Made from `schema/*.toml` by `espress-build generate`; not for editing.", ""]
    for table in schema.tables:
        lines += _describe_table(schema, table)
    lines += ["# Closed vocabularies", ""]
    for name, terms in schema.vocabularies.items():
        lines += [f"## {name}", "", *(f"- `{term}`: {meaning}" for term, meaning in terms.items()), ""]
    return "\n".join(lines)
