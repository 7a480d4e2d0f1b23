"""Compute the reliability of labels from the tables of a dataset: agreement, rare classes, confirmed units, copies."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from espress.probe.classes import FEWEST_TO_SCORE
from espress.schema import schema
from espress_build.inputs.judgements import from_rows
from espress_build.labels.agreement import RESAMPLES, Agreement, measure_fields

if TYPE_CHECKING:
    from pathlib import Path

_LABEL_TABLES = ("relevance", "entries", "article_stance", "claim_matrix")


class RareClass(NamedTuple):
    """A class of a label column with fewer gold rows than a score needs."""

    column: str  # table.column
    term: str
    rows: int


def read_rows(dataset: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of one table of a dataset folder."""
    rows: list[dict[str, Any]] = pq.read_table(dataset / "data" / f"{table}.parquet").to_pylist()
    return rows


def measure_agreement(dataset: Path, resamples: int = RESAMPLES) -> list[Agreement]:
    """Return the agreement of all passes, by field and level."""
    classes = {row["source_id"]: row["source_class"] for row in read_rows(dataset, "sources")}
    return measure_fields(from_rows(read_rows(dataset, "annotations")), classes, resamples=resamples)


def find_rare_classes(dataset: Path) -> list[RareClass]:
    """Return the classes with too few gold rows to score, including unused ones."""
    found = []
    for table in _LABEL_TABLES:
        held = pq.read_table(dataset / "data" / f"{table}.parquet")
        for column in schema().table(table).columns:
            if terms := schema().terms(column) if column.labels or column.values == "claim_status" else None:
                counts = Counter(held[column.name].to_pylist())
                found += [
                    RareClass(f"{table}.{column.name}", term, counts[term])
                    for term in terms
                    if counts[term] < FEWEST_TO_SCORE
                ]
    return found


def count_confirmed_units(dataset: Path) -> int:
    """Return how many units a person has judged."""
    rows = read_rows(dataset, "annotations")
    return len({row["item_id"] for row in rows if row["annotator_kind"] == "human" and "." in row["item_id"]})


def find_copied_passes(dataset: Path) -> list[tuple[str, str]]:
    """Return pairs of passes that gave the same judgements with the same reasons: one is a copy of the other."""
    passes: dict[str, list[str]] = {}
    for one in from_rows(read_rows(dataset, "annotations")):
        passes.setdefault(one.annotator, []).append(repr((*one.key[1:], one.value, one.reason)))
    contents = {name: sorted(lines) for name, lines in sorted(passes.items())}
    return [(a, b) for a in contents for b in contents if a < b and contents[a] == contents[b]]
