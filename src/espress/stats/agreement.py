"""Measure the agreement of annotators, for each field and level.

A chance-corrected coefficient is computed only on items that the design fixes: every judged unit and proposition,
article and event, claim and article. Entries exist only where an annotator records them, so they are selected by the
codes themselves; their fields are therefore compared in two ways: by counts on the entries that both recorded, and by
a coefficient over all units and propositions, where a pair without an entry has the value `no entry`.

The agreement of passes by one model family is called self_consistency, because it is neither inter-annotator agreement
nor an upper bound for models.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Items = dict[str, dict[str, str | None]]  # item -> annotator -> value; None is a judged null

RESAMPLES, SEED, FEWEST_CLUSTERS = 1000, 0, 10
_NULL = "∅"
NO_ENTRY = "no entry"
SEEN = "entry recorded at all"
# Fields whose classes are ordered; nulls have no place in the order and are left out.
ORDERS = {
    "stance": ("against", "neither", "favor"),
    "lead_voice": ("denies", "distances", "reports", "endorses", "asserts"),
}
# Fields of items that the design fixes.
_FIXED = {
    "unit x proposition": ("bears_on",),
    "unit": ("aspect",),
    "article x event": ("focal_proposition", "stance", "lead_voice"),
    "claim x article": ("claim",),
}
# Fields that every entry has, with null as one of their values. The others are defined only for some entries, which the
# codes select: attributed ones, or those whose attribution lapsed.
_EVERY_ENTRY = ("source_id", "via_source_id", "source_span", "position", "attributed", "hedged")
_SOURCES = ("source_id", "via_source_id", "carried_source_id")  # listed first
CARRIED = ", lapsed carried on"


class Judgement(Protocol):
    """The compared parts of a judgement: annotator, item, field and value.

    `proposition_id` is "" and `source_no` is 0 if the field does not need them, `value` is "" for null, and the offsets
    are those of a span.
    """

    @property
    def annotator(self) -> str: ...  # noqa: D102 -- the class says it
    @property
    def item_id(self) -> str: ...  # noqa: D102
    @property
    def proposition_id(self) -> str: ...  # noqa: D102
    @property
    def source_no(self) -> int: ...  # noqa: D102
    @property
    def field(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int | None: ...  # noqa: D102
    @property
    def end(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True)
class Agreement:
    """Agreement on one field: counts, and where it is defined Krippendorff's alpha with an interval."""

    level: str
    field: str
    metric: str  # nominal | ordinal | counts
    items: int  # judged by at least two annotators
    with_value: int  # those on which at least one annotator gave a value; elsewhere all judged null, or saw no entry
    annotators: int
    disputed: int  # items on which the annotators who judged them disagree
    alpha: float | None  # None if there is only one value, or if alpha is not defined
    interval: tuple[float, float] | None  # from resampled clusters; None if there are too few
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
    level: str,
    name: str,
    items: Items,
    *,
    resamples: int = RESAMPLES,
    cluster: Callable[[str], str] = _cluster,
) -> Agreement:
    """Measure one field of items that the design fixes; items with a single annotator are left out.

    Args:
        level: what an item is.
        name: the field.
        items: for each item, the value of each annotator.
        resamples: number of resamples for the interval; 0 gives none.
        cluster: returns the resampling unit of an item; by default its paragraph.
    """
    counted = count(level, name, items)
    items = {item: votes for item, votes in items.items() if len(votes) > 1}
    order = ORDERS.get(name)
    alpha = _compute_alpha(list(items.values()), order)
    draw = alpha is not None and counted.disputes and resamples
    return dataclasses.replace(
        counted,
        metric="ordinal" if order else "nominal",
        alpha=None if alpha is None else round(alpha, 3),
        interval=_compute_interval(items, order, resamples, cluster) if draw else None,
    )


def count(level: str, name: str, items: Items) -> Agreement:
    """Count agreement on one field of items that the codes themselves select; there is no coefficient."""
    items = {item: votes for item, votes in items.items() if len(votes) > 1}
    disputes = {item: votes for item, votes in items.items() if len(set(votes.values())) > 1}
    pairs: Counter[str] = Counter()
    for votes in items.values():
        for first, second in combinations((v if v is not None else _NULL for v in votes.values()), 2):
            pairs[" · ".join(sorted((first, second)))] += 1
    return Agreement(
        level=level,
        field=name,
        metric="counts",
        items=len(items),
        with_value=sum(any(value not in {None, NO_ENTRY} for value in votes.values()) for votes in items.values()),
        annotators=len({annotator for votes in items.values() for annotator in votes}),
        disputed=len(disputes),
        alpha=None,
        interval=None,
        confusion=dict(sorted(pairs.items())),
        disputes=disputes,
    )


def read_value(one: Judgement) -> str | None:
    """Return the value by which a judgement is compared with others; a span's value is its place in the masked unit."""
    if one.field.endswith("_span"):
        return None if one.start is None else f"{one.start}-{one.end}"
    if one.field == "stance" and one.value == "none":
        return "neither"  # codebook 1.x calls the class `none`
    return one.value or None


def _group_items(judgements: Iterable[Judgement], name: str) -> Items:
    items: Items = defaultdict(dict)
    for one in judgements:
        if one.field == name:
            key = ":".join(part for part in (one.item_id, one.proposition_id, str(one.source_no or "")) if part)
            items[key][one.annotator] = read_value(one)
    return dict(items)


def _carry_values(judgements: Sequence[Judgement], name: str, instead: str) -> Items:
    """Return a field with lapsed attribution carried on: a lapsed entry takes its value from the field `instead`."""
    lapsed = _group_items(judgements, "lapsed")
    plain, other = _group_items(judgements, name), _group_items(judgements, instead)
    return {
        item: {
            who: other.get(item, {}).get(who) if lapsed.get(item, {}).get(who) == "yes" else value
            for who, value in votes.items()
        }
        for item, votes in plain.items()
    }


def _classify(items: Items, source_class: Mapping[str, str]) -> Items:
    """Return the classes of sources instead of their ids."""
    return {
        item: {who: source_class.get(value or "", value) for who, value in votes.items()}
        for item, votes in items.items()
    }


def group_entries(judgements: Sequence[Judgement]) -> Items:
    """Return, for each recorded entry, which annotators of its unit and proposition record it and which do not."""
    seen = _group_items(judgements, "position")
    judges = _group_items(judgements, "bears_on")
    return {
        item: {
            who: "recorded" if who in votes else "not recorded" for who in sorted(judges.get(_get_pair(item), votes))
        }
        for item, votes in seen.items()
    }


def _get_pair(entry: str) -> str:
    """Return the unit and proposition of an entry's key."""
    return entry.rpartition(":")[0]


def _group_pairs(entries: Items, bears_on: Items) -> Items:
    """Return, for every judged unit and proposition, the values of all its entries: `no entry`, or one or several."""
    values: dict[str, dict[str, list[str]]] = {pair: {who: [] for who in votes} for pair, votes in bears_on.items()}
    for entry, votes in entries.items():
        for who, value in votes.items():
            values.get(_get_pair(entry), {}).get(who, []).append(_NULL if value is None else value)
    return {
        pair: {who: " + ".join(sorted(found)) or NO_ENTRY for who, found in votes.items()}
        for pair, votes in values.items()
    }


def _group_entry_fields(counted: Sequence[Judgement], source_class: Mapping[str, str]) -> dict[str, Items]:
    """Return the values of every field of the entries, in both readings of lapsed attribution."""
    names = dict.fromkeys([*_SOURCES, *(one.field for one in counted if one.source_no)])
    found = {name: _group_items(counted, name) for name in names}
    found[f"source_id{CARRIED}"] = _carry_values(counted, "source_id", "carried_source_id")
    for name in ("source_id", f"source_id{CARRIED}"):
        found[name.replace("source_id", "source_class")] = _classify(found[name], source_class)
    found[f"cue_strength{CARRIED}"] = _carry_values(counted, "cue_strength", "carried_cue_strength")
    return found


def measure_fields(
    counted: Sequence[Judgement], source_class: Mapping[str, str], *, resamples: int = RESAMPLES
) -> list[Agreement]:
    """Measure every field at its level, both readings of lapsed attribution, and the class of the source.

    Args:
        counted: judgements under one major version of the codebook, one for each key.
        source_class: the class of each source.
        resamples: number of resamples for the intervals; 0 gives none.
    """
    one_field = partial(measure, resamples=resamples)
    found = [one_field(level, name, _group_items(counted, name)) for level, names in _FIXED.items() for name in names]
    bears_on = _group_items(counted, "bears_on")
    fields = _group_entry_fields(counted, source_class)
    of_every_entry = {*_EVERY_ENTRY, "source_class", f"source_id{CARRIED}", f"source_class{CARRIED}"}
    for name, items in fields.items():
        if name in of_every_entry and items:
            found.append(one_field("unit x proposition, its entries", name, _group_pairs(items, bears_on)))
    found.append(count("entry", SEEN, group_entries(counted)))
    found += [count("entry", name, items) for name, items in fields.items()]
    return [one for one in found if one.with_value]


def count_differences(counted: Iterable[Judgement]) -> dict[tuple[str, str], dict[str, int]]:
    """Return the number of judgements that differ, by field, for each two annotators with items in common.

    Devices are left out: they are notes in each annotator's own words.
    """
    by_annotator: dict[str, dict[Any, str | None]] = defaultdict(dict)
    for one in counted:
        if one.field == "devices":
            continue
        by_annotator[one.annotator][one.item_id, one.proposition_id, one.source_no, one.field] = read_value(one)
    found = {}
    for first, second in combinations(sorted(by_annotator), 2):
        if by_annotator[first].keys().isdisjoint(by_annotator[second]):
            continue
        keys = by_annotator[first].keys() | by_annotator[second].keys()
        differ = (k for k in keys if by_annotator[first].get(k, "absent") != by_annotator[second].get(k, "absent"))
        found[first, second] = dict(sorted(Counter(key[3] for key in differ).items()))
    return found
