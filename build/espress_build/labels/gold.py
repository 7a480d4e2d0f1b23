"""Compute gold labels, the majority of the annotators, and the rows of the label tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from espress.masking import Mask, find_contexts, unmask_range
from espress_build.inputs.judgements import ENTRY_FIELDS, Judgement, current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress_build.tables import Tables


@dataclass(frozen=True)
class Gold:
    """The majority of votes; `unclear` if no value has more than half of them.

    If `unclear` is false and `value` is None, the majority voted for null.
    """

    value: str | None
    unclear: bool
    unanimous: bool
    votes: tuple[tuple[str | None, int], ...]  # value and number of votes, the most votes first, then by value


def majority(votes: Sequence[str | None], annotators: int) -> Gold:
    """Return the value with more than half of the votes of all annotators who judged the unit.

    The total includes annotators who judged the unit but cast no vote here: of three annotators, two must record an
    entry.
    """
    counted = sorted(Counter(votes).items(), key=lambda pair: (-pair[1], pair[0] or ""))
    if not counted or 2 * counted[0][1] <= annotators:
        return Gold(None, unclear=True, unanimous=False, votes=tuple(counted))
    unanimous = counted[0][1] == annotators
    return Gold(counted[0][0], unclear=False, unanimous=unanimous, votes=tuple(counted))


@dataclass(frozen=True)
class Ballot:
    """The input of gold: units, articles, registries, and the judgements about them."""

    judgements: list[Judgement]
    passes: dict[str, dict[str, Any]]
    articles: list[dict[str, Any]]  # their id, outlet and events
    units: list[dict[str, Any]]
    propositions: dict[str, str]  # id -> statement
    sources: dict[str, dict[str, Any]]
    claims: dict[str, list[str]]  # event -> claims

    @classmethod
    def from_tables(cls, tables: Tables) -> Ballot:
        """Collect a ballot from the tables of a batch."""
        return cls(
            [Judgement(**row) for row in tables["judgements"].to_pylist()],
            {row["annotator"]: row for row in tables["passes"].to_pylist()},
            tables["articles"].select(["article_id", "outlet_id", "outlet", "event_ids"]).to_pylist(),
            tables["sentences"].to_pylist(),
            {row["proposition_id"]: row["statement"] for row in tables["propositions"].to_pylist()},
            {row["source_id"]: row for row in tables["sources"].to_pylist()},
            {row["event_id"]: row["claims"] for row in tables["claims"].to_pylist()},
        )

    @cached_property
    def by_item(self) -> dict[tuple[str, str, tuple[str, int]], list[Judgement]]:
        """The current judgements, by item, field, and (proposition, source number)."""
        found: dict[tuple[str, str, tuple[str, int]], list[Judgement]] = defaultdict(list)
        for one in current(self.judgements)[0].values():
            found[one.item_id, one.field, (one.proposition_id, one.source_no)].append(one)
        return found

    @cached_property
    def _judges(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.judgements:
            found[one.item_id].add(one.annotator)
        return found

    def n_annotators(self, item: str) -> int:
        """Return how many annotators judged the item."""
        return len(self._judges[item])

    def gold(self, item: str, field: str, proposition: str = "", source_no: int = 0) -> Gold:
        """Return the majority for one field of one item."""
        votes = self.by_item.get((item, field, (proposition, source_no)), [])
        renamed = {"none": "neither"} if field == "stance" else {}  # codebook 1.x calls the class `none`
        return majority([renamed.get(one.value, one.value) or None for one in votes], self.n_annotators(item))

    @cached_property
    def entries(self) -> dict[str, list[tuple[str, int]]]:
        """The (proposition, source number) of every entry that an annotator sees in a unit."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for item, field, key in self.by_item:
            if field == "position":
                found[item].append(key)
        return found

    @cached_property
    def events(self) -> dict[str, list[str]]:
        """The events of each article."""
        return {row["article_id"]: row["event_ids"] for row in self.articles}

    @cached_property
    def outlets(self) -> dict[str, dict[str, Any]]:
        """The columns about the outlet of each article."""
        return {row["article_id"]: {name: row[name] for name in ("outlet_id", "outlet")} for row in self.articles}

    @cached_property
    def contexts(self) -> dict[str, tuple[str | None, str | None]]:
        """The masked texts of the units before and after each unit; None at the edges of an article."""
        return find_contexts((row["article_id"], row["sentence_id"], row["text_masked"]) for row in self.units)


def _gold_columns(name: str, gold: Gold) -> dict[str, Any]:
    """Return the columns of one field: its value, `_unclear`, `_unanimous` and `_votes`."""
    votes = [{"value": value, "n": number} for value, number in gold.votes]
    return {name: gold.value, f"{name}_unclear": gold.unclear, f"{name}_unanimous": gold.unanimous,
            f"{name}_votes": votes}  # fmt: skip


def _unit_columns(ballot: Ballot, unit: dict[str, Any], proposition: str) -> dict[str, Any]:
    """Return the columns about the unit that every table of units has."""
    names = ("sentence_id", "article_id", "role", "event_id", "event_ids", "text_masked", "text")
    before, after = ballot.contexts[unit["sentence_id"]]
    return {
        **{name: unit[name] for name in names},
        **ballot.outlets[unit["article_id"]],
        "context_before_masked": before,
        "context_after_masked": after,
        "proposition_id": proposition,
        "proposition": ballot.propositions[proposition],
    }


def relevance_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each judged unit and each proposition, in order of units."""
    rows = []
    for unit in ballot.units:
        for proposition in ballot.propositions:
            if (unit["sentence_id"], "bears_on", (proposition, 0)) not in ballot.by_item:
                continue
            gold = ballot.gold(unit["sentence_id"], "bears_on", proposition)
            rows.append(
                _unit_columns(ballot, unit, proposition)
                | _gold_columns("bears_on", gold)
                | {"n_annotators": sum(number for _, number in gold.votes)}
            )
    return rows


def _span_gold(ballot: Ballot, unit: dict[str, Any], field: str, proposition: str, source_no: int) -> Gold:
    """Return the majority for a span; annotators vote on its range of characters in the unmasked text of the unit."""
    masks = [Mask(**mask) for mask in unit["masks"]]
    votes: list[str | None] = []
    for one in ballot.by_item.get((unit["sentence_id"], field, (proposition, source_no)), []):
        found = None if one.start is None or one.end is None else unmask_range(masks, one.start, one.end)
        votes.append(f"{found[0]}-{found[1]}" if found else None)
    return majority(votes, ballot.n_annotators(unit["sentence_id"]))


def _quote(unit: dict[str, Any], value: str | None) -> tuple[int | None, int | None, str | None]:
    if value is None:
        return None, None, None
    start, end = map(int, value.split("-"))
    return start, end, unit["text"][start:end]


def _entry_columns(ballot: Ballot, unit: dict[str, Any], proposition: str, source_no: int) -> dict[str, Any]:
    """Return the columns with gold and votes of one entry."""
    item, votes = unit["sentence_id"], []
    row: dict[str, Any] = {}
    unanimous = []
    for field in ENTRY_FIELDS:
        span = field.endswith("_span")
        gold = (
            _span_gold(ballot, unit, field, proposition, source_no)
            if span
            else ballot.gold(item, field, proposition, source_no)
        )
        if span:
            row[f"{field}_start"], row[f"{field}_end"], row[field] = _quote(unit, gold.value)
        else:
            row[field] = gold.value
        row[f"{field}_unclear"] = gold.unclear
        unanimous += [field] if gold.unanimous else []
        votes += [{"field": field, "value": _quote(unit, v)[2] if span else v, "n": n} for v, n in gold.votes]
    return row | {"unanimous": unanimous, "votes": votes}


def _speaker_columns(ballot: Ballot, source: str | None, ending: str) -> dict[str, Any]:
    """Return the class of a source, and its group in the task of attribution."""
    entry = ballot.sources.get(source or "")
    if entry is None:
        return {f"source_class{ending}": None, f"attribution{ending}": None}
    others = "unnamed" if entry["generic"] else "other_named"
    group = entry["source_class"] if entry["source_class"] in ("outlet", "official") else others
    return {f"source_class{ending}": entry["source_class"], f"attribution{ending}": group}


def _reading_columns(ballot: Ballot, row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of the reading `carried`, and the classes of both sources.

    In this reading, the earlier source is the source of a unit whose attribution lapsed.
    """
    lapsed = row["lapsed"] == "yes"
    carried = row["carried_source_id"] if lapsed else row["source_id"]
    return {
        "source_id_carried": carried,
        "cue_strength_carried": row["carried_cue_strength"] if lapsed else row["cue_strength"],
        **_speaker_columns(ballot, row["source_id"], ""),
        **_speaker_columns(ballot, carried, "_carried"),
    }


def entry_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each entry that more than half of the unit's annotators see."""
    rows = []
    for unit in ballot.units:
        item = unit["sentence_id"]
        for proposition, source_no in sorted(ballot.entries[item]):
            seen = len(ballot.by_item[item, "position", (proposition, source_no)])
            if 2 * seen <= ballot.n_annotators(item):
                continue
            entry = _entry_columns(ballot, unit, proposition, source_no)
            rows.append(
                _unit_columns(ballot, unit, proposition)
                | {"source_no": source_no, "n_annotators": seen, "n_judged": ballot.n_annotators(item)}
                | entry
                | _reading_columns(ballot, entry)
            )
    return rows


def _count_sourcing(
    entries: list[dict[str, Any]], article: str, proposition: str | None, *, carried: bool
) -> tuple[Any, ...]:
    """Count the units attributed in favour of the alleging and of the named side, and compute the skew.

    All three are None if there is no focal proposition.
    """
    if proposition is None:
        return None, None, None
    sides: dict[str, set[str]] = {"alleging": set(), "named": set()}
    for entry in entries:
        speaks = entry["attributed"] == "yes" or (carried and entry["lapsed"] == "yes")
        if entry["article_id"] != article or entry["proposition_id"] != proposition or not speaks:
            continue
        if entry["position"] in ("support", "deny", "question"):
            side = "alleging" if entry["position"] == "support" else "named"
            sides[side].add(entry["sentence_id"])
    alleging, named = (len(sides[side]) for side in ("alleging", "named"))
    skew = round((alleging - named) / (alleging + named), 6) if alleging + named else None
    return alleging, named, skew


def article_rows(ballot: Ballot, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each judged article and event."""
    rows = []
    for article, events in ballot.events.items():
        for event in events:
            item = f"{article}/{event}"
            if (item, "stance", ("", 0)) not in ballot.by_item:
                continue
            focal, stance = (ballot.gold(item, field) for field in ("focal_proposition", "stance"))
            row = {"article_id": article, "event_id": event, "n_annotators": ballot.n_annotators(item)}
            row |= _gold_columns("focal_proposition", focal) | _gold_columns("stance", stance)
            for ending, carried in (("", False), ("_carried", True)):
                names = [f"sourcing_{part}{ending}" for part in ("alleging", "named", "skew")]
                row |= dict(zip(names, _count_sourcing(entries, article, focal.value, carried=carried), strict=True))
            rows.append(row)
    return rows


def claim_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each judged claim and article."""
    rows = []
    for article, events in ballot.events.items():
        for event in events:
            for number, claim in enumerate(ballot.claims.get(event, []), 1):
                item = f"{article}/{event}/{number:02d}"
                if (item, "claim", ("", 0)) not in ballot.by_item:
                    continue
                gold = ballot.gold(item, "claim")
                rows.append(
                    {"event_id": event, "claim_no": number, "claim": claim, "article_id": article}
                    | _gold_columns("status", gold)
                    | {"sentence_ids": _named_units(ballot, item), "n_annotators": ballot.n_annotators(item)}
                )
    return rows


def _named_units(ballot: Ballot, item: str) -> list[str]:
    """Return the units that more than half of the annotators name for a claim."""
    votes: dict[str, int] = defaultdict(int)
    for one in ballot.by_item.get((item, "claim_units", ("", 0)), []):
        for unit in set(one.value.split()):  # one vote per annotator, even if a unit is named twice
            votes[unit] += 1
    return sorted(unit for unit, number in votes.items() if 2 * number > ballot.n_annotators(item))
