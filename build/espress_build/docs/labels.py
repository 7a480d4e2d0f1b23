"""Sections and values on the reliability of the labels; `espress-build agreement` prints all sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.probe.classes import FEWEST_TO_SCORE
from espress.tables import format_markdown
from espress_build.docs import catalogue
from espress_build.inputs.judgements import from_rows, read_annotations
from espress_build.labels import studies
from espress_build.labels.agreement import count_differences
from espress_build.metadata.card import format_agreement
from espress_build.metadata.class_counts import format_class_counts
from espress_build.metadata.labels import count_confirmed_units, measure_agreement, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _annotations(dataset: Path) -> Path:
    return dataset.parent / "raw" / "annotations"


def describe_consistency(dataset: Path) -> str:
    """List the agreement of the passes by field and level."""
    return format_agreement(measure_agreement(dataset))


def describe_heldout(dataset: Path) -> str:
    """List the agreement of the passes on sentences of invented texts."""
    found = studies.measure_heldout(_annotations(dataset))
    return format_agreement(found) if found else "No pass has judged them yet."


def list_passes(dataset: Path) -> str:
    """List who coded when."""
    rows = [
        (f"`{p.annotator}`", p.kind, p.family or None, p.codebook, p.started, p.ended, p.input_sha256[:12])
        for p in read_annotations(_annotations(dataset)).passes
    ]
    return format_markdown(rows, ["pass", "kind", "family", "codebook", "started", "ended", "input sha256"])


def count_disagreements(dataset: Path) -> str:
    """Count the judgements that differ within each pair of passes, by field."""
    found = count_differences(from_rows(read_rows(dataset, "annotations")))
    fields = sorted({field for counts in found.values() for field in counts})
    rows = [
        (f"{a}, {b}", *(counts.get(field, 0) for field in fields), sum(counts.values()))
        for (a, b), counts in found.items()
    ]
    return format_markdown(rows, ["passes", *(f"`{field}`" for field in fields), "all"])


def list_disputes(dataset: Path) -> str:
    """List every item on which the passes differ, with the values."""
    rows = [
        (one.level, one.field, item, "; ".join(f"{who}: {value or 'null'}" for who, value in sorted(votes.items())))
        for one in measure_agreement(dataset, resamples=0)
        for item, votes in sorted(one.disputes.items())
    ]
    return format_markdown(rows, ["level", "field", "item", "values"])


def count_confusions(dataset: Path) -> str:
    """Count pairs of values that two passes gave to one item, for disputed fields with a fixed list of values."""
    rows = [
        (one.field, pair, number)
        for one in measure_agreement(dataset, resamples=0)
        if one.disputes and "span" not in one.field
        for pair, number in one.confusion.items()
    ]
    return format_markdown(rows, ["field", "values of two passes", "pairs"])


def describe_state_swap(dataset: Path) -> str:
    """Count changes of labels when actor and target states are exchanged, by field and direction."""
    folder = _annotations(dataset)
    found = studies.compare_swapped(folder)
    if not found:
        return "No pass has judged the rewritten units yet."
    rows = []
    for one in found:
        directions = "; ".join(f"{way}: {number}" for way, number in one.directions.items())
        rate = f"{one.flipped / one.compared:.3f}"
        rows.append((f"`{one.field}`", one.compared, one.flipped, rate, directions or "none"))
    both, before, after = studies.count_entry_changes(folder)
    note = f"Entries in both texts: {both}; only in the original: {before}; only in the rewritten text: {after}."
    return f"{format_markdown(rows, ['field', 'compared', 'flipped', 'rate', 'directions'])}\n\n{note}"


def list_guesses(dataset: Path) -> str:
    """List the outlet and country that each pass guessed from the masked text."""
    articles = pq.read_table(dataset / "data" / "articles.parquet").to_pylist()
    found = studies.list_guesses(_annotations(dataset), articles)
    rows = [
        (who, f"`{article}`", outlet, "yes" if hit else "no", country, "yes" if right else "no")
        for who, article, outlet, country, hit, right in found
    ]
    outlets, countries = (sum(bool(row[place]) for row in found) for place in (4, 5))
    note = f"Right guesses of the outlet: {outlets} of {len(found)}; of the country: {countries} of {len(found)}."
    return (
        f"{format_markdown(rows, ['pass', 'article', 'outlet guessed', 'right', 'country guessed', 'right'])}\n\n{note}"
    )


SECTIONS: dict[str, Callable[[Path], str]] = {
    "passes": list_passes,
    "self-consistency": describe_consistency,
    "disagreements": count_disagreements,
    "confusions": count_confusions,
    "disputes": list_disputes,
    "heldout": describe_heldout,
    "state-swap": describe_state_swap,
    "guesses": list_guesses,
    "class-counts": format_class_counts,
}
VALUES: dict[str, Callable[[Path], object]] = {
    "fewest_to_score": lambda _: FEWEST_TO_SCORE,
    "human_confirmed": count_confirmed_units,
}


def report(dataset: Path) -> str:
    """Return all sections on labels and on the catalogue's codes, each with its heading."""
    confirmed = f"Number of units that a person has judged: {count_confirmed_units(dataset)}."
    parts = ["# What the labels are worth", confirmed]
    for name, section in (SECTIONS | catalogue.SECTIONS).items():
        parts += [f"## {name.replace('-', ' ')}", str(section.__doc__).splitlines()[0], section(dataset)]
    return "\n\n".join(parts)
