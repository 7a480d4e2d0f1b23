"""What every client in Python says of what it read: its version, then name, rows and content hash of each table."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from espress.data.content_hash import canonical_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def report(version: str, tables: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> None:
    """Print the version, then a line a table: name, number of rows, hash of the rows."""
    print(version)
    for name, rows in tables:
        lines = sorted(canonical_lines(rows))
        print(name, len(lines), hashlib.sha256(b"".join(lines)).hexdigest(), flush=True)


def files(subject: Path) -> list[Path]:
    """Return the Parquet files of the dataset, by name."""
    return sorted((subject / "dataset" / "data").glob("*.parquet"))


def described(subject: Path) -> dict[str, dict[str, str]]:
    """Return table -> column -> type as the dataset's datapackage.json states them, for clients that lose types.

    An integer that may be missing is declared a number whose `rdfType` says integer.
    """
    package = json.loads((subject / "dataset" / "datapackage.json").read_text(encoding="utf-8"))
    return {
        resource["name"]: {
            field["name"]: "integer" if field.get("rdfType", "").endswith("#integer") else field["type"]
            for field in resource["schema"]["fields"]
        }
        for resource in package["resources"]
    }
