"""The schema as a Frictionless data package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table

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


def _field(schema: Schema, column: Column) -> dict[str, Any]:
    scalar = not column.type.startswith("list")
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    if scalar:
        constraints |= {key: v for key in ("minimum", "maximum", "pattern") if (v := getattr(column, key)) is not None}
        if terms := schema.terms(column):
            constraints["enum"] = list(terms)
    field = {"name": column.name, "type": _TYPES[column.type], "description": column.description}
    return field | ({"constraints": constraints} if constraints else {})


def _resource(schema: Schema, table: Table, size: int, sha256: str) -> dict[str, Any]:
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
        "bytes": size,
        "hash": f"sha256:{sha256}",
        "schema": {
            "fields": [_field(schema, column) for column in table.columns],
            "primaryKey": list(table.key),
        }
        | ({"foreignKeys": foreign} if foreign else {}),
    }


def data_package(schema: Schema, files: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return datapackage.json as a dict; `files` gives size in bytes and sha256 of each table's Parquet file."""
    about = schema.about
    return {
        "name": about["name"],
        "title": about["title"],
        "description": about["description"],
        "version": about["version"],
        "keywords": about["keywords"],
        "contributors": [{"title": creator, "role": "author"} for creator in about["creators"]],
        "licenses": [{"name": about["license_labels"].upper(), "path": about["license_labels_url"]}],
        "resources": [_resource(schema, table, *files[table.name]) for table in schema.tables],
    }
