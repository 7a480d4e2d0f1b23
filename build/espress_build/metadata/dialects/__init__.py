"""Metadata formats: each module has one pure function of `espress.schema` and `dataset_facts.About`."""

from __future__ import annotations


def keep_stated(**fields: object) -> dict[str, object]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value}
