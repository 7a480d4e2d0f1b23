"""Tables to export with their description by the schema, and the tables `dictionary` and `about`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.data.content_hash import canonical
from espress.schema import Column, Table, Type, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

UNSTATED = "not stated; in the open edition: withheld"
_BATCH = 1 << 12  # number of rows that are Python objects at the same time


@dataclass(frozen=True)
class Sheet:
    """One table to export: `table.columns` describes the columns of `rows`, a `pyarrow.Table`, in the same order."""

    table: Table
    rows: Any

    def columns(self) -> Iterator[tuple[Column, Any]]:
        """Yield the description and the values of each column."""
        yield from zip(self.table.columns, self.rows.columns, strict=True)

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows as dictionaries, converted a few thousand at a time."""
        for batch in self.rows.to_batches(max_chunksize=_BATCH):
            yield batch.to_pylist()


def make_sheet(config: str, rows: Any) -> Sheet:
    """Return the rows with the schema's description of table and columns; unknown columns get no description.

    Types are those of the values, so that a release with an older schema is exported unchanged. A column is nullable if
    the schema says so or if it contains a null, as withheld columns do.
    """
    known = {table.name: table for table in schema().tables}.get(config)
    described = {column.name: column for column in known.columns} if known else {}
    columns = tuple(_describe_column(name, rows[name], described.get(name)) for name in rows.column_names)
    if known is None:
        return Sheet(Table(config, "", (), 0, columns), rows)
    return Sheet(replace(known, columns=columns, key=tuple(k for k in known.key if k in rows.column_names)), rows)


def _describe_column(name: str, values: Any, known: Column | None) -> Column:
    column = replace(known or Column(name, "string", ""), type=_name_type(values.type))
    return replace(column, null=column.null or (UNSTATED if values.null_count else None))


def _name_type(arrow: Any) -> Type:
    if pa.types.is_list(arrow):
        return "list<struct>" if pa.types.is_struct(arrow.value_type) else "list<string>"
    if pa.types.is_timestamp(arrow):
        return "timestamp"
    plain: dict[Any, Type] = {
        pa.bool_(): "bool",
        pa.int32(): "int32",
        pa.int64(): "int64",
        pa.float64(): "float64",
        pa.date32(): "date",
    }
    return plain.get(arrow, "string")


def to_text(value: Any) -> str | None:
    """Return a list as JSON, a time in ISO form and None as None, in the form that `content_hash` hashes."""
    plain = canonical(value)
    if plain is None or isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def flatten(original: Sheet, *, times: bool = True) -> Sheet:
    """Return the sheet with lists as text and, unless `times` is false, timestamps as text."""
    types: tuple[Type, ...] = (
        ("list<string>", "list<struct>", "timestamp") if times else ("list<string>", "list<struct>")
    )
    columns, values = [], []
    for column, cells in original.columns():
        as_text = column.type in types
        columns.append(replace(column, type="string", members=()) if as_text else column)
        values.append(pa.chunked_array([pa.array(map(to_text, cells.to_pylist()), pa.string())]) if as_text else cells)
    return Sheet(replace(original.table, columns=tuple(columns)), pa.table(values, [column.name for column in columns]))


def list_terms(column: Column, cells: Any) -> tuple[str, ...]:
    """Return the classes of a label column by their codes, as in `datasets`.

    Classes that occur only in older releases come last.
    """
    listed = tuple(schema().vocabularies[column.labels]) if column.labels else ()
    return listed + tuple(sorted(set(cells.unique().drop_null().to_pylist()) - set(listed)))


def make_about(citation: str, version: str, root: str) -> Sheet:
    """Return the table `about`, which identifies the data: title, version, hash of all bytes, citation."""
    facts = {"title": schema().about["title"], "version": version, "sha256": root, "citation": citation}
    rows = pa.table({"field": list(facts), "value": list(facts.values())}, schema=_make_text_schema("field", "value"))
    meanings = {"field": "What the row states.", "value": "Its value."}
    return _make_explanation("about", "Identification of the data.", ("field",), meanings, rows)


def make_dictionary(sheets: Iterable[Sheet], rename: Callable[[Sequence[str]], Sequence[str]]) -> Sheet:
    """Return the table `dictionary`, one row per column: its name in corpus and file, type, unit, meaning, terms.

    `null_means` gives the meaning of a missing value, and is null if no value can be missing; `terms` lists each
    possible value with its meaning. A label column that a format stores as integers numbers its terms from zero in this
    order.
    """
    meanings = {
        "table_name": "Table that holds the column.",
        "column_name": "The column's name in the corpus.",
        "name_in_file": "Its name in this file.",
        "type": "Its type in the corpus.",
        "unit": "Unit of its values.",
        "null_means": "What a missing value means.",
        "description": "What it holds.",
        "terms": "The closed list that its values come from.",
    }
    term = pa.struct([("value", pa.string()), ("meaning", pa.string())])
    fields = _make_text_schema(*list(meanings)[:-1]).append(pa.field("terms", pa.list_(term)))
    rows = pa.Table.from_pylist([row for item in sheets for row in _describe(item, rename)], schema=fields)
    description = "One column of a table: name, type, meaning."
    return _make_explanation("dictionary", description, ("table_name", "column_name"), meanings, rows)


def _describe(item: Sheet, rename: Callable[[Sequence[str]], Sequence[str]]) -> Iterator[dict[str, Any]]:
    names = rename([column.name for column in item.table.columns])
    for column, name in zip(item.table.columns, names, strict=True):
        vocabulary = schema().vocabularies.get(column.vocabulary or "", {})
        yield {
            "table_name": item.table.name,
            "column_name": column.name,
            "name_in_file": name,
            "type": column.type,
            "unit": column.unit,
            "null_means": column.null,
            "description": column.description,
            "terms": [{"value": value, "meaning": meaning} for value, meaning in vocabulary.items()] or None,
        }


def _make_text_schema(*names: str) -> Any:
    return pa.schema([(name, pa.string()) for name in names])


def _make_explanation(name: str, description: str, key: tuple[str, ...], meanings: dict[str, str], rows: Any) -> Sheet:
    columns = tuple(replace(_describe_column(n, rows[n], None), description=meanings[n]) for n in rows.column_names)
    return Sheet(Table(name, description, key, 0, columns), rows)
