"""Make the front matter of the dataset card, which the Hub and `datasets` read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from espress.data.features import DTYPES

if TYPE_CHECKING:
    from espress.schema import Column, Schema, Table
    from espress_build.metadata.dataset_facts import About

_SIZES = {
    10**3: "n<1K",
    10**4: "1K<n<10K",
    10**5: "10K<n<100K",
    10**6: "100K<n<1M",
    10**7: "1M<n<10M",
    10**8: "10M<n<100M",
}


def _make_feature(schema: Schema, column: Column) -> dict[str, Any]:
    if column.type == "list<struct>":  # its members keep their plain types
        members = [replace(member, values=None, labels=None) for member in column.members]
        return {"name": column.name, "list": [_make_feature(schema, member) for member in members]}
    if terms := schema.terms(column):
        names = {str(number): term for number, term in enumerate(terms)}
        return {"name": column.name, "dtype": {"class_label": {"names": names}}}
    if column.type == "list<string>":
        return {"name": column.name, "list": "string"}
    return {"name": column.name, "dtype": DTYPES.get(column.type, column.type)}


def list_features(schema: Schema, table: Table) -> list[dict[str, Any]]:
    """Return the table's features as the card's YAML lists them."""
    return [_make_feature(schema, column) for column in table.columns]


def _make_config(schema: Schema, table: Table, rows: dict[str, int]) -> dict[str, Any]:
    files = [{"split": split, "path": f"data/{name}.parquet"} for name, split in table.files.items() if rows[name]]
    default = {"default": True} if table.name == schema.about["default_config"] else {}
    return {"config_name": table.name, **default, "data_files": files}


def get_size_category(rows: int) -> str:
    """Return the Hub's name for a range of row counts."""
    return next((name for limit, name in _SIZES.items() if rows < limit), "100M<n<1B")


def name_content(table: Table, rows: dict[str, int], hashes: dict[str, str]) -> str:
    """Return the words by which the card names the bytes of a table: the hash of each of its files that has rows."""
    return f"Content sha256 {' '.join(hashes[name] for name in table.files if rows[name])}"


_ITEMS = ("articles", "sentences", "relevance", "entries")  # tables of items; others describe items or list judgements
_CREATORS = {"model": "machine-generated", "human": "expert-generated"}


def make_front_matter(
    schema: Schema, about: About, rows: dict[str, int], content_hashes: dict[str, str]
) -> dict[str, Any]:
    """Return the card's YAML block as a dict, in the order to write it.

    Tables without rows are left out, because `datasets` cannot load them. Each config's description holds the hashes
    of its files; without the hash, `datasets` would serve rows from its cache after a rebuild.
    """
    tables = [table for table in schema.tables if any(rows[name] for name in table.files)]
    info = [
        {
            "config_name": table.name,
            "description": f"{table.description} {name_content(table, rows, content_hashes)}",
            "features": list_features(schema, table),
        }
        for table in tables
    ]
    return {
        "pretty_name": about.pretty_name,
        "language": list(about.languages),
        "license": "other",
        "license_name": f"{about.license_labels}-labels-only",
        "license_link": "LICENSE-DATA",
        "task_categories": ["text-classification"],
        "tags": list(about.keywords),
        "annotations_creators": [_CREATORS[kind] for kind in about.annotator_kinds] or ["no-annotation"],
        "size_categories": [get_size_category(max(rows[name] for name in _ITEMS))],
        "configs": [_make_config(schema, table, rows) for table in tables],
        "dataset_info": info,
    }
