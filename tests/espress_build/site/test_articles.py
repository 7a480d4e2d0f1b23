"""The site's articles and comparisons: counts are those of the tables, and no private person is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from espress.reader.article import gather
from espress_build.site.sections.articles import compare, make_pages

if TYPE_CHECKING:
    from espress_build.site.dataset import Dataset
    from espress_build.site.page import Page


@pytest.fixture(scope="module")
def pages(dataset: Dataset) -> dict[str, Page]:
    return {page.path: page for page in make_pages(dataset)}


def test_every_article_and_every_event_of_two_outlets_has_a_page(dataset: Dataset, pages: dict[str, Page]) -> None:
    articles = [f"articles/{row['article_id']}.html" for row in dataset.table("articles")]
    events = {f"compare/{row['event_id']}.html" for row in dataset.table("claim_matrix")}
    assert set(pages) == {"articles/index.html", *articles, *events}
    assert next(iter(pages)) == "articles/index.html"


def test_claims_are_counted_as_in_the_table(dataset: Dataset) -> None:
    articles = {row["article_id"]: gather(row["article_id"], dataset.table) for row in dataset.table("articles")}
    (found,) = compare(dataset, articles)
    rows = [row for row in dataset.table("claim_matrix") if row["event_id"] == found.event["event_id"]]
    for side, article in (("left", found.left), ("right", found.right)):
        own = [row for row in rows if row["article_id"] == article.article_id]
        assert len(found.list_left_out(side)) == sum(row["status"] == "left_out" for row in own)
        assert {(claim.number, claim.text) for claim in found.claims} == {
            (row["claim_no"], row["claim"]) for row in own
        }
    assert sum(found.counts.values()) == len(found.claims)


def test_the_search_finds_units_and_claims_without_private_persons(dataset: Dataset, pages: dict[str, Page]) -> None:
    entries = [entry for page in pages.values() for entry in page.search]
    assert sum(entry.kind == "unit" for entry in entries) == len(dataset.table("sentences"))
    names = {
        unit["text"][mask["mask_start"] : mask["mask_end"]]
        for unit in dataset.table("sentences")
        for mask in unit["masks"]
        if mask["mask"].startswith("[PERSON")
    }
    assert names
    shown = " ".join([*(f"{entry.title} {entry.text}" for entry in entries), *(page.title for page in pages.values())])
    shown += " ".join(str(page.context.get("fragment", "")) for page in pages.values())
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", shown)] == []


def test_stances_of_the_list_are_those_of_the_table(dataset: Dataset, pages: dict[str, Page]) -> None:
    counts = pages["articles/index.html"].context["counts"]
    assert list(counts) == ["against", "neither", "favor"]
    stances = [row["stance"] for row in dataset.table("article_stance")]
    assert counts == {name: stances.count(name) for name in counts}
