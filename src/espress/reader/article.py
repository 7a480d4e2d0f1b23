"""Collect everything about one article from the tables: text, marks, labels, votes, facts, and gaps in the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from espress.masking import PERSON, Mask
from espress.reader.segments import Mark, Segment, cut
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Row = dict[str, Any]
    ReadTable = Callable[[str], list[Row]]

SMALLEST_GAP = 10  # bytes; white space and short tags between two parts of the text are not shown
_RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "ug", "ur", "yi"}
_ENTRY_FIELDS = (
    "source_id", "via_source_id", "source_span", "position", "attributed", "cue_span", "cue_strength", "hedged",
    "lapsed", "carried_source_id", "carried_cue_strength",
)  # fmt: skip
_FACTS = {  # column of `articles` -> heading
    "outlet_id": "outlet", "outlet_country": "country of the outlet", "republisher": "republished by",
    "agency": "news agency", "authors": "authors", "section": "section", "dateline": "dateline",
    "published": "published", "published_zone": "time zone", "updated_date": "updated", "event_ids": "events",
    "event_country": "country of the event", "language": "language", "genre": "genre", "url": "address",
    "url_kind": "kind of address", "rights_tier": "rights", "rights_basis": "basis of the rights",
    "n_words": "words", "raw_sha256": "SHA-256 of the source file",
}  # fmt: skip
_FACT_OF_OUTLET = {"outlet_country": "country"}  # a fact that the registry of outlets gives, with source and date


@dataclass(frozen=True)
class Source:
    """A source as the registry names it."""

    source_id: str
    name: str
    source_class: str | None


@dataclass(frozen=True)
class Entry:
    """The labels of one unit, proposition and source."""

    key: str
    row: Row
    source: Source | None
    via: Source | None
    carried: Source | None
    cue_text: str | None  # the marked words, masked as the text is; None also if the edition withholds them

    @property
    def lapsed(self) -> bool:
        """Return whether the unit continues an earlier source without naming it."""
        return bool(self.row["lapsed"] == "yes")


@dataclass(frozen=True)
class Topic:
    """A proposition that a unit bears on, or on which the judgements have no majority."""

    number: int
    proposition_id: str
    bears_on: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Vote:
    """The judgements of all passes on one field of an item."""

    field: str
    proposition: int | None  # number of the proposition
    source_no: int | None
    gold: str | None
    by_pass: dict[str, str]
    unanimous: bool


@dataclass(frozen=True)
class Judged:
    """The judgements of all passes on one item, and their reasons."""

    votes: tuple[Vote, ...]
    reasons: tuple[tuple[str, str], ...]  # pass, reason

    @property
    def disputed(self) -> tuple[Vote, ...]:
        """The judgements on which passes differ."""
        return tuple(vote for vote in self.votes if not vote.unanimous)


@dataclass(frozen=True)
class Gap:
    """Bytes of the source file that are not part of the article, such as a navigation line or an advertisement."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.end - self.start


@dataclass(frozen=True)
class Unit:
    """One unit with its text, cut into segments, and its labels."""

    mark: str  # the end of the sentence_id, such as p07.02; also its address in the page
    row: Row
    before: str  # text between the unit before and this one
    segments: tuple[Segment, ...]
    topics: tuple[Topic, ...]
    apart: tuple[int, ...]  # numbers of the propositions that the unit does not bear on
    judged: Judged
    gaps: tuple[Gap, ...]  # bytes left out before the unit

    @property
    def lapsed(self) -> bool:
        """Return whether an attribution is lapsed in the unit."""
        return any(entry.lapsed for topic in self.topics for entry in topic.entries)

    @property
    def withheld(self) -> int | None:
        """The number of characters of a unit whose text the open edition withholds, else None."""
        return self.row["text_end"] - self.row["text_start"] if self.row["text"] is None else None


@dataclass(frozen=True)
class Paragraph:
    """A title, a standfirst, a sub-heading or a paragraph of the body."""

    role: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Fact:
    """A fact of the article, and how it is known."""

    column: str
    heading: str
    value: str | None
    missing: str  # meaning of a null
    meaning: str
    basis: str | None = None
    confidence: str | None = None
    note: str | None = None
    sources: tuple[tuple[str, str | None], ...] = ()  # address or article, date


@dataclass(frozen=True)
class EventLabels:
    """The labels of the article as a whole for one event."""

    row: Row
    event: Row | None
    focal: str | None  # statement of the focal proposition
    judged: Judged
    by_pass: tuple[tuple[str, bool, dict[str, str]], ...]  # pass, whether it counts, field -> value


@dataclass(frozen=True)
class Article:
    """One article, ready to be shown."""

    row: Row
    title: str | None
    paragraphs: tuple[Paragraph, ...]
    after: tuple[Gap, ...]  # bytes left out after the last unit
    facts: tuple[Fact, ...]
    events: tuple[EventLabels, ...]
    propositions: tuple[Row, ...]
    units_by_number: dict[int, str] = field(default_factory=dict)  # unit_no -> mark
    has_persons: bool = False
    unmasked: bool = False

    @property
    def article_id(self) -> str:
        """The article's id."""
        return str(self.row["article_id"])

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units in order."""
        return tuple(unit for paragraph in self.paragraphs for unit in paragraph.units)

    @property
    def lapsed(self) -> tuple[Unit, ...]:
        """The units in which an attribution is lapsed."""
        return tuple(unit for unit in self.units if unit.lapsed)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the labels name, by id."""
        entries = [entry for unit in self.units for topic in unit.topics for entry in topic.entries]
        named = {one for entry in entries for one in (entry.source, entry.via, entry.carried) if one}
        return tuple(sorted(named, key=lambda one: one.source_id))

    @property
    def is_labelled(self) -> bool:
        """Return whether anything was judged about the article."""
        return bool(self.events) or any(unit.topics or unit.apart for unit in self.units)

    @property
    def is_withheld(self) -> bool:
        """Return whether the edition holds no text of the article."""
        return self.row["text"] is None

    @property
    def right_to_left(self) -> bool:
        """Return whether the article's language is written from right to left."""
        return str(self.row["language"] or "").split("-")[0] in _RIGHT_TO_LEFT


def find_mark(sentence_id: str) -> str:
    """Return the part of a unit's id that names it within its article, such as p07.02."""
    return ".".join(sentence_id.rsplit(".", 2)[1:])


def gather(article_id: str, read: ReadTable, *, unmasked: bool = False) -> Article:
    """Return an article with its text, labels, votes, facts and gaps.

    Args:
        article_id: the id of an article that the table `articles` holds.
        read: returns the rows of a table as dictionaries, at least those of the article.
        unmasked: show the names of private persons, for which placeholders are shown otherwise.
    """
    row = next(row for row in read("articles") if row["article_id"] == article_id)
    units = sorted(_select(read("sentences"), article_id), key=lambda unit: unit["unit_no"])
    hide = _make_hider(units, unmasked=unmasked)
    labels = _Labels(article_id, read, hide)
    shown = _show_units(row, units, labels, unmasked=unmasked)
    last = max((unit["source_byte_end"] for unit in units), default=0)
    return Article(
        row=row,
        title=None if row["title"] is None else hide(row["title"]),
        paragraphs=_join_paragraphs(shown),
        after=tuple(gap for gap in find_gaps(row) if gap.start >= last),
        facts=_list_facts(row, read),
        events=_list_events(article_id, read, labels),
        propositions=tuple(read("propositions")),
        units_by_number={unit.row["unit_no"]: unit.mark for unit in shown},
        has_persons=any(PERSON in mask["mask"] for unit in units for mask in unit["masks"]),
        unmasked=unmasked,
    )


def _select(rows: Iterable[Row], article_id: str) -> list[Row]:
    return [row for row in rows if row["article_id"] == article_id]


def _make_hider(units: list[Row], *, unmasked: bool) -> Callable[[str], str]:
    """Return a function that replaces the names of private persons in a text, such as a reason of an annotator."""
    names: dict[str, str] = {}
    for unit in units if not unmasked else ():
        for mask in unit["masks"]:
            if PERSON in mask["mask"] and unit["text"] is not None:
                names[unit["text"][mask["mask_start"] : mask["mask_end"]]] = mask["mask"]
    if not names:
        return lambda text: text
    ordered = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")
    return lambda text: pattern.sub(lambda match: names[match[0]], text)


# ---------------------------------------------------------------- labels


class _Labels:
    """The labels and judgements of one article by item."""

    def __init__(self, article_id: str, read: ReadTable, hide: Callable[[str], str]) -> None:
        self.hide = hide
        self.sources = {row["source_id"]: row for row in read("sources")}
        self.numbers = {row["proposition_id"]: number for number, row in enumerate(read("propositions"), 1)}
        self.relevance, self.entries = _by_unit(read, "relevance", article_id), _by_unit(read, "entries", article_id)
        self.votes, self.judgements = defaultdict(list), defaultdict(list)
        for row in _select(read("votes"), article_id):
            self.votes[row["item_id"]].append(row)
        judgements = [row for row in _select(read("annotations"), article_id) if row["current"]]
        codebooks = {row["codebook"] for row in judgements if row["is_counted"]}
        for row in judgements:
            if row["codebook"] in codebooks:  # also judgements of passes that are not counted
                self.judgements[row["item_id"]].append(row)

    def find_source(self, source_id: str | None) -> Source | None:
        """Return a source by its id, also one that the registry does not have."""
        if source_id is None:
            return None
        row = self.sources.get(source_id, {"name": source_id, "source_class": None})
        return Source(source_id, row["name"], row["source_class"])

    def judge(self, item_id: str) -> Judged:
        """Return the votes on an item, with the value that each counted pass gave, and the reasons."""
        values: dict[str, dict[str, str]] = defaultdict(dict)
        reasons: dict[tuple[str, str], None] = {}
        for row in self.judgements[item_id]:
            if not row["is_counted"]:
                continue
            values[_name_item(row)][row["annotator"]] = self.show_value(row)
            if row["reason"]:
                reasons[row["annotator"], self.hide(row["reason"])] = None
        votes = [
            Vote(
                row["field"],
                self.numbers.get(row["proposition_id"]),
                row["source_no"],
                None if row["value"] is None else self.hide(row["value"]),
                dict(sorted(values[row["vote_id"]].items())),
                row["is_unanimous"],
            )
            for row in self.votes[item_id]
        ]
        order = {name: number for number, name in enumerate(("bears_on", *_ENTRY_FIELDS))}
        votes.sort(key=lambda vote: (vote.proposition or 0, vote.source_no or 0, order.get(vote.field, 0), vote.field))
        return Judged(tuple(votes), tuple(sorted(reasons)))

    def show_value(self, row: Row) -> str:
        """Return the value of a judgement, or the words it quotes; their place if the edition withholds them."""
        words = row["quote"] if row["value"] is None else row["value"]
        if words is not None:
            return self.hide(words)
        return f"characters {row['quote_start']}-{row['quote_end']}" if row["quote_start"] is not None else "none"


def _by_unit(read: ReadTable, table: str, article_id: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in _select(read(table), article_id):
        rows[row["sentence_id"]].append(row)
    return rows


def _name_item(row: Row) -> str:
    """Return the vote_id that a judgement belongs to."""
    return f"{row['item_id']}:{row['proposition_id'] or ''}:{row['source_no'] or 0}:{row['field']}"


def _list_events(article_id: str, read: ReadTable, labels: _Labels) -> tuple[EventLabels, ...]:
    events = {row["event_id"]: row for row in read("events")}
    statements = {row["proposition_id"]: row["statement"] for row in read("propositions")}
    found = []
    for row in _select(read("article_stance"), article_id):
        item = f"{article_id}/{row['event_id']}"
        by_pass: dict[str, tuple[bool, dict[str, str]]] = {}
        for judgement in labels.judgements[item]:
            _, values = by_pass.setdefault(judgement["annotator"], (judgement["is_counted"], {}))
            values[judgement["field"]] = labels.show_value(judgement)
            values["reason"] = labels.hide(judgement["reason"])
        found.append(
            EventLabels(
                row,
                events.get(row["event_id"]),
                statements.get(row["focal_proposition"]),
                labels.judge(item),
                tuple((name, counted, values) for name, (counted, values) in by_pass.items()),
            )
        )
    return tuple(found)


# ---------------------------------------------------------------- text


def find_gaps(article: Row) -> tuple[Gap, ...]:
    """Return the byte ranges of the source file that are left out of title, standfirst and text, in order.

    Ranges of fewer than SMALLEST_GAP bytes are left out of the list.
    """
    starts = [piece["source_byte_start"] for piece in article["source_pieces"]]
    ends = [piece["source_byte_end"] for piece in article["source_pieces"]]
    gaps = map(Gap, [0, *ends], [*starts, article["source_bytes"]])
    return tuple(gap for gap in gaps if gap.size >= SMALLEST_GAP)


def _show_units(article: Row, units: list[Row], labels: _Labels, *, unmasked: bool) -> list[Unit]:
    gaps, shown = list(find_gaps(article)), []
    last: dict[str, int] = {}  # field -> end of the last unit
    for row in units:
        before = (article[row["field"]] or "")[last.get(row["field"], 0) : row["text_start"]]
        last[row["field"]] = row["text_end"]
        earlier = [gap for gap in gaps if gap.end <= row["source_byte_start"]]
        gaps = [gap for gap in gaps if gap.start >= row["source_byte_end"]]  # tags within the unit are not shown
        shown.append(_show_unit(row, before, tuple(earlier), labels, unmasked=unmasked))
    return shown


def _show_unit(row: Row, before: str, gaps: tuple[Gap, ...], labels: _Labels, *, unmasked: bool) -> Unit:
    mark, unit_id = find_mark(row["sentence_id"]), row["sentence_id"]
    entries = {_make_key(mark, one, labels): one for one in labels.entries[unit_id]}
    masks = [Mask(**one) for one in row["masks"] if PERSON in one["mask"]]
    segments = cut(
        row["text"] or "",
        [
            Mark(one[f"{kind}_span_start"], one[f"{kind}_span_end"], kind, key)
            for key, one in entries.items()
            for kind in ("source", "cue")
            if one[f"{kind}_span_start"] is not None
        ],
        () if unmasked else masks,
    )
    topics, apart = [], []
    for one in sorted(labels.relevance[unit_id], key=lambda one: labels.numbers[one["proposition_id"]]):
        number, proposition_id = labels.numbers[one["proposition_id"]], one["proposition_id"]
        own = tuple(
            _make_entry(key, entry, segments, labels)
            for key, entry in entries.items()
            if entry["proposition_id"] == proposition_id
        )
        if one["bears_on"] == "no" and not own:
            apart.append(number)
        else:
            topics.append(Topic(number, proposition_id, one["bears_on"], own))
    return Unit(mark, row, before, tuple(segments), tuple(topics), tuple(apart), labels.judge(unit_id), gaps)


def _make_key(mark: str, entry: Row, labels: _Labels) -> str:
    return f"{mark}-{labels.numbers[entry['proposition_id']]}-{entry['source_no']}"


def _make_entry(key: str, row: Row, segments: list[Segment], labels: _Labels) -> Entry:
    cue = [one.text for one in segments if any(mark.key == key and mark.kind == "cue" for mark in one.marks)]
    return Entry(
        key,
        row,
        labels.find_source(row["source_id"]),
        labels.find_source(row["via_source_id"]),
        labels.find_source(row["source_id_carried"]),
        "".join(cue) or None,
    )


def _join_paragraphs(units: list[Unit]) -> tuple[Paragraph, ...]:
    grouped: dict[tuple[Any, ...], list[Unit]] = defaultdict(list)
    for unit in units:
        grouped[unit.row["field"], unit.row["role"], unit.row["paragraph"]].append(unit)
    return tuple(Paragraph(role, tuple(members)) for (_, role, _), members in grouped.items())


# ---------------------------------------------------------------- facts


def _list_facts(article: Row, read: ReadTable) -> tuple[Fact, ...]:
    bases: dict[str, Row] = {one["field"]: one for one in article["basis"] or ()}
    outlet: Row = next((row for row in read("outlets") if row["outlet_id"] == article["outlet_id"]), {"facts": ()})
    columns = {column.name: column for column in schema().table("articles").columns}
    facts = []
    for name, heading in _FACTS.items():
        column, basis = columns[name], bases.get(name, {})
        value = _show_fact(article, name)
        if value is None and not basis and name not in ("authors", "published"):
            continue
        wanted = _FACT_OF_OUTLET.get(name)
        sources = tuple(
            (one["source"], one["source_date"])
            for one in outlet["facts"]
            if one["field"] == wanted and one["value"] == article[name] and one["source"]
        )
        withheld = "withheld in the open edition" if column.withheld and article["text"] is None else ""
        term = schema().vocabularies.get(column.vocabulary or "", {}).get(str(value))
        facts.append(
            Fact(
                name,
                heading,
                value,
                withheld or column.null or "none",
                term or column.description,
                basis.get("basis"),
                basis.get("confidence"),
                basis.get("note"),
                sources,
            )
        )
    return tuple(facts)


def _show_fact(article: Row, name: str) -> str | None:
    """Return the value of a fact in words; None if it is not known."""
    value = article["outlet"] if name == "outlet_id" else article[name]
    if name == "authors" and value == []:
        return "none named"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return None if value is None else str(value)


def count_stances(rows: Iterable[Row]) -> dict[str, int]:
    """Return how many rows of `article_stance` have each stance, with the classes of the codebook in order."""
    counts = Counter(row["stance"] for row in rows)
    return {name: counts[name] for name in schema().vocabularies["stance"]}
