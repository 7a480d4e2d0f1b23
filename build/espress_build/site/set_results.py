"""Figures of systems on the constructed sets, from `docs/generated/set-results.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PATH = "docs/generated/set-results.csv"


@dataclass(frozen=True)
class Figure:
    """One figure of one system; `low` and `high` are None if it has no interval."""

    set: str
    language: str
    system: str
    sees_part: bool  # sees only a part of the item
    same_family: bool  # of the model family that judged which items are kept
    measure: str
    group: str
    items: int
    value: float
    low: float | None
    high: float | None


def read_figures(project: Path) -> list[Figure]:
    """Return every figure, in the order of the file; none if the file does not exist or has no rows."""
    path = project / _PATH
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Figure(
                row["set"],
                row["language"],
                row["system"],
                row["sees_part"] == "yes",
                row["same_family"] == "yes",
                row["measure"],
                row["group"],
                int(row["items"]),
                float(row["value"]),
                float(row["low"]) if row["low"] else None,
                float(row["high"]) if row["high"] else None,
            )
            for row in csv.DictReader(file)
        ]
