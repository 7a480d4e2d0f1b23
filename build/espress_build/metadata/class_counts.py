"""Count the gold rows of every class of every label, and the passes that judged an item."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq

from espress.probe.classes import FEWEST_TO_SCORE
from espress.schema import schema
from espress.tables import format_markdown

if TYPE_CHECKING:
    from pathlib import Path

_LABEL_TABLES = ("relevance", "entries", "article_stance", "claim_matrix")
_DERIVED = ("claim_status", "attribution")  # vocabularies of labels that are not fields of the codebook's schema


class ClassCounts(NamedTuple):
    """The gold rows of each class of a label column, and its nulls; unused classes count 0."""

    column: str  # table.column
    rows: dict[str, int]
    nulls: int


def count_classes(dataset: Path) -> list[ClassCounts]:
    """Return the gold rows of every class of every label column, in schema order."""
    found = []
    for table in _LABEL_TABLES:
        held = pq.read_table(dataset / "data" / f"{table}.parquet")
        for column in schema().table(table).columns:
            terms = schema().terms(column) if column.labels or column.values in _DERIVED else None
            if terms:
                counts = Counter(held[column.name].to_pylist())
                rows = {term: counts[term] for term in terms}
                found.append(ClassCounts(f"{table}.{column.name}", rows, counts[None]))
    return found


def format_class_counts(dataset: Path) -> str:
    """List the gold rows of every class of every label; a star marks classes with too few rows to score."""
    rows = []
    for one in count_classes(dataset):
        counts = (f"{term} {n}{'' if n >= FEWEST_TO_SCORE else '*'}" for term, n in one.rows.items())
        rows.append((f"`{one.column}`", ", ".join(counts), one.nulls))
    note = f"\\* Fewer than {FEWEST_TO_SCORE} rows: the probe does not average over this class."
    return f"{format_markdown(rows, ['label', 'rows of each class', 'null'])}\n\n{note}"


def describe_passes(dataset: Path) -> str:
    """State how many annotators decided the gold value of an item, at each level."""
    votes = pq.read_table(dataset / "data" / "votes.parquet", columns=["level", "n_annotators"]).to_pylist()
    numbers: dict[str, set[int]] = {}
    for row in votes:
        numbers.setdefault(row["level"], set()).add(row["n_annotators"])
    if not numbers:
        return "No item has been judged."
    spans = (f"{level.replace('_', ' ')} {_format_range(found)}" for level, found in numbers.items())
    return f"Annotators who decide an item: {', '.join(spans)}."


def _format_range(numbers: set[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"
