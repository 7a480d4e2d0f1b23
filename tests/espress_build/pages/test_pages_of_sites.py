"""How news sites of the last years mark up their articles, in invented words: all four facts of each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.espress_build.pages.invented import PROSE, embedded, meta, read

TITLE = "Council weighs plan for harbour bridge again"
CANONICAL = '<link rel="canonical" href="https://www.harbourpost.com/news/bridge-plan">'
SITE = CANONICAL + meta(og__title=TITLE, og__site_name="The Harbour Post")
DATED = SITE + meta(article__published_time="2023-05-09T10:00:00Z")
HEAD = f"<h1>{TITLE}</h1>"


def article(**facts: Any) -> str:
    """Return JSON-LD of an article of the ninth of May."""
    held = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2023-05-09T10:00:00Z"} | facts
    return embedded(json.dumps(held))


def person(name: str) -> dict[str, str]:
    """Return a person of JSON-LD."""
    return {"@type": "Person", "name": name}


GRAPH = [
    {"@type": "Article", "@id": "#a", "headline": TITLE, "datePublished": "2023-05-09T10:00:00Z",
     "author": {"name": "Jane Doe", "@id": "#p"}, "publisher": {"@id": "#o"}},
    {"@type": "WebPage", "@id": "#w", "name": f"{TITLE} - The Harbour Post"},
    {"@type": "WebSite", "name": "The Harbour Post"},
    {"@type": "Organization", "@id": "#o", "name": "Tidewater Media Ltd"},
]  # fmt: skip
TWO = ["Jane Doe", "John Roe"]
PAGES = {
    "a graph of nodes": (SITE + embedded(json.dumps({"@graph": GRAPH})), HEAD, ["Jane Doe"]),
    "several persons": (SITE + article(author=[person("Jane Doe"), person("John Roe")]), HEAD, TWO),
    "names in one string": (SITE + article(author="Jane Doe, John Roe and Max Poe"), HEAD, [*TWO, "Max Poe"]),
    "names in a list": (SITE + article(author={"@type": "Person", "name": TWO}), HEAD, TWO),
    "an object in quotation marks": (
        SITE + article(author='{"@type": "Person", "name": "Jane Doe"}'),
        HEAD,
        ["Jane Doe"],
    ),
    "a house in the data, a person shown": (
        SITE + article(author={"@type": "Organization", "name": "The Harbour Post"}),
        f'{HEAD}<div data-testid="byline"><span>Jane Doe</span><div><span>Business reporter</span></div></div>',
        ["Jane Doe"],
    ),
    "an agency alone": (SITE + article(author={"@type": "Organization", "name": "Wire Co"}), HEAD, ["Wire Co"]),
    "posts between names": (
        DATED + '<meta name="author" content="Jane Doe, Political Correspondent; John Roe, Senior Reporter">',
        HEAD,
        TWO,
    ),
    "a list of authors": (
        DATED,
        f'{HEAD}<ul><li class="author"><a>Jane Doe</a></li><li class="author"><a>John Roe</a></li></ul>',
        TWO,
    ),
    "handles and addresses": (
        DATED,
        f'{HEAD}<div class="byline">By <span>Jane Doe</span> <a>@janed</a> jane@harbourpost.com</div>',
        ["Jane Doe"],
    ),
    "a page built of widgets": (
        DATED,
        f'<div class="elementor-widget elementor-widget-post-info">{HEAD}<span class="author">Jane Doe</span></div>',
        ["Jane Doe"],
    ),
    "a byline at the article's foot": (
        DATED,
        f'{HEAD}<footer class="entry-meta"><span class="byline">By Jane Doe</span></footer>',
        ["Jane Doe"],
    ),
    "a layout that is called after its sidebar": (
        DATED,
        f'<div class="content-sidebar-wrap has-sidebar">{HEAD}<span class="author">Jane Doe</span></div>',
        ["Jane Doe"],
    ),
    "a label and the name on two lines": (DATED, f"{HEAD}<div>By</div><div>Jane Doe</div>", ["Jane Doe"]),
    "teasers with authors of their own": (
        DATED,
        f'{HEAD}<p class="author">By Jane Doe</p><div class="related"><p class="author">By Max Poe</p></div>',
        ["Jane Doe"],
    ),
    "a change before the publication": (
        SITE,
        f"{HEAD}<div>Updated: 12 May 2023, 10:00 | Published: 9 May 2023, 09:00</div>",
        None,
    ),
    "the day in the title alone": (
        SITE + f"<title>{TITLE} | The Harbour Post | 09.05.2023</title>",
        HEAD,
        None,
    ),
    "a section behind the title": (
        CANONICAL
        + meta(og__title=f"{TITLE} | Politics", article__published_time="2023-05-09")
        + f"<title>{TITLE} | Politics | The Harbour Post</title>",
        HEAD,
        None,
    ),
    "a firm in the data, the site in the title": (
        CANONICAL + f"<title>{TITLE} | The Harbour Post</title>" + article(publisher={"name": "Tidewater Media Inc."}),
        HEAD,
        None,
    ),
    "the site's name in a heading that leads home": (
        DATED + f"<title>The Harbour Post » {TITLE}</title>",
        f'<h1><a href="/">The Harbour Post</a></h1><h2>{TITLE}</h2>',
        None,
    ),
}


@pytest.mark.parametrize(("head", "body", "authors"), PAGES.values(), ids=PAGES)
def test_all_facts_of_a_page_are_read(head: str, body: str, authors: list[str] | None) -> None:
    found = read(body + PROSE, head)
    assert (found["title"], found["published_date"], found["outlet"]) == (TITLE, "2023-05-09", "The Harbour Post")
    assert found.get("authors") == authors


def test_a_site_is_named_as_its_sign_spells_it_where_nothing_else_does() -> None:
    body = f'<header><a class="logo" href="/"><img alt="Harbour Post"></a></header>{HEAD}{PROSE}'
    assert read(body, CANONICAL)["outlet"] == "Harbour Post"


def test_a_name_of_a_section_gives_way_to_the_sites_own() -> None:
    head = CANONICAL + meta(og__site_name="U.S.") + f"<title>{TITLE} - Harbour Post</title>"
    assert read(HEAD + PROSE, head)["outlet"] == "Harbour Post"


def test_the_day_is_that_which_the_page_shows_its_readers() -> None:
    head = SITE + meta(article__published_time="2023-05-10T03:42:00Z")
    shown = f'{HEAD}<time datetime="2023-05-09T23:42:00-04:00">May 9</time>{PROSE}'
    assert read(shown, head)["published_date"] == "2023-05-09"


def test_only_a_change_dates_a_page_that_tells_of_nothing_else() -> None:
    assert read(f"{HEAD}<p>Updated 9 May 2023</p>{PROSE}", SITE)["published_date"] == "2023-05-09"


def test_a_title_cut_by_a_system_gives_way_to_the_heading() -> None:
    whole = "Council weighs plan for harbour bridge again after traders, sailors and the fire service found it too low"
    head = CANONICAL + article(headline=whole[:110]) + meta(og__title=whole)
    assert read(f"<h1>{whole}</h1>{PROSE}", head)["title"] == whole


@pytest.mark.parametrize("name", ["Daniel Sternblick", "Ana Maria Sternblick"])
def test_a_surname_that_is_the_sites_name_stays(name: str) -> None:
    head = CANONICAL + meta(og__title=TITLE, og__site_name="Sternblick") + article(author=[person(name)])
    assert read(HEAD + PROSE, head)["authors"] == [name]


@pytest.mark.parametrize("desk", ["Sternblick Redaktion Hamburg", "Sternblick Sport"])
def test_a_desk_of_the_site_is_no_author(desk: str) -> None:
    head = CANONICAL + meta(og__title=TITLE, og__site_name="Sternblick") + article(author=[person(desk)])
    assert "authors" not in read(HEAD + PROSE, head)


@pytest.mark.parametrize("tail", ["Mayor met reporters", "Metropolitan police say", "Metro workers strike"])
def test_words_that_hold_a_short_domains_letters_stay_in_the_title(tail: str) -> None:
    title = f"Bridge plan - {tail}"
    head = '<link rel="canonical" href="https://www.metro.example/a/b">' + meta(og__title=f"{title} - Metro News")
    head += meta(og__site_name="Metro")
    assert read(f"<h1>{title}</h1>{PROSE}", head)["title"] == title


@pytest.mark.parametrize(
    ("domain", "name"),
    [("laechoes", "Los Angeles Echoes"), ("hmp", "The Harbour Morning Post"), ("nzecho", "New Zealand Echo")],
)
def test_a_domain_shortens_the_sites_name(domain: str, name: str) -> None:
    from espress_build.pages.title import names_site

    assert names_site(name, frozenset(), domain)
