"""List the articles that a build dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from pathlib import Path

_WITHDRAWN = "withdrawn"  # dropped on purpose


def read_dropped(dataset: Path) -> dict[str, dict[str, str]]:
    """Return the rows of `rejects` by id; empty if there is no such table."""
    path = dataset / "data" / "rejects.parquet"
    return {row["id"]: row for row in pq.ParquetFile(path).read().to_pylist()} if path.is_file() else {}


def format_dropped(rows: dict[str, dict[str, str]]) -> str:
    """Return a section of the report that lists dropped articles with stage, reason and detail; empty if none."""
    lines = [f"- {row['id']}: {row['reason']} ({row['stage']}): {row['detail']}" for row in rows.values()]
    return "\n".join(["\n## Dropped articles\n", *map(escape_for_terminal, lines), ""]) if lines else ""


def find_newly_dropped(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[str]:
    """Return the ids of articles that were not dropped before, except withdrawn ones."""
    return [key for key, row in after.items() if key not in before and row["reason"] != _WITHDRAWN]
