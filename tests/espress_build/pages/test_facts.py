"""Facts of HTML pages as publishing systems write them, of odd ones and of hostile ones; all are invented."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pages.invented import HEADLINE, PROSE, REGISTRIES, embedded, linked, meta, read

from espress_build.pages.dom import Document
from espress_build.pages.propose import find_facts


@pytest.mark.parametrize(
    "title",
    [
        f"{HEADLINE} | Morning Example",
        f"{HEADLINE} - Morning Example",
        f"{HEADLINE} – Politics – Morning Example",
        f"Morning Example: {HEADLINE}".replace(":", " :"),
        f"{HEADLINE} | Politics | morning.example",
        f"{HEADLINE}_Politics_Morning Example",
        f"{HEADLINE} » Morning Example",
        HEADLINE,
    ],
)
def test_the_sites_name_is_cut_off_the_title(title: str) -> None:
    head = f"<title>{title}</title>" + meta(og__site_name="Morning Example")
    assert read(PROSE, head + meta(article__section="Politics"))["title"].startswith(HEADLINE)
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}", head)["title"] == HEADLINE


def test_a_headline_with_a_dash_of_its_own_stays_whole() -> None:
    own = "Czech spies – and their handlers – named"
    head = f"<title>{own} - Morning Example</title>" + meta(og__title=own, og__site_name="Morning Example")
    assert read(f"<h1>{own}</h1>{PROSE}", head)["title"] == own
    assert read(PROSE, f"<title>{own} - Morning Example</title>", "https://morning.example/a")["title"] == own


FACTS = '"headline":"H of the day","datePublished":"2019-07-23","author"'


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle",FACTS:{"name":"Jane Doe"},}',
        '<!-- {"@type":"NewsArticle",FACTS:["Jane Doe"]} -->',
        '//<![CDATA[\n{"@type":"Article",FACTS:"Jane Doe"}\n//]]>',
        '[{"@type":"WebSite"},{"@type":["Article","X"],FACTS:[{"name":"Jane Doe"}]}]',
        '{"@graph":[{"@id":"#a","name":"Jane Doe"},{"@type":"BlogPosting",FACTS:{"@id":"#a"}}]}',
        '{"@type":"NewsArticle","description":"a\tb\nc",FACTS:"Jane Doe"};',
        '{"@type":"NewsArticle","description":"it\\\'s",FACTS:"Jane Doe"}',
        '{"@type":"http://schema.org/ReportageNewsArticle",FACTS:"Jane Doe"}',
        '{"@type":"WebPage","mainEntity":{"@type":"AnalysisNewsArticle",FACTS:"Jane Doe"}}',
    ],
)
def test_json_ld_is_read_in_all_its_shapes_and_with_the_usual_slips(script: str) -> None:
    found = read(PROSE, embedded(script.replace("FACTS", FACTS)))
    assert (found["title"], found["published"], found["authors"]) == ("H of the day", "2019-07-23", ["Jane Doe"])


def test_no_date_is_made_of_a_footer_or_a_comment() -> None:
    body = f'<h1>{HEADLINE}</h1>{PROSE}<div class="comments"><time datetime="2020-01-01">1 Jan</time></div>'
    page = f"<html lang='en'>{body}<footer>© 2019 Morning Example, 1 January 2019</footer></html>"
    found = find_facts(Document(page), None, REGISTRIES).get("published")
    assert found is None or found.basis == "model", "what htmldate makes of it is told apart"


@pytest.mark.parametrize(
    ("line", "lang"),
    [
        ("23. července 2019 10:05", "cs"),
        ("2019年7月23日 10:05", "zh"),
        ("Jane Doe, 23 juillet 2019", "fr"),
        ("Dienstag, 23. Juli 2019", "de"),
        ("23 de julio de 2019", "es"),
        ("23 июля 2019", "ru"),
    ],
)
def test_a_date_line_by_the_headline_is_read_in_its_language(line: str, lang: str) -> None:
    body = f"<div>1. 1. 2021</div><nav>Menu</nav><h1>{HEADLINE}</h1><p>{line}</p>{PROSE}"
    assert read(body, lang=lang)["published_date"] == "2019-07-23"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (meta(og__site_name="Evening Sample - News from everywhere"), "Evening Sample"),
        (meta(og__site_name="eveningsample.com"), "eveningsample"),
        (linked(publisher={"@type": "Organization", "name": "Evening Sample"}), "Evening Sample"),
        (f"<title>{HEADLINE} | Evening Sample</title>", "Evening Sample"),
        ('<meta name="application-name" content="Evening Sample">', "Evening Sample"),
        ('<meta name="twitter:site" content="@eveningsample">', "eveningsample.com"),
    ],
)
def test_an_outlet_that_no_registry_knows_is_named_as_the_page_does(head: str, name: str) -> None:
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}", head, "https://www.eveningsample.com/a/b")["outlet"] == name


@pytest.mark.parametrize(
    ("tag", "code"),
    [("zu-ZA", "zu"), ("zul", "zu"), ("deu", "de"), ("ger", "de"), ("nso", "nso"), ("cz", "cs"), ("kl", "kl")],
)
def test_a_language_tag_gives_the_shortest_code(tag: str, code: str) -> None:
    assert read(PROSE, lang=tag)["language"] == code


@pytest.mark.parametrize("tag", ["und", "mul", "zxx", "english", ""])
def test_a_tag_of_no_single_language_states_none(tag: str) -> None:
    assert "language" not in read(PROSE, lang=tag)


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Doe, Tuesday 23 July 2019",
        "Jane Doe July 23, 2019",
        "Jane Doe | Published 23.7.2019",
        "Von Jane Doe, 23. Juli 2019",
    ],
)
def test_a_byline_that_runs_into_its_date_gives_both(line: str) -> None:
    found = read(f'<h1>{HEADLINE}</h1><div class="byline">{line}</div>{PROSE}')
    assert (found["authors"], found["published_date"]) == (["Jane Doe"], "2019-07-23")


@pytest.mark.parametrize(
    "line", ["来源：样本网 作者：王小明、李红", "作者：王小明 李红 责任编辑：张三", "2019年 | 记者：王小明、李红"]
)
def test_source_author_and_editor_of_one_chinese_line_are_told_apart(line: str) -> None:
    assert read(f"<h1>外交部回应间谍指控</h1><div>{line}</div>{PROSE}", lang="zh")["authors"] == ["王小明", "李红"]


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
    "the day in the title alone": (SITE + f"<title>{TITLE} | The Harbour Post | 09.05.2023</title>", HEAD, None),
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


SHOWN = f"<h1>{HEADLINE}</h1>{PROSE}"
OTHER = {"@type": "NewsArticle", "headline": "Another story", "datePublished": "2011-01-01", "author": "Ann Other"}
LIST = embedded(json.dumps([OTHER, {"@type": "ItemList", "itemListElement": [OTHER]}]))
DATED_PAGE = {
    "@type": "WebPage",
    "name": f"{HEADLINE} - X",
    "datePublished": "2019-07-23",
    "url": "https://x.example/a",
}
DESK = linked(author={"@type": "Organization", "name": "Morning Example"}) + meta(og__site_name="Morning Example")
HAN, HAN_TITLE = "国家安全机关提醒公众注意境外间谍情报机关的渗透活动，请及时举报。", "外交部回应间谍指控"
AGENCY = [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "EXA"}]
LONG = f"{TITLE} after traders, sailors and the fire service found that the old one is too low"
SECTION = (
    meta(og__title=HEADLINE, og__site_name="Evening Sample") + f"<title>{HEADLINE} | Politics | Evening Sample</title>"
)
FRONT = '<link rel="canonical" href="https://x.example/">'


def case(body: str, head: str = "", at: str | None = None, lang: str = "en", **wanted: Any) -> tuple[Any, ...]:
    """Return a page with its address, and its facts; None is a fact that the page does not give."""
    return body, head, at, lang, wanted


FACTS_OF_PAGES = {
    "a logo in the first heading is no headline": case(
        f"<header><h1>Morning Example</h1></header>{SHOWN}",
        f"<title>{HEADLINE} | Morning Example</title>" + meta(og__site_name="Morning Example"), title=HEADLINE),
    "a title for networks gives way to what the page agrees on": case(
        SHOWN, meta(og__title="You won't believe who read the ministry's letters") + linked(), title=HEADLINE),
    "a title that is cut off gives way to the whole": case(
        SHOWN, linked(headline=HEADLINE[:30] + "…") + meta(og__title=HEADLINE[:30] + "..."), title=HEADLINE),
    "a title cut by a system gives way to the heading": case(
        f"<h1>{LONG}</h1>{PROSE}", CANONICAL + article(headline=LONG[:110]) + meta(og__title=LONG), title=LONG),
    "entities that were escaped twice": case(
        PROSE, linked(headline="Spies &amp;amp; letters: &#8216;years&#8217; of reading"),
        title="Spies & letters: ‘years’ of reading"),
    "a headline that begins with the site's name": case(
        f"<h1>Evening Sample wins prize</h1>{PROSE}",
        "<title>Evening Sample wins prize</title>" + meta(og__site_name="Evening Sample"),
        title="Evening Sample wins prize"),
    "a heading in two parts is spelt as elsewhere on the page": case(
        f"<h1><span>Espionage</span> <span>{HEADLINE}</span></h1>{PROSE}", meta(og__title=f"Espionage: {HEADLINE}"),
        title=f"Espionage: {HEADLINE}"),
    "a heading that names the section is no headline": case(
        f"<h1>Politics</h1><h2>{HEADLINE}</h2>{PROSE}", SECTION, title=HEADLINE),
    "an old page without headings": case(
        f"<table><tr><td><b>{HEADLINE}</b><br>By Jane Doe<br>Tuesday, July 23, 2019; Page A01{PROSE}",
        f"<title>Old Sample News: {HEADLINE}</title>", "http://old.sample.example/1.htm",
        title=HEADLINE, authors=["Jane Doe"], published="2019-07-23"),
    "cells of a table are lines of their own": case(
        f"<table><tr><td>Home<br>News</td><td><b>{HEADLINE}</b><br>By Jane Doe{PROSE}",
        f"<title>{HEADLINE} | Old Sample</title>", "http://xyz.example/1.htm",
        title=HEADLINE, authors=["Jane Doe"], outlet="Old Sample"),
    "of several articles the page's own": case(
        SHOWN, LIST + linked(datePublished="2019-07-23", author="Jane Doe"),
        published="2019-07-23", authors=["Jane Doe"]),
    "a dated page instead of an article": case(SHOWN, embedded(json.dumps(DATED_PAGE)), published="2019-07-23"),
    "the day in the page's own zone": case(
        PROSE, linked(datePublished="2019-07-22T23:30:00Z") + meta(article__published_time="2019-07-23T01:30:00+02:00"),
        published_date="2019-07-23", published_zone="+02:00"),
    "the day that the page shows its readers": case(
        f'{HEAD}<time datetime="2023-05-09T23:42:00-04:00">May 9</time>{PROSE}',
        SITE + meta(article__published_time="2023-05-10T03:42:00Z"), published_date="2023-05-09"),
    "publication and change in data": case(
        PROSE, meta(article__modified_time="2020-01-02", article__published_time="2019-07-23"),
        published="2019-07-23", updated="2020-01-02"),
    "publication and change in lines": case(
        f"<h1>{HEADLINE}</h1><p>Updated: 2 January 2020</p><p>Published: 23 July 2019</p>{PROSE}",
        published="2019-07-23"),
    "only a change": case(f"{HEAD}<p>Updated 9 May 2023</p>{PROSE}", SITE, published_date="2023-05-09"),
    "a date that the address contradicts gives way to one that it confirms": case(
        PROSE, linked(datePublished="2024-05-05T10:00:00Z") + meta(article__published_time="2019-07-23T10:00:00Z"),
        "https://x.example/2019/07/23/spies", published_date="2019-07-23"),
    "the address settles which of two days": case(
        PROSE, meta(pubdate="07/08/2019"), "https://x.example/2019/08/07/spies", published="2019-08-07"),
    "the state of a script": case(
        f'{SHOWN}<script>window.__STATE__={{"article":{{"publishedAt":"2019-07-23T10:00:00Z"}}}}</script>',
        published_date="2019-07-23"),
    "the day by RDFa": case(
        f'<h1>{HEADLINE}</h1><span property="dc:date dc:created" content="2019-07-23T10:00:00+02:00">Tue</span>{PROSE}',
        published_zone="+02:00"),
    "an agency beside a person": case(PROSE, linked(author=AGENCY), authors=["Jane Doe"], agency_id="exa"),
    "a person in the byline, the outlet in the data": case(
        f'<h1>{HEADLINE}</h1><p class="byline">By Jane Doe</p>{PROSE}', DESK, authors=["Jane Doe"]),
    "the outlet alone is no author": case(SHOWN, DESK, authors=None),
    "the address of a profile is no author": case(
        f'<h1>{HEADLINE}</h1><a rel="author" href="/jane">Jane Doe</a>{PROSE}',
        meta(article__author="https://www.facebook.com/janedoe"), authors=["Jane Doe"]),
    "the author of a comment": case(
        f'{SHOWN}<div id="comments"><span class="comment-author">Angry Reader</span></div>', authors=None),
    "a plain line under the headline": case(
        f"<h1>{HEADLINE}</h1><div>By Jane Doe and John Roe</div>{PROSE}", authors=["Jane Doe", "John Roe"]),
    "a plain line in Chinese": case(
        f"<h1>{HEADLINE}</h1><div>作者：王小明</div>{PROSE}", lang="zh", authors=["王小明"]),
    "buttons beside the author": case(
        f'<h1>{HEADLINE}</h1><div class="author-box"><a class="author-follow">Follow Us</a></div>{PROSE}',
        authors=None),
    "an organisation that signs alone": case(
        PROSE, linked(author={"@type": "Organization", "name": "Ministry of Letters"}),
        authors=["Ministry of Letters"]),
    "the outlet's place after its name": case(
        SHOWN, '<meta name="author" content="Evening Sample, Hamburg, Germany">' + meta(og__site_name="Evening Sample"),
        authors=None),
    "byline and title of a Chinese portal": case(
        f'<h1>{HAN_TITLE}</h1><p class="author">本报记者 王小明 李 红</p>'
        f"<div>2019年07月23日08:05 来源：样本网</div>{PROSE}",
        f'<title>{HAN_TITLE}--国际--样本网</title><meta name="author" content="104921">',
        "http://www.yangben.example/n1/2019/0723/c1-1.html", "zh",
        title=HAN_TITLE, authors=["王小明", "李红"], published="2019-07-23T08:05"),
    "a domain of the registry": case(PROSE, at="https://www.morning.example/a", outlet_id="morning-post"),
    "the longest domain": case(PROSE, at="https://en.radio.morning.example/a", outlet_id="morning-post-radio"),
    "no domain": case(PROSE, at="https://notmorning.example.org/a", outlet_id=None),
    "an alias": case(PROSE, meta(og__site_name="ME Online"), outlet="ME Online", outlet_id="morning-post"),
    "a republisher is not the outlet": case(
        PROSE, meta(og__site_name="Copy House"), "https://copies.example/x", republisher="Copy House", outlet=None),
    "a spelt name and a domain": case(
        PROSE, meta(og__site_name="eveningsample.com") + linked(publisher={"name": "The Evening Sample"}),
        "https://eveningsample.com/a/b", outlet="The Evening Sample"),
    "the last part of the title names the outlet": case(
        f"<h1>{HAN_TITLE}</h1>{PROSE}", f"<title>{HAN_TITLE}_时政_样本网</title>", "http://abc.example/a", "zh",
        title=HAN_TITLE, outlet="样本网"),
    "the site's logo": case(
        f'<header><a class="logo" href="/"><img alt="Harbour Post"></a></header>{HEAD}{PROSE}', CANONICAL,
        outlet="Harbour Post"),
    "a name of a section and the site's own": case(
        HEAD + PROSE, CANONICAL + meta(og__site_name="U.S.") + f"<title>{TITLE} - Harbour Post</title>",
        outlet="Harbour Post"),
    "a canonical address is made whole": case(
        PROSE, '<link rel="canonical" href="/a/b?x=1#top">', "https://x.example/z", url="https://x.example/a/b?x=1"),
    "a canonical address of the front page": case(PROSE, FRONT, "https://x.example/z", url="https://x.example/z"),
    "the language of the markup": case(PROSE, lang="en-GB", language="en"),
    "a text in another script": case(f"<p>{HAN * 6}</p>", language=None),
}  # fmt: skip


@pytest.mark.parametrize(("body", "head", "url", "lang", "wanted"), FACTS_OF_PAGES.values(), ids=FACTS_OF_PAGES)
def test_facts_of_a_page(body: str, head: str, url: str | None, lang: str, wanted: dict[str, Any]) -> None:
    found = read(body, head, url, lang)
    assert {name: found.get(name) for name in wanted} == wanted


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


@pytest.mark.parametrize(
    "page",
    [
        "",
        "\x00\x00",
        "not html at all",
        "<html><body>" + "<div class=date>" * 10_000 + "x",
        '<script type="application/ld+json">' + "[" * 100_000,
        '<script type="application/ld+json">' + '{"a":' * 50_000,
        '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><html><h1>&b;</h1>',
        "<h1>" * 3_000 + "x" * 3_000,
        "<meta property='og:title' content='" + "a - " * 50_000 + "'>",
        "<meta name=author content='" + "Jane Doe, " * 50_000 + "'>",
        "<meta name=author content='" + " " * 100_000 + "x'>",
        "<meta name=date content='" + "1" * 100_000 + "'>",
        "<meta property='og:site_name' content='Site'><title>" + "Site - " * 60_000 + "x</title>",
        "<meta property='og:site_name' content='Site'><title>" + "Site | " * 70 + "x</title>",
        "<meta name=author content='" + "a and " * 50_000 + "'>",
        "<div class=author>" * 2_000 + "By Jane Doe " * 20_000,
        '<script type="application/ld+json">' + '{"@type":"Article","author":[' * 20_000,
        "<link rel=canonical href='http://[::1'>",
        "<html lang='" + "a-" * 10_000 + "'><title>\ud800</title>",
        '<script type="application/ld+json">{"@type":"Article","headline":' + "9" * 10_000 + "}</script>",
        '<script type="application/ld+json">{"@type":{"x":[1]},"author":{"name":{"name":1}},"@id":[1]}</script>',
    ],
)
def test_a_hostile_page_yields_little_and_breaks_nothing(page: str) -> None:
    assert isinstance(find_facts(Document(page), "http://x.example:99999/a", REGISTRIES), dict)


FRAGMENTS = [
    *("<h1>", "</h1>", "<p>", '<meta name="author" content="', '">', "<time datetime=", "<title>", "</script>"),
    *('<script type="application/ld+json">', '{"@type":"Article","headline":', '"', "}", "{", "[", "]", ","),
    *("By ", "2019-07-23", " | ", "作者："),
]
fragments = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=20), max_size=40)


@given(fragments, st.none() | st.text(max_size=40))
def test_any_string_is_a_page(parts: list[str], url: str | None) -> None:
    for one in find_facts(Document("".join(parts)), url, REGISTRIES).values():
        assert one.value
        assert one.basis in {
            "json-ld",
            "opengraph",
            "meta",
            "microdata",
            "markup",
            "address",
            "registry",
            "text",
            "model",
        }
