"""The generated blocks that say what the labels are worth; `espress-build agreement` prints them all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.schema import schema
from espress.tables import format_markdown
from espress_build.docs.catalogue import CATALOGUE_BLOCKS
from espress_build.docs.markdown import rows_of
from espress_build.inputs.judgements import from_rows, read_annotations
from espress_build.labels import studies
from espress_build.labels.agreement import RESAMPLES, Agreement, agreement, pairwise

if TYPE_CHECKING:
    from pathlib import Path

FEWEST_TO_SCORE = 20  # of a class's gold units: fewer cannot carry a score, see the card


def _annotations(dataset: Path) -> Path:
    return dataset.parent / "raw" / "annotations"


def _alpha(found: Agreement) -> str:
    if found.alpha is None:
        return "not defined"
    interval = f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else ""
    return f"{found.alpha:.3f}{interval}"


def _table(found: list[Agreement]) -> str:
    rows = [(one.level, f"`{one.field}`", one.metric, one.items, one.disputed, _alpha(one)) for one in found]
    return format_markdown(rows, ["level", "field", "scale", "items", "disputed", "alpha [interval]"])


def _measured(dataset: Path, resamples: int = RESAMPLES) -> list[Agreement]:
    classes = {row["source_id"]: row["class"] for row in rows_of(dataset, "sources")}
    return agreement(from_rows(rows_of(dataset, "annotations")), classes, resamples=resamples)


def self_consistency(dataset: Path) -> str:
    """Agreement of the passes, a field and a level at a time."""
    return _table(_measured(dataset))


def heldout(dataset: Path) -> str:
    """The same on sentences that were written for the purpose."""
    found = studies.heldout(_annotations(dataset))
    return _table(found) if found else "No pass has judged them yet."


def passes(dataset: Path) -> str:
    """Who coded when."""
    rows = [
        (
            f"`{one.annotator}`",
            one.kind,
            one.family or None,
            one.codebook,
            one.started,
            one.ended,
            one.input_sha256[:12],
        )
        for one in read_annotations(_annotations(dataset)).passes
    ]
    return format_markdown(rows, ["pass", "kind", "family", "codebook", "started", "ended", "input sha256"])


def disagreements(dataset: Path) -> str:
    """How many judgements differ between each two passes, by field."""
    found = pairwise(from_rows(rows_of(dataset, "annotations")))
    fields = sorted({field for counts in found.values() for field in counts})
    rows = [
        (f"{a}, {b}", *(counts.get(field, 0) for field in fields), sum(counts.values()))
        for (a, b), counts in found.items()
    ]
    return format_markdown(rows, ["passes", *(f"`{field}`" for field in fields), "all"])


def disputes(dataset: Path) -> str:
    """Every item on which the passes differ, with the values given."""
    rows = [
        (one.level, one.field, item, "; ".join(f"{who}: {value or 'null'}" for who, value in sorted(votes.items())))
        for one in _measured(dataset)
        for item, votes in sorted(one.disputes.items())
    ]
    return format_markdown(rows, ["level", "field", "item", "values"])


def confusions(dataset: Path) -> str:
    """Pairs of values given to one item by two passes, for closed fields with any dispute."""
    rows = [
        (one.field, pair, number)
        for one in _measured(dataset)
        if one.disputes and "span" not in one.field
        for pair, number in one.confusion.items()
    ]
    return format_markdown(rows, ["field", "values of two passes", "pairs"])


def state_swap(dataset: Path) -> str:
    """What changes when actor and target states are exchanged, by field and direction."""
    folder = _annotations(dataset)
    found = studies.swap(folder)
    if not found:
        return "No pass has judged the rewritten units yet."
    rows = []
    for one in found:
        directions = "; ".join(f"{way}: {number}" for way, number in one.directions.items())
        rate = f"{one.flipped / one.compared:.3f}"
        rows.append((f"`{one.field}`", one.compared, one.flipped, rate, directions or "none"))
    both, before, after = studies.entry_changes(folder)
    note = f"Entries in both texts: {both}; in the original alone: {before}; in the rewriting alone: {after}."
    return f"{format_markdown(rows, ['field', 'compared', 'flipped', 'rate', 'directions'])}\n\n{note}"


def guesses(dataset: Path) -> str:
    """Which outlet and country each pass guessed behind the masks."""
    articles = pq.read_table(dataset / "data" / "articles.parquet").to_pylist()
    found = studies.guesses(_annotations(dataset), articles)
    rows = [
        (who, f"`{article}`", outlet, "yes" if hit else "no", country, "yes" if right else "no")
        for who, article, outlet, country, hit, right in found
    ]
    outlets, countries = (sum(bool(row[place]) for row in found) for place in (4, 5))
    note = f"Outlets hit: {outlets} of {len(found)}; countries: {countries} of {len(found)}."
    head = ["pass", "article", "outlet guessed", "hit", "country guessed", "hit"]
    return f"{format_markdown(rows, head)}\n\n{note}"


def rare_classes(dataset: Path) -> str:
    """Classes with too few gold units to score, with their counts; classes never used among them."""
    rows = []
    for table in ("relevance", "sentences", "stance", "article_stance", "claim_matrix"):
        held = pq.read_table(dataset / "data" / f"{table}.parquet")
        for column in schema().table(table).columns:
            if terms := schema().terms(column) if column.labels or column.values == "claim_status" else None:
                counts = Counter(held[column.name].to_pylist())
                rows += [
                    (f"`{table}.{column.name}`", f"`{t}`", counts[t]) for t in terms if counts[t] < FEWEST_TO_SCORE
                ]
    return format_markdown(rows, ["column", "class", "rows in gold"])


def human_confirmed(dataset: Path) -> str:
    """How many units a person has judged."""
    units = {
        row["item_id"] for row in rows_of(dataset, "annotations") if row["kind"] == "human" and "." in row["item_id"]
    }
    return f"human_confirmed = {len(units)}"


def for_card(dataset: Path) -> str:
    """What the card says of the labels: by whom, how consistent, how many confirmed, which classes are too rare."""
    annotations = rows_of(dataset, "annotations")
    if not annotations:
        return "There are no labels yet."
    by = sorted({f"{row['kind']} ({row['family']})" if row["family"] else row["kind"] for row in annotations})
    passes = len({row["annotator"] for row in annotations})
    note = (
        f"Judged by: {', '.join(by)}; passes: {passes}. {human_confirmed(dataset)}. "
        "The table is self-consistency, neither inter-annotator agreement nor a ceiling."
    )
    table, rare = _table(_measured(dataset, resamples=0)), rare_classes(dataset)
    return f"{note}\n\n{table}\n\nClasses with fewer than {FEWEST_TO_SCORE} rows, too rare to score:\n\n{rare}"


LABEL_BLOCKS = {
    function.__name__.replace("_", "-"): function
    for function in (
        human_confirmed, passes, self_consistency, disagreements, confusions, disputes, heldout, state_swap, guesses,
        rare_classes,
    )
}  # fmt: skip


def report(dataset: Path) -> str:
    """Return all blocks, each with its heading."""
    parts = ["# What the labels are worth"]
    for name, function in (LABEL_BLOCKS | CATALOGUE_BLOCKS).items():
        parts += [f"## {name.replace('-', ' ')}", str(function.__doc__).splitlines()[0], function(dataset)]
    return "\n\n".join(parts)


def identical_passes(dataset: Path) -> list[tuple[str, str]]:
    """Return pairs of passes that gave the same judgements with the same reasons: copies, not passes."""
    judgements = from_rows(rows_of(dataset, "annotations"))
    said: dict[str, list[tuple[object, ...]]] = {}
    for one in judgements:
        said.setdefault(one.annotator, []).append((*one.key[1:], one.value, one.reason))
    names = sorted(said)
    return [
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if sorted(map(repr, said[a])) == sorted(map(repr, said[b]))
    ]
