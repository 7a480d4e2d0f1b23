"""Make a Frictionless data package from the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress_build.metadata.dialects import keep_stated

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table
    from espress_build.metadata.dataset_facts import About

_TYPES = {
    "string": "string",
    "bool": "boolean",
    "int32": "integer",
    "int64": "integer",
    "float64": "number",
    "date": "date",
    "timestamp": "datetime",
    "list<string>": "any",  # frictionless reads Parquet lists as numpy arrays, which its `array` type refuses
    "list<struct>": "any",
}
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def _list_constraints(schema: Schema, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {} if column.nullable else {"required": True}
    if column.type.startswith("list"):
        return found
    # frictionless reads a null in a column of numbers as NaN, and reports it as out of range.
    bounds = () if column.nullable and _TYPES[column.type] in ("integer", "number") else ("minimum", "maximum")
    found |= {key: value for key in (*bounds, "pattern") if (value := getattr(column, key)) is not None}
    if terms := schema.terms(column):
        found["enum"] = list(terms)
    return found


def _make_field(schema: Schema, column: Column) -> dict[str, Any]:
    field = {"name": column.name, "type": _TYPES[column.type], "description": column.description}
    if column.nullable and field["type"] == "integer":  # frictionless does not accept NaN as an integer
        field |= {"type": "number", "rdfType": _INTEGER}
    return field | keep_stated(constraints=_list_constraints(schema, column))


def _make_resource(schema: Schema, table: Table, sha256: str) -> dict[str, Any]:
    """Return one table, without `bytes`, because frictionless does not count them for Parquet and reports an error."""
    foreign = []
    for column in table.columns:
        if column.references and column.type == "string":
            other, field = column.references.split(".")
            reference = {"resource": "" if other == table.name else other, "fields": [field]}
            foreign.append({"fields": [column.name], "reference": reference})
    return {
        "name": table.name,
        "description": table.description,
        "path": f"data/{table.name}.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "hash": f"sha256:{sha256}",
        "schema": {"fields": [_make_field(schema, column) for column in table.columns], "primaryKey": list(table.key)}
        | ({"foreignKeys": foreign} if foreign else {}),
    }


def make_data_package(schema: Schema, about: About, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return datapackage.json as a dict; `files` gives size in bytes and sha256 of each table's Parquet file."""
    name, kept = about.license_labels.upper(), schema.select_edition(about.edition)
    return {
        "name": about.name,
        **keep_stated(id=about.doi_address, homepage=about.homepage),
        "title": about.title,
        "description": about.description,
        "version": about.version,
        "edition": about.edition,
        **keep_stated(created=about.released and f"{about.released}T00:00:00Z"),
        "keywords": list(about.keywords),
        "contributors": [{"title": creator, "role": "author"} for creator in about.creators],
        "licenses": [{"name": name, "path": about.license_labels_url, "title": f"{name}, labels and metadata only"}],
        "resources": [_make_resource(kept, table, files[table.name][1]) for table in kept.files],
    }
