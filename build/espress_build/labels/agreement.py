"""Measure the agreement of annotators, for each field and level.

The agreement of passes by one model family is called self_consistency, because it is neither inter-annotator agreement
nor an upper bound for models.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

from espress_build.inputs.judgements import Judgement, current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Items = dict[str, dict[str, str | None]]  # item -> annotator -> value; None is a judged null

RESAMPLES, SEED, FEWEST_CLUSTERS = 1000, 0, 10
_NULL = "∅"
SEEN = "entry seen at all"
# Fields whose classes are ordered; nulls have no place in the order and are left out.
ORDERS = {
    "cue_strength": ("distancing", "neutral", "endorsing"),
    "carried_cue_strength": ("distancing", "neutral", "endorsing"),
    "cue_strength, lapsed carried on": ("distancing", "neutral", "endorsing"),
    "stance": ("against", "none", "favor"),
}
LEVELS = {
    "unit x proposition": ("bears_on",),
    "unit": ("aspect",),
    "entry": (
        "source_id", "via_source_id", "source_span", "position", "attributed", "lapsed", "carried_source_id",
        "carried_cue_strength", "cue_span", "cue_strength", "actor_state", "target_state", "measure_state",
    ),
    "article x event": ("focal_proposition", "stance"),
    "claim x article": ("claim",),
}  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """Agreement on one field: Krippendorff's alpha, and an interval from resampled clusters (None if too few)."""

    level: str
    field: str
    metric: str  # nominal | ordinal
    items: int
    annotators: int
    disputed: int  # items on which the annotators who judged them disagree
    alpha: float | None  # None if there is only one value, or if alpha is not defined
    interval: tuple[float, float] | None
    confusion: dict[str, int] = dataclasses.field(default_factory=dict)  # "a · b" -> pairs of annotators
    disputes: dict[str, dict[str, str | None]] = dataclasses.field(default_factory=dict)


def _count_votes(items: list[dict[str, str | None]], order: tuple[str, ...] | None) -> Any:
    """Return how often each item (a row) has each value (a column); rows of items with a single value are zero."""
    import numpy as np

    values = sorted({v if v is not None else _NULL for votes in items for v in votes.values()})
    scale = [value for value in order if value in values] if order else values
    place = {value: number for number, value in enumerate(scale)}
    table: Any = np.zeros((len(items), len(scale)))
    for row, votes in enumerate(items):
        for value in votes.values():
            name = _NULL if value is None else value
            if name in place:
                table[row, place[name]] += 1
    table[table.sum(axis=1) < 2] = 0
    return table


def _compute_alpha(items: list[dict[str, str | None]], order: tuple[str, ...] | None) -> float | None:
    import krippendorff

    table = _count_votes(items, order)
    table = table[table.sum(axis=1) > 0]
    if (table.sum(axis=0) > 0).sum() < 2:
        return None
    metric: Any = "ordinal" if order else "nominal"
    return float(
        krippendorff.alpha(value_counts=table, value_domain=range(table.shape[1]), level_of_measurement=metric)
    )


def _cluster(item: str) -> str:
    """Return the paragraph of an item, because its units were judged together."""
    return item.partition(":")[0].rpartition(".")[0]


def _compute_interval(
    items: Items, order: tuple[str, ...] | None, resamples: int, cluster: Callable[[str], str]
) -> tuple[float, float] | None:
    """Return the percentile interval of alpha over resampled clusters.

    Coincidences of values within items add up over items, so one matrix product gives the coincidences of all
    resamples.
    """
    import numpy as np

    names = [cluster(item) for item in items]
    groups = {name: number for number, name in enumerate(dict.fromkeys(names))}
    if len(groups) < FEWEST_CLUSTERS:
        return None
    drawn = np.random.default_rng(SEED).integers(len(groups), size=(resamples, len(groups)))
    times = np.stack([np.bincount(row, minlength=len(groups)) for row in drawn])  # how often each cluster is drawn
    weights = times[:, [groups[name] for name in names]]  # how often each item is drawn
    alphas = _compute_alphas(weights, _count_votes(list(items.values()), order), is_ordinal=order is not None)
    low, high = np.quantile(alphas, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


def _compute_alphas(weights: Any, table: Any, *, is_ordinal: bool) -> Any:
    """Return Krippendorff's alpha for each row of item weights, without rows in which fewer than two values occur."""
    import numpy as np

    pairs = np.maximum(table.sum(axis=1) - 1, 1)
    totals = weights @ table  # resample x value
    totals, weights = (rows[(totals > 0).sum(axis=1) > 1] for rows in (totals, weights))
    n = totals.sum(axis=1)
    if not is_ordinal:
        agreeing = weights @ ((table * (table - 1)).sum(axis=1) / pairs)
        return 1 - (n - agreeing) * (n - 1) / (n**2 - (totals**2).sum(axis=1))
    products = table[:, :, None] * table[:, None, :] - table[:, :, None] * np.eye(table.shape[1])
    observed = np.tensordot(weights, products / pairs[:, None, None], axes=1)
    ranks = totals.cumsum(axis=1) - totals / 2
    distances = (ranks[:, :, None] - ranks[:, None, :]) ** 2  # number of values in between, and half of both ends
    expected = totals[:, :, None] * totals[:, None, :] / (n - 1)[:, None, None]
    return 1 - (observed * distances).sum(axis=(1, 2)) / (expected * distances).sum(axis=(1, 2))


def measure(
    level: str, name: str, items: Items, *, resamples: int = RESAMPLES, cluster: Callable[[str], str] = _cluster
) -> Agreement:
    """Measure one field; items with a single annotator are left out.

    Args:
        level: what an item is.
        name: the field.
        items: for each item, the value of each annotator.
        resamples: number of resamples for the interval; 0 gives none.
        cluster: returns the resampling unit of an item; by default its paragraph.
    """
    items = {item: votes for item, votes in items.items() if len(votes) > 1}
    order = ORDERS.get(name)
    disputes = {item: votes for item, votes in items.items() if len(set(votes.values())) > 1}
    pairs: Counter[str] = Counter()
    for votes in items.values():
        for first, second in combinations((v if v is not None else _NULL for v in votes.values()), 2):
            pairs[" · ".join(sorted((first, second)))] += 1
    # The number of entries that no annotator sees is unknown, so chance agreement and alpha are not defined.
    alpha = None if name == SEEN else _compute_alpha(list(items.values()), order)
    draw = alpha is not None and disputes and resamples
    return Agreement(
        level=level,
        field=name,
        metric="ordinal" if order else "nominal",
        items=len(items),
        annotators=len({annotator for votes in items.values() for annotator in votes}),
        disputed=len(disputes),
        alpha=None if alpha is None else round(alpha, 3),
        interval=_compute_interval(items, order, resamples, cluster) if draw else None,
        confusion=dict(sorted(pairs.items())),
        disputes=disputes,
    )


def _group_items(judgements: Iterable[Judgement], name: str, value: Callable[[Judgement], str | None]) -> Items:
    items: Items = defaultdict(dict)
    for one in judgements:
        if one.field == name:
            key = ":".join(part for part in (one.item_id, one.proposition_id, str(one.source_no or "")) if part)
            items[key][one.annotator] = value(one)
    return dict(items)


def _value(one: Judgement) -> str | None:
    if one.field.endswith("_span"):
        return None if one.start is None else f"{one.start}-{one.end}"
    return one.value or None


def _carry_values(judgements: list[Judgement], name: str, instead: str) -> Items:
    """Return a field in the reading that continues lapsed attribution; lapsed ones take that of another field."""
    lapsed = _group_items(judgements, "lapsed", _value)
    plain, other = _group_items(judgements, name, _value), _group_items(judgements, instead, _value)
    return {
        item: {who: other[item][who] if lapsed[item][who] == "yes" else value for who, value in votes.items()}
        for item, votes in plain.items()
    }


def _group_entries(judgements: list[Judgement]) -> Items:
    """Return which annotators see each entry, for entries that at least one annotator sees."""
    seen = _group_items(judgements, "position", _value)
    annotators = sorted({one.annotator for one in judgements if one.field == "bears_on"})
    return {item: {who: "seen" if who in votes else "not seen" for who in annotators} for item, votes in seen.items()}


def measure_fields(
    judgements: Iterable[Judgement], source_class: dict[str, str], *, resamples: int = RESAMPLES
) -> list[Agreement]:
    """Measure every field at its level, both readings of lapsed attribution, and the class of the source."""
    counted = list(current(judgements)[0].values())
    one_field = partial(measure, resamples=resamples)
    found = [one_field("entry", SEEN, _group_entries(counted))]
    for level, names in LEVELS.items():
        found += [one_field(level, name, items) for name in names if (items := _group_items(counted, name, _value))]
    sources = {"source_id": _group_items(counted, "source_id", _value)}
    sources["source_id, lapsed carried on"] = _carry_values(counted, "source_id", "carried_source_id")
    found.append(one_field("entry", "source_id, lapsed carried on", sources["source_id, lapsed carried on"]))
    for name, items in sources.items():
        classes: Items = {
            item: {who: source_class.get(value or "", value) for who, value in votes.items()}
            for item, votes in items.items()
        }
        found.append(one_field("entry", name.replace("source_id", "source_class"), classes))
    carried = _carry_values(counted, "cue_strength", "carried_cue_strength")
    found.append(one_field("entry", "cue_strength, lapsed carried on", carried))
    return [one for one in found if one.items]


def count_differences(judgements: Iterable[Judgement]) -> dict[tuple[str, str], dict[str, int]]:
    """Return the number of judgements that differ, by field, for each two annotators with items in common."""
    counted = list(current(judgements)[0].values())
    by_annotator: dict[str, dict[Any, str | None]] = defaultdict(dict)
    for one in counted:
        by_annotator[one.annotator][one.item_id, one.proposition_id, one.source_no, one.field] = _value(one)
    found = {}
    for first, second in combinations(sorted(by_annotator), 2):
        if by_annotator[first].keys().isdisjoint(by_annotator[second]):
            continue
        keys = by_annotator[first].keys() | by_annotator[second].keys()
        differ = (k for k in keys if by_annotator[first].get(k, "absent") != by_annotator[second].get(k, "absent"))
        found[first, second] = dict(sorted(Counter(key[3] for key in differ).items()))
    return found
