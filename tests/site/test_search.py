"""The search page: it finds units, terms, functions and pages, marks the words, and links to the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import OpenPage


@pytest.fixture(autouse=True)
def _needs_npm(site: Path) -> None:
    if not (site / "assets" / "search.js").is_file():
        pytest.skip("the libraries from npm are not installed; type: make site-test")


@pytest.mark.parametrize(
    ("words", "kind", "target"),
    [
        ("stance", "labels", "labels/index.html#article_stance.stance"),
        ("lapsed", "labels", "labels/index.html#entries.lapsed"),
        ("near duplicate", "glossary", "docs/glossary.html#near-duplicate"),
        ("espress.cite", "Python and commands", "reference/espress.html#cite"),
        ("rejoin open edition", "documentation", "docs/user/editions.html"),
        ("stanse", "labels", "labels/index.html#article_stance.stance"),  # misspelt
        ("bibtex", "pages of this site", "index.html#cite"),
        ("apa", "pages of this site", "index.html#cite"),
    ],
)
def test_words_lead_to_their_place(open_page: OpenPage, words: str, kind: str, target: str) -> None:
    page = open_page("search.html")
    page.get_by_role("searchbox", name="Words to find").fill(words)
    found = page.locator("#results li").evaluate_all(
        "(all) => all.map((li) => [li.querySelector('span').textContent, li.querySelector('a').getAttribute('href')])"
    )
    assert any(one[0] == kind and one[1].startswith(target) for one in found[:10]), found[:10]


def test_the_box_of_every_page_leads_to_results(open_page: OpenPage) -> None:
    page = open_page("docs/user/labels.html")
    page.get_by_role("searchbox", name="Search this site").fill("negated factive")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=negated+factive")
    page.locator("#results li").first.wait_for()
    assert page.locator("#results mark").count() > 0


def test_results_are_limited_to_a_kind_and_their_number_is_announced(open_page: OpenPage) -> None:
    page = open_page("search.html")
    page.get_by_role("searchbox", name="Words to find").fill("source")
    every = page.get_by_role("status").text_content()
    page.get_by_role("checkbox", name="glossary").check()
    terms = page.get_by_role("status").text_content()
    assert every != terms
    assert "result" in terms
    assert set(page.locator("#results li > span").all_text_contents()) == {"glossary"}


def test_what_is_typed_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page("search.html")
    page.get_by_role("searchbox", name="Words to find").fill("<zzqx>")
    assert "<zzqx>" in page.get_by_role("status").text_content()
    assert page.locator("zzqx").count() == 0


def test_a_search_without_results_links_to_the_documentation(open_page: OpenPage) -> None:
    page = open_page("search.html")
    help_ = page.get_by_role("link", name="the index of the documentation")
    box = page.get_by_role("searchbox", name="Words to find")
    box.fill("zzqx")
    assert help_.is_visible()
    box.fill("stance")
    assert not help_.is_visible()
