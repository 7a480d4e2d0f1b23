"""Pages of outlets, events and sources, with the recorded facts of each and their basis."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espress_build.labels.opening_agreement import select_coded
from espress_build.site.entries import Choice, count_choices, describe_entry
from espress_build.site.page import Page, SearchEntry
from espress_build.site.places import name_country

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.site.dataset import Dataset, Row

ORDER = 30
NAVIGATION = "Outlets, events, sources"
OUTLETS, EVENTS, SOURCES = "outlets/index.html", "events/index.html", "sources/index.html"
_ACT = "official_act"
_FIELDS = ("country", "owner", "legal_seat", "funding", "founders", "self_description", "typology", _ACT)
_TWO_OUTLETS = 2


@dataclass(frozen=True)
class Basis:
    """A basis that several facts share: its footnote mark, its content, and the number of facts."""

    mark: str
    basis: str
    confidence: str
    note: str
    number: int


@dataclass(frozen=True)
class Outlet:
    """A row of the registry: the outlet, its articles and catalogue entries, and its facts by column."""

    row: Row
    articles: list[Row]
    entries: int
    country_mark: str | None  # of a basis that many countries share
    facts: list[dict[str, Any]]  # those that are shown one by one


@dataclass(frozen=True)
class Event:
    """A row of the registry: the event, its articles and entries, and how often both coders gave the same voice."""

    row: Row
    articles: list[Row]
    entries: list[Any]
    coded: int
    same: int
    is_compared: bool  # whether at least two outlets of the corpus report it
    alleging: list[Row]
    named: list[Row]


@dataclass(frozen=True)
class Source:
    """A row of the registry: the source, how often it is quoted, and its side in each event."""

    row: Row
    quoted: Counter[str]  # article_id -> entries
    positions: list[tuple[str, int]]
    sides: list[tuple[str, str]]  # event_id, "alleges" or "is named"
    lapsed: int  # entries that continue an earlier source without naming it


def _group(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _mark_bases(outlets: list[Row]) -> dict[tuple[str, str, str], Basis]:
    """Return the bases that have no source and are shared by the countries of several outlets."""
    keys = Counter(
        (fact["basis"], fact["confidence"], fact["note"] or "")
        for row in outlets
        for fact in row["facts"]
        if fact["field"] == "country" and not fact["source"]
    )
    common = sorted((key for key, number in keys.items() if number > 1), key=lambda key: (-keys[key], key))
    return {key: Basis(f"{number}", *key, keys[key]) for number, key in enumerate(common, 1)}


def _sort_facts(row: Row) -> list[dict[str, Any]]:
    return sorted(row["facts"], key=lambda fact: (_FIELDS.index(fact["field"]), fact["value"]))


def _describe_outlets(dataset: Dataset, bases: dict[tuple[str, str, str], Basis]) -> list[Outlet]:
    articles = _group(dataset.table("articles"), "outlet_id")
    entries = Counter(row["outlet_id"] for row in dataset.table("catalogue"))
    found = []
    for row in sorted(dataset.table("outlets"), key=lambda row: (row["name"].casefold(), row["outlet_id"])):
        mark, facts = None, []
        for fact in _sort_facts(row):
            basis = bases.get((fact["basis"], fact["confidence"], fact["note"] or ""))
            if fact["field"] == "country" and not fact["source"] and basis:
                mark = basis.mark
            else:
                facts.append(fact)
        found.append(Outlet(row, articles[row["outlet_id"]], entries[row["outlet_id"]], mark, facts))
    return found


def _make_outlets(dataset: Dataset) -> Iterator[Page]:
    bases = _mark_bases(dataset.table("outlets"))
    outlets = _describe_outlets(dataset, bases)
    entries = [
        SearchEntry(
            f"outlets/{one.row['outlet_id']}.html" if one.articles else f"{OUTLETS}#{one.row['outlet_id']}",
            one.row["name"],
            " ".join([*one.row["aliases"], *one.row["domains"], *one.row["official_acts"]]),
            "outlet",
        )
        for one in outlets
    ]
    yield Page(
        path=OUTLETS,
        title="Outlets",
        template="outlets.html.j2",
        context={
            "outlets": outlets,
            "bases": list(bases.values()),
            "kinds": count_choices((one.row["outlet_kind"] for one in outlets), frequent_first=True),
            "countries": count_choices((one.row["country"] for one in outlets), name_country, frequent_first=True),
        },
        description="Outlets, republishers, agencies and institutions, with the same neutral fields for each.",
        search=[SearchEntry(OUTLETS, "Outlets", "Outlets, republishers, agencies and institutions", "page"), *entries],
        scripts=("filter-table.js",),
        styles=("tables.css",),
    )
    for one in outlets:
        if one.articles:
            yield Page(
                path=f"outlets/{one.row['outlet_id']}.html",
                title=one.row["name"],
                template="outlet.html.j2",
                context={
                    "outlet": replace(one, country_mark=None, facts=_sort_facts(one.row)),
                    "stances": _group(dataset.table("article_stance"), "article_id"),
                    "country": name_country(one.row["country"]),
                },
                description=f"What is recorded of {one.row['name']}, and what each fact rests on.",
                styles=("tables.css",),
            )


def _describe_events(dataset: Dataset) -> list[Event]:
    catalogue = _group(dataset.table("catalogue"), "event_id")
    sources = {row["source_id"]: row for row in dataset.table("sources")}
    articles: dict[str, list[Row]] = defaultdict(list)
    for row in dataset.table("articles"):
        for event_id in row["event_ids"] or ():
            articles[event_id].append(row)
    found = []
    for row in dataset.table("events"):
        own = sorted(catalogue[row["event_id"]], key=lambda one: (one["published"] or "", one["catalogue_id"]))
        coded = select_coded(own)
        found.append(
            Event(
                row,
                articles[row["event_id"]],
                [describe_entry(one) for one in own],
                len(coded),
                sum(one["opening_voice_a"] == one["opening_voice_b"] for one in coded),
                len({one["outlet_id"] for one in articles[row["event_id"]]}) >= _TWO_OUTLETS,
                [sources[one] for one in row["alleging_sources"] or () if one in sources],
                [sources[one] for one in row["named_sources"] or () if one in sources],
            )
        )
    # Events with articles of the corpus come first; families of events, which link no articles, last.
    found.sort(key=lambda one: (not one.articles, one.row["event_kind"] != "event", one.row["event_id"]))
    return found


def _make_events(dataset: Dataset) -> Iterator[Page]:
    events = _describe_events(dataset)
    entries = [
        SearchEntry(f"{EVENTS}#{one.row['event_id']}", one.row["event_id"], one.row["description"], "event")
        for one in events
    ]
    yield Page(
        path=EVENTS,
        title="Events",
        template="events.html.j2",
        context={
            "events": events,
            "article_ids": {row["article_id"] for row in dataset.table("articles")},
            "families": sum(one.row["event_kind"] != "event" for one in events),
        },
        description="What happened, who alleges what against whom, and the articles on it.",
        search=[SearchEntry(EVENTS, "Events", "Events that the articles and the catalogue report", "page"), *entries],
        scripts=("filter-table.js",),
        styles=("tables.css",),
    )


def _describe_sources(dataset: Dataset) -> list[Source]:
    quoted: dict[str, Counter[str]] = defaultdict(Counter)
    positions: dict[str, Counter[str]] = defaultdict(Counter)
    lapsed = Counter[str]()
    for row in dataset.table("entries"):
        quoted[row["source_id"]][row["article_id"]] += 1
        positions[row["source_id"]][row["position"]] += 1
        lapsed[row["source_id"]] += row["lapsed"] == "yes"
    sides: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in dataset.table("events"):
        for column, side in (("alleging_sources", "alleges"), ("named_sources", "is named")):
            for one in row[column] or ():
                sides[one].append((row["event_id"], side))
    found = [
        Source(
            row,
            quoted[row["source_id"]],
            sorted(positions[row["source_id"]].items(), key=lambda pair: (-pair[1], pair[0])),
            sides[row["source_id"]],
            lapsed[row["source_id"]],
        )
        for row in dataset.table("sources")
    ]
    found.sort(key=lambda one: (-one.quoted.total(), one.row["source_id"]))
    return found


def _make_sources(dataset: Dataset) -> Iterator[Page]:
    sources = _describe_sources(dataset)
    classes = Counter(one.row["source_class"] for one in sources)
    yield Page(
        path=SOURCES,
        title="Sources",
        template="sources.html.j2",
        context={
            "sources": sources,
            "classes": [Choice(name, name, number) for name, number in classes.most_common()],
            "articles": {row["article_id"]: row for row in dataset.table("articles")},
        },
        description="Who is quoted in the articles, of what kind, on which side, and how often.",
        search=[
            SearchEntry(SOURCES, "Sources", "Who is quoted in the articles, of what kind and on which side", "page"),
            *(
                SearchEntry(
                    f"{SOURCES}#{one.row['source_id']}", one.row["name"], " ".join(one.row["aliases"]), "source"
                )
                for one in sources
            ),
        ],
        scripts=("filter-table.js",),
        styles=("tables.css",),
    )


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the pages of events, outlets and sources."""
    yield from _make_events(dataset)
    yield from _make_outlets(dataset)
    yield from _make_sources(dataset)
