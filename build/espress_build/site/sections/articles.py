"""The natural articles with their labels, and the reports of one event by two outlets next to each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from espress.reader.article import count_stances, find_mark, gather
from espress.reader.render import render_fragment, show_segments
from espress.schema import schema
from espress_build.site.page import Page, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.reader.article import Article
    from espress_build.site.dataset import Dataset, Row

ORDER = 10
NAVIGATION = "Articles"
INDEX = "articles/index.html"
_SIDES = ("left", "right")


class _Links:
    """Addresses within the site, relative to a page one folder below the site's root."""

    rejoin = "espress rejoin restores the text from a copy that you obtained lawfully."

    def __init__(self, compared: dict[str, str]) -> None:
        self.compared = compared

    def rule(self, field: str, term: str | None) -> str | None:
        """Return the address of a rule in the codebook."""
        classes = schema().codebook.get(field, {}).get("classes", {})
        return f"../docs/generated/codebook.html#rule-{field}-{term}" if term in classes else None

    def source(self, source_id: str) -> str | None:
        """Return the address of a source in the list of sources."""
        return f"../sources/index.html#{source_id}"

    def event(self, event_id: str) -> str | None:
        """Return the address of an event in the list of events."""
        return f"../events/index.html#{event_id}"

    def compare(self, event_id: str) -> str | None:
        """Return the page that compares the outlets that report an event, if there is one."""
        return f"../{self.compared[event_id]}" if event_id in self.compared else None


@dataclass(frozen=True)
class Report:
    """How one of two articles treats a claim: its status, and the units that report it."""

    status: str | None
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """One claim, and how each of two articles treats it."""

    number: int
    text: str
    left: Report
    right: Report

    @property
    def kind(self) -> str:
        """Return which side reports it: both, left, right or neither; "contradicted" if one contradicts it."""
        statuses = (self.left.status, self.right.status)
        if "contradicted" in statuses:
            return "contradicted"
        reported = [status == "reported" for status in statuses]
        return "both" if all(reported) else "left" if reported[0] else "right" if reported[1] else "neither"


@dataclass(frozen=True)
class Comparison:
    """The reports of one event by two outlets."""

    path: str
    event: Row
    left: Article
    right: Article
    claims: tuple[Claim, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of claims of each kind."""
        kinds = [claim.kind for claim in self.claims]
        return {kind: kinds.count(kind) for kind in ("both", "left", "right", "contradicted", "neither")}

    def list_left_out(self, side: str) -> list[Claim]:
        """Return the claims that one side leaves out, in the order of the other text."""
        return [claim for claim in self.claims if getattr(claim, side).status == "left_out"]


def name_status(status: str | None) -> str:
    """Return a status in words."""
    return "no majority" if status is None else status.replace("_", " ")


def _find_pairs(dataset: Dataset) -> dict[str, list[tuple[str, str]]]:
    """Return event -> the pairs of articles of different outlets whose claims were compared."""
    outlets = {row["article_id"]: row["outlet_id"] for row in dataset.table("articles")}
    articles: dict[str, dict[str, None]] = defaultdict(dict)
    for row in dataset.table("claim_matrix"):
        articles[row["event_id"]][row["article_id"]] = None
    pairs = {event: list(combinations(sorted(members), 2)) for event, members in articles.items()}
    return {
        event: [(one, other) for one, other in members if outlets[one] != outlets[other]]
        for event, members in sorted(pairs.items())
    }


def _name_page(event_id: str, number: int) -> str:
    return f"compare/{event_id}.html" if number == 1 else f"compare/{event_id}-{number}.html"


def find_comparison(dataset: Dataset) -> str | None:
    """Return the address of the first comparison, or None if no event is reported by two outlets."""
    return next((_name_page(event_id, 1) for event_id, pairs in _find_pairs(dataset).items() if pairs), None)


def compare(dataset: Dataset, articles: dict[str, Article]) -> list[Comparison]:
    """Return the comparisons of all events that two outlets or more report."""
    events = {row["event_id"]: row for row in dataset.table("events")}
    return [
        Comparison(
            _name_page(event_id, number),
            events[event_id],
            articles[left],
            articles[right],
            _align(dataset, event_id, articles[left], articles[right]),
        )
        for event_id, pairs in _find_pairs(dataset).items()
        for number, (left, right) in enumerate(pairs, 1)
    ]


def _align(dataset: Dataset, event_id: str, left: Article, right: Article) -> tuple[Claim, ...]:
    """Return the claims in the order in which the two texts tell them."""
    rows = {
        (row["claim_no"], row["article_id"]): row
        for row in dataset.table("claim_matrix")
        if row["event_id"] == event_id
    }

    def report(number: int, article: Article) -> tuple[Report, list[float]]:
        row = rows[number, article.article_id]
        places = {unit.mark: place for place, unit in enumerate(article.units)}
        marks = sorted({find_mark(unit) for unit in row["sentence_ids"]}, key=places.__getitem__)
        return Report(row["status"], tuple(marks)), [places[mark] / len(places) for mark in marks[:1]]

    found = []
    for number in sorted({number for number, _ in rows}):
        (one, before), (other, after) = report(number, left), report(number, right)
        places = before + after
        text = rows[number, left.article_id]["claim"]
        found.append((sum(places) / len(places) if places else 1.0, Claim(number, text, one, other)))
    return tuple(claim for _, claim in sorted(found, key=lambda pair: (pair[0], pair[1].number)))


def _list_entries(article: Article) -> list[SearchEntry]:
    """Return what the search finds of an article: each unit, with placeholders for the names of private persons."""
    path, title = f"articles/{article.article_id}.html", article.title or article.article_id
    return [
        SearchEntry(
            f"{path}#{unit.mark}",
            f"{title}, {unit.mark}",
            "".join(one.text for one in unit.segments),
            "unit",
            article.row["language"],
        )
        for unit in article.units
        if unit.withheld is None
    ]


def _make_index(dataset: Dataset, articles: list[Article], comparisons: list[Comparison]) -> Page:
    stances = dataset.table("article_stance")
    context: dict[str, Any] = {
        "articles": articles,
        "comparisons": comparisons,
        "counts": count_stances(stances),
        "meanings": schema().vocabularies["stance"],
        "question": schema().codebook["stance"]["question"],
        "n_rows": len(stances),
        "n_lapsed_units": sum(len(article.lapsed) for article in articles),
        "n_lapsed_entries": sum(row["lapsed"] == "yes" for row in dataset.table("entries")),
    }
    return Page(
        INDEX,
        "Articles",
        "articles.html.j2",
        context,
        description="The natural articles of the corpus, with the stance of each.",
        styles=("reader.css",),
    )


def _find_text(article: Article) -> str | None:
    """Return the anchor of the first unit after the title; the labels of the whole article are shown before it."""
    return next((one.units[0].mark for one in article.paragraphs if one.role != "title" and one.units), None)


def _make_comparison(one: Comparison, others: list[Comparison]) -> Page:
    outlets = {side: getattr(one, side).row["outlet"] for side in _SIDES}
    return Page(
        one.path,
        f"{outlets['left']} and {outlets['right']} on one event",
        "compare.html.j2",
        {"one": one, "outlets": outlets, "others": others, "show": show_segments, "name_status": name_status},
        description=f"Two reports next to each other: {one.event['description']}",
        search=[
            SearchEntry(f"{one.path}#claim-{claim.number}", f"Claim {claim.number}", claim.text, "claim")
            for claim in one.claims
        ],
        scripts=("compare.js",),
        styles=("reader.css", "compare.css"),
    )


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the list of articles, a page for each article, and a page for each comparison."""
    articles = {
        row["article_id"]: gather(row["article_id"], dataset.table)
        for row in sorted(dataset.table("articles"), key=lambda row: (row["published"] or "", row["article_id"]))
    }
    comparisons = compare(dataset, articles)
    links = _Links({one.event["event_id"]: one.path for one in reversed(comparisons)})
    yield _make_index(dataset, list(articles.values()), comparisons)
    for article in articles.values():
        yield Page(
            f"articles/{article.article_id}.html",
            article.title or article.article_id,
            "article.html.j2",
            {"article": article, "fragment": render_fragment(article, links), "text": _find_text(article)},
            description=f"{article.row['outlet']}, {article.row['published'] or 'no date'}, with labels in the margin",
            search=_list_entries(article),
            scripts=("reader.js",),
            styles=("reader.css",),
        )
    for one in comparisons:
        others = [other for other in comparisons if other.event is one.event and other is not one]
        yield _make_comparison(one, others)
