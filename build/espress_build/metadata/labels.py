"""Describe the labels of a dataset from its tables: rows of each class, agreement, annotators, copied passes."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from espress.probe.classes import FEWEST_TO_SCORE
from espress.schema import schema
from espress.stats.agreement import RESAMPLES, Agreement, measure_fields
from espress.tables import format_markdown
from espress_build.inputs.judgements import Judgement, from_rows
from espress_build.inputs.params import read_params
from espress_build.labels.persons import Persons
from espress_build.tables import list_files, read_table

if TYPE_CHECKING:
    from pathlib import Path

_LABEL_TABLES = ("relevance", "entries", "article_stance", "claim_matrix")
_DERIVED = ("claim_status", "attribution")  # vocabularies of labels that are not fields of the codebook's schema


def read_rows(dataset: Path, table: str, *columns: str) -> list[dict[str, Any]]:
    """Return the rows of one table of a dataset folder, with all columns or those named."""
    rows: list[dict[str, Any]] = read_table(dataset, table, list(columns) or None).to_pylist()
    return rows


def _stamp(dataset: Path) -> tuple[tuple[int, int, int], ...]:
    """Return a value that changes whenever the table of judgements is written."""
    stats = [path.stat() for path in list_files(dataset, "annotations")]
    return tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in stats)


@lru_cache(maxsize=2)  # several sentences of the metadata need the judgements
def _read_counted(dataset: Path, _stamp: object) -> tuple[Judgement, ...]:
    return tuple(from_rows(row for row in read_rows(dataset, "annotations") if row["is_counted"]))


@lru_cache(maxsize=2)
def _read_persons(dataset: Path, _stamp: object) -> Persons:
    return Persons(read_counted(dataset), read_kinds(dataset), read_params().label.fewest_passes)


def read_counted(dataset: Path) -> list[Judgement]:
    """Return the judgements from which gold is computed."""
    return list(_read_counted(dataset, _stamp(dataset)))


def read_kinds(dataset: Path) -> dict[str, str]:
    """Return whether each annotator is human or model."""
    rows = read_rows(dataset, "annotations", "annotator", "annotator_kind")
    return {row["annotator"]: row["annotator_kind"] for row in rows}


def measure_agreement(dataset: Path, kind: str = "model", resamples: int = RESAMPLES) -> list[Agreement]:
    """Return the agreement by field and level, of all counted model passes or of all persons (`kind` human).

    Without resamples, there are no intervals.
    """
    classes = {row["source_id"]: row["source_class"] for row in read_rows(dataset, "sources")}
    kinds = read_kinds(dataset)
    own = [one for one in read_counted(dataset) if kinds[one.annotator] == kind]
    return measure_fields(own, classes, resamples=resamples)


def read_persons(dataset: Path) -> Persons:
    """Return the judgements of persons beside the gold of the model passes."""
    return _read_persons(dataset, _stamp(dataset))


def count_judged_units(dataset: Path) -> int:
    """Return how many units at least one person judged."""
    return len(read_persons(dataset).list_units())


def count_confirmed_units(dataset: Path) -> int:
    """Return on how many units a person agrees with the gold of the model passes on all fields judged."""
    return len(read_persons(dataset).list_confirmed())


def _count_gold(dataset: Path) -> tuple[int, int]:
    """Return the number of gold labels that persons decided, and of all."""
    bases = Counter(row["gold_basis"] for row in read_rows(dataset, "votes", "gold_basis") if row["gold_basis"])
    return bases["person"] + bases["majority_of_persons"], bases.total()


def describe_persons(dataset: Path) -> str:
    """State in sentences how many units persons judged and confirmed, and who decided the gold labels."""
    persons = read_persons(dataset)
    counts = f"human_judged = {len(persons.list_units())}, human_confirmed = {len(persons.list_confirmed())}"
    by_persons, total = _count_gold(dataset)
    if not total:
        return f"There are no gold labels yet ({counts})."
    others = "majority of the passes that language models made"
    if not by_persons:
        return f"No person has judged any item ({counts}). Every gold label is the {others}."
    return (
        f"Persons judged {len(persons.list_units())} units; on {len(persons.list_confirmed())} of them a person agrees "
        f"with the gold of the model passes in every field ({counts}). Where a person judged an item, persons alone "
        f"decide its label. Persons decided {by_persons} of {total} gold labels; the others are the {others}."
    )


def say_who_judged(dataset: Path) -> str:
    """State in one plain sentence how many items of the articles persons judged, and who decided the labels."""
    kinds, counted = read_kinds(dataset), read_counted(dataset)
    by_persons = {one.item_id for one in counted if kinds[one.annotator] == "human"}
    items = f"{len(by_persons):,} of the {len({one.item_id for one in counted}):,} items in the articles"
    decided, total = _count_gold(dataset)
    if not total:
        return "The articles have no labels yet."
    if not decided:
        return f"Persons judged {items}; all labels of the articles are majorities of passes by language models."
    return (
        f"Persons judged {items} and decided {decided:,} of the {total:,} labels; the other labels are "
        "majorities of passes by language models."
    )


def describe_families(dataset: Path) -> str:
    """State which families of models the passes come from."""
    families = sorted({row["family"] for row in read_rows(dataset, "annotations", "family") if row["family"]})
    if not families:
        return "No pass was made by a model."
    if len(families) == 1:
        return f"All passes by models come from one family, {families[0]}."
    return f"The passes by models come from {len(families)} families: {', '.join(families)}."


def find_copied_passes(dataset: Path) -> list[tuple[str, str]]:
    """Return pairs of passes that gave the same judgements with the same reasons: one is a copy of the other."""
    passes: dict[str, list[str]] = {}
    for one in from_rows(read_rows(dataset, "annotations")):
        passes.setdefault(one.annotator, []).append(repr((*one.key[1:], one.value, one.reason)))
    contents = {name: sorted(lines) for name, lines in sorted(passes.items())}
    return [(a, b) for a in contents for b in contents if a < b and contents[a] == contents[b]]


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
