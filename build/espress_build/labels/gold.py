"""Compute gold labels and the rows of the label tables.

Where at least one person judged an item, persons alone decide; elsewhere the model passes do, if there are enough of
them. All votes are published beside the result.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from espress.masking import CONTEXT_UNITS, Mask, find_contexts, unmask_range
from espress.stats.agreement import read_value
from espress_build.inputs.judgements import Judgement, entry_fields, get_major

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from espress_build.tables import Tables

ARTICLE_FIELDS = ("focal_proposition", "stance", "lead_voice")
_LEVELS = {
    "relevance": "unit x proposition",
    "entries": "entry",
    "article_stance": "article x event",
    "claim_matrix": "claim x article",
}


@dataclass(frozen=True)
class Majority:
    """The value with more than half of the votes; `unclear` if no value has them.

    If `unclear` is false and `value` is None, the majority voted for null.
    """

    value: str | None
    unclear: bool
    unanimous: bool


def majority(votes: Sequence[str | None], annotators: int) -> Majority:
    """Return the value with more than half of the votes of all annotators who judged the item.

    The total includes annotators who judged the item but cast no vote here: of three annotators, two must record an
    entry.
    """
    counted = Counter(votes).most_common(1)
    if not counted or 2 * counted[0][1] <= annotators:
        return Majority(None, unclear=True, unanimous=False)
    return Majority(counted[0][0], unclear=False, unanimous=counted[0][1] == annotators)


@dataclass(frozen=True)
class Panel:
    """The annotators who decide an item."""

    annotators: frozenset[str]
    basis: str | None  # a term of `gold_basis`; None if there are too few passes, so that nobody decides


def choose_panel(judges: Collection[str], kinds: Mapping[str, str], fewest_passes: int) -> Panel:
    """Return who decides: the persons among the judges if there are any, else the model passes.

    `kinds` says whether each annotator is human or model; gold needs at least `fewest_passes` model passes.
    """
    persons = frozenset(one for one in judges if kinds[one] == "human")
    if persons:
        return Panel(persons, "person" if len(persons) == 1 else "majority_of_persons")
    return Panel(frozenset(judges), "model_majority" if len(judges) >= fewest_passes else None)


@dataclass(frozen=True)
class Gold:
    """The value of one field of one item, how it was decided, and all votes."""

    value: str | None
    basis: str | None
    unclear: bool
    unanimous: bool
    n_annotators: int  # size of the panel
    n_votes: int  # votes of the panel; fewer than its size if some members record no such entry
    votes: tuple[tuple[str | None, int, str], ...]  # value, number, annotator kind; persons first, then the most votes


def decide(votes: Mapping[str, str | None], panel: Panel, kinds: Mapping[str, str]) -> Gold:
    """Return the gold value, which the panel decides, with all votes; `votes` maps annotators to values."""
    counted = Counter((value, kinds[who]) for who, value in votes.items())
    listed = [(value, number, kind) for (value, kind), number in counted.items()]
    listed.sort(key=lambda vote: (vote[2], -vote[1], vote[0] or ""))
    own = [value for who, value in votes.items() if who in panel.annotators]
    size = len(panel.annotators)
    found = majority(own, size)
    if panel.basis is None:
        found = Majority(None, unclear=False, unanimous=False)
    return Gold(found.value, panel.basis, found.unclear, found.unanimous, size, len(own), tuple(listed))


Key = tuple[str, str, int, str]  # item, proposition, source number and field
Votes = Mapping[Key, Mapping[str, str | None]]  # key -> annotator -> value


def _collect_votes(
    counted: Iterable[Judgement], read: Callable[[Judgement], str | None]
) -> dict[Key, dict[str, str | None]]:
    votes: dict[Key, dict[str, str | None]] = defaultdict(dict)
    for one in counted:
        votes[one.item_id, one.proposition_id, one.source_no, one.field][one.annotator] = read(one)
    return dict(votes)


def _decide_key(votes: Votes, key: Key, kinds: Mapping[str, str], fewest_passes: int) -> Gold:
    """Return the gold of one field; the annotators of `bears_on` decide about all entries of the proposition."""
    item, proposition, source_no, _ = key
    judges = votes.get((item, proposition, 0, "bears_on") if source_no else key, {})
    return decide(votes.get(key, {}), choose_panel(judges, kinds, fewest_passes), kinds)


def decide_all(counted: Iterable[Judgement], kinds: Mapping[str, str], fewest_passes: int) -> dict[Key, Gold]:
    """Return the gold of every item and field; the value of a span is its place in the masked unit.

    `counted` has one judgement for each key, under one major version of the codebook; `kinds` and `fewest_passes`
    are those of `choose_panel`.
    """
    votes = _collect_votes(counted, read_value)
    return {key: _decide_key(votes, key, kinds, fewest_passes) for key in votes}


def is_recorded(golds: Mapping[Key, Gold], item: str, proposition: str, source_no: int) -> bool:
    """Return whether more than half of those who decide record an entry."""
    gold = golds.get((item, proposition, source_no, "position"))
    return gold is not None and gold.basis is not None and 2 * gold.n_votes > gold.n_annotators


@dataclass(frozen=True)
class Ballot:
    """The input of gold: units, articles, registries, and the judgements about them."""

    judgements: list[Judgement]
    counted: list[Judgement]  # those that gold counts
    passes: dict[str, dict[str, Any]]
    articles: list[dict[str, Any]]  # their id, outlet and events
    units: list[dict[str, Any]]
    propositions: dict[str, str]  # id -> statement
    sources: dict[str, dict[str, Any]]
    event_sources: dict[str, dict[str, list[str] | None]]  # event -> side (alleging, named) -> ids of sources
    claims: dict[str, list[str]]  # event -> claims
    fewest_passes: int

    @classmethod
    def from_tables(cls, tables: Tables, fewest_passes: int) -> Ballot:
        """Collect a ballot from the tables of a batch."""
        rows = tables["judgements"].to_pylist()
        is_counted = [row.pop("is_counted") for row in rows]
        judgements = [Judgement(**row) for row in rows]
        events = tables["events"].to_pylist()
        return cls(
            judgements,
            [one for one, counts in zip(judgements, is_counted, strict=True) if counts],
            {row["annotator"]: row for row in tables["passes"].to_pylist()},
            tables["articles"].select(["article_id", "outlet_id", "outlet", "event_ids"]).to_pylist(),
            tables["sentences"].to_pylist(),
            {row["proposition_id"]: row["statement"] for row in tables["propositions"].to_pylist()},
            {row["source_id"]: row for row in tables["sources"].to_pylist()},
            {row["event_id"]: {side: row[f"{side}_sources"] for side in ("alleging", "named")} for row in events},
            {row["event_id"]: row["claims"] for row in tables["claims"].to_pylist()},
            fewest_passes,
        )

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Whether each annotator is human or model."""
        return {name: row["kind"] for name, row in self.passes.items()}

    @cached_property
    def entry_fields(self) -> tuple[str, ...]:
        """The fields of an entry under the codebook that counts."""
        return entry_fields(max((get_major(one.codebook) for one in self.counted), default=2))

    @cached_property
    def votes(self) -> dict[Key, dict[str, str | None]]:
        """The counted votes; the value of a span is its range in the unmasked text."""
        masks = {unit["sentence_id"]: [Mask(**mask) for mask in unit["masks"]] for unit in self.units}

        def read(one: Judgement) -> str | None:
            if not one.field.endswith("_span"):
                return read_value(one)
            if one.start is None or one.end is None:
                return None
            return "{}-{}".format(*unmask_range(masks.get(one.item_id, []), one.start, one.end))

        return _collect_votes(self.counted, read)

    def decide(self, item: str, field: str, proposition: str = "", source_no: int = 0) -> Gold:
        """Return the gold of one field of an item or entry."""
        return _decide_key(self.votes, (item, proposition, source_no, field), self.kinds, self.fewest_passes)

    @cached_property
    def entries(self) -> dict[str, list[tuple[str, int]]]:
        """The (proposition, source number) of each entry that more than half of those who decide record, by unit."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for item, proposition, source_no, field in sorted(self.votes):
            if field == "position":
                gold = self.decide(item, field, proposition, source_no)
                if 2 * gold.n_votes > gold.n_annotators:
                    found[item].append((proposition, source_no))
        return dict(found)

    @cached_property
    def judged_pairs(self) -> list[tuple[dict[str, Any], str]]:
        """Each unit and proposition that a counted pass judged, in order of units."""
        return [
            (unit, proposition)
            for unit in self.units
            for proposition in self.propositions
            if (unit["sentence_id"], proposition, 0, "bears_on") in self.votes
        ]

    @cached_property
    def judged_events(self) -> list[tuple[str, str]]:
        """Each article and event whose stance a counted pass judged."""
        pairs = [(row["article_id"], event) for row in self.articles for event in row["event_ids"]]
        return [pair for pair in pairs if ("/".join(pair), "", 0, "stance") in self.votes]

    @cached_property
    def judged_claims(self) -> list[tuple[str, str, int]]:
        """Each article, event and number of a claim that a counted pass judged."""
        return [
            (row["article_id"], event, number)
            for row in self.articles
            for event in row["event_ids"]
            for number in range(1, len(self.claims.get(event, [])) + 1)
            if (name_claim(row["article_id"], event, number), "", 0, "claim") in self.votes
        ]

    @cached_property
    def outlets(self) -> dict[str, dict[str, Any]]:
        """The columns about the outlet of each article."""
        return {row["article_id"]: {name: row[name] for name in ("outlet_id", "outlet")} for row in self.articles}

    @cached_property
    def contexts(self) -> dict[str, tuple[str | None, str | None]]:
        """The masked texts of the units before and after each unit; None at the edges of an article."""
        return find_contexts((row["article_id"], row["sentence_id"], row["text_masked"]) for row in self.units)


def name_claim(article: str, event: str, number: int) -> str:
    """Return the item id of a claim."""
    return f"{article}/{event}/{number:02d}"


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
    for unit, proposition in ballot.judged_pairs:
        gold = ballot.decide(unit["sentence_id"], "bears_on", proposition)
        own = {"bears_on": gold.value, "gold_basis": gold.basis, "n_annotators": gold.n_annotators}
        rows.append(_unit_columns(ballot, unit, proposition) | own)
    return rows


def _quote(unit: dict[str, Any], value: str | None) -> tuple[int | None, int | None, str | None]:
    if value is None:
        return None, None, None
    start, end = map(int, value.split("-"))
    return start, end, unit["text"][start:end]


def _entry_columns(ballot: Ballot, unit: dict[str, Any], entry: tuple[str, int]) -> dict[str, Any]:
    """Return the gold values of one entry; `carried_source_id` and `carried_cue_strength` are no columns."""
    row: dict[str, Any] = {}
    for field in ballot.entry_fields:
        value = ballot.decide(unit["sentence_id"], field, *entry).value
        if field.endswith("_span"):
            row[f"{field}_start"], row[f"{field}_end"], row[field] = _quote(unit, value)
        else:
            row[field] = value
    return row


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


def _set_carried_in_context(units: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Fill `carried_in_context`: whether a unit in the context has an attributed entry of the carried source."""
    place = {unit["sentence_id"]: number for number, unit in enumerate(units)}
    spoken: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for row in rows:
        if row["attributed"] == "yes":
            spoken[row["article_id"], row["source_id"]].append(place[row["sentence_id"]])
    for row in rows:
        row["carried_in_context"] = None
        if row["lapsed"] == "yes" and row["source_id_carried"] is not None:
            at = place[row["sentence_id"]]
            places = spoken.get((row["article_id"], row["source_id_carried"]), [])
            row["carried_in_context"] = any(0 < abs(at - one) <= CONTEXT_UNITS for one in places)


def entry_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each entry that more than half of those who decide record."""
    rows = []
    for unit in ballot.units:
        for proposition, source_no in ballot.entries.get(unit["sentence_id"], []):
            recorded = ballot.decide(unit["sentence_id"], "position", proposition, source_no)
            entry = _entry_columns(ballot, unit, (proposition, source_no))
            rows.append(
                _unit_columns(ballot, unit, proposition)
                | {"source_no": source_no, "gold_basis": recorded.basis}
                | {"n_judged": recorded.n_annotators, "n_annotators": recorded.n_votes}
                | entry
                | _reading_columns(ballot, entry)
            )
    _set_carried_in_context(ballot.units, rows)
    return rows


def _count_units(entries: Iterable[dict[str, Any]]) -> int:
    return len({entry["sentence_id"] for entry in entries})


def _sourcing_columns(
    entries: list[dict[str, Any]], sides: dict[str, list[str] | None], ending: str
) -> dict[str, int | float | None]:
    """Count the units in which sources speak on the focal proposition, by their position and by their side.

    `sides` are the ids of the sources of each side, None if the registry does not list them. With the ending
    "_carried", entries whose attribution lapsed are counted, too.
    """
    spoken = [e for e in entries if e["attributed"] == "yes" or (ending and e["lapsed"] == "yes")]
    supporting = _count_units(e for e in spoken if e["position"] == "support")
    contesting = _count_units(e for e in spoken if e["position"] in ("deny", "question"))
    total = supporting + contesting
    counts = {
        "supporting": supporting,
        "contesting": contesting,
        "skew": round((supporting - contesting) / total, 6) if total else None,
        **{
            side: None if own is None else _count_units(e for e in spoken if e[f"source_id{ending}"] in own)
            for side, own in sides.items()
        },
    }
    return {f"sourcing_{name}{ending}": number for name, number in counts.items()}


def article_rows(ballot: Ballot, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each judged article and event; `entries` are the rows of the table `entries`."""
    rows = []
    for article, event in ballot.judged_events:
        golds = {field: ballot.decide(f"{article}/{event}", field) for field in ARTICLE_FIELDS}
        row: dict[str, Any] = {"article_id": article, "event_id": event}
        row |= {field: gold.value for field, gold in golds.items()}
        row |= {"gold_basis": golds["stance"].basis, "n_annotators": golds["stance"].n_annotators}
        if (focal := row["focal_proposition"]) is not None:
            own = [
                entry
                for entry in entries
                if (entry["article_id"], entry["proposition_id"]) == (article, focal) and event in entry["event_ids"]
            ]
            for ending in ("", "_carried"):
                row |= _sourcing_columns(own, ballot.event_sources[event], ending)
        rows.append(row)
    return rows


def claim_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each judged claim and article."""
    rows = []
    for article, event, number in ballot.judged_claims:
        item = name_claim(article, event, number)
        gold = ballot.decide(item, "claim")
        rows.append(
            {
                "event_id": event,
                "claim_no": number,
                "claim": ballot.claims[event][number - 1],
                "article_id": article,
                "status": gold.value,
                "gold_basis": gold.basis,
                "sentence_ids": _list_claim_units(ballot, item),
                "n_annotators": gold.n_annotators,
            }
        )
    return rows


def _list_claim_units(ballot: Ballot, item: str) -> list[str]:
    """Return the units that more than half of those who decide name for a claim."""
    panel = choose_panel(ballot.votes[item, "", 0, "claim"], ballot.kinds, ballot.fewest_passes)
    if panel.basis is None:
        return []
    votes: Counter[str] = Counter()
    for who, named in ballot.votes.get((item, "", 0, "claim_units"), {}).items():
        if who in panel.annotators:
            votes.update(set((named or "").split()))  # one vote per annotator, even if a unit is named twice
    return sorted(unit for unit, number in votes.items() if 2 * number > len(panel.annotators))


def _vote_row(gold: Gold, table: str, item: str, field: str, entry: tuple[str, int] = ("", 0)) -> dict[str, Any]:
    """Return the row of `votes` for one gold value."""
    proposition, source_no = entry
    return {
        "vote_id": f"{item}:{proposition}:{source_no}:{field}",
        "level": _LEVELS[table],
        "table": table,
        "article_id": item.split("/", maxsplit=1)[0].split(".", maxsplit=1)[0],
        "item_id": item,
        "proposition_id": proposition or None,
        "source_no": source_no or None,
        "field": field,
        "value": gold.value,
        "gold_basis": gold.basis,
        "is_unclear": gold.unclear,
        "is_unanimous": gold.unanimous,
        "n_annotators": gold.n_annotators,
        "votes": [{"value": value, "n": number, "annotator_kind": kind} for value, number, kind in gold.votes],
    }


def _quote_votes(gold: Gold, unit: dict[str, Any]) -> Gold:
    """Return the gold of a span with words instead of places."""
    votes = tuple((_quote(unit, value)[2], number, kind) for value, number, kind in gold.votes)
    return replace(gold, value=_quote(unit, gold.value)[2], votes=votes)


def vote_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return one row for each gold value, in the order of the label tables."""
    rows = []
    for unit, proposition in ballot.judged_pairs:
        item = unit["sentence_id"]
        gold = ballot.decide(item, "bears_on", proposition)
        rows.append(_vote_row(gold, "relevance", item, "bears_on", (proposition, 0)))
    for unit in ballot.units:
        for entry in ballot.entries.get(unit["sentence_id"], []):
            for field in ballot.entry_fields:
                gold = ballot.decide(unit["sentence_id"], field, *entry)
                shown = _quote_votes(gold, unit) if field.endswith("_span") else gold
                rows.append(_vote_row(shown, "entries", unit["sentence_id"], field, entry))
    for article, event in ballot.judged_events:
        item = f"{article}/{event}"
        fields = [field for field in ARTICLE_FIELDS if (item, "", 0, field) in ballot.votes]
        rows += [_vote_row(ballot.decide(item, field), "article_stance", item, field) for field in fields]
    for claim in ballot.judged_claims:
        item = name_claim(*claim)
        rows.append(_vote_row(ballot.decide(item, "claim"), "claim_matrix", item, "claim"))
    return rows
