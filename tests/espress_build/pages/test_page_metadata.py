"""What pages of common publishing systems give; every page here is invented."""

from __future__ import annotations

import json

import pytest
from tests.espress_build.pages.invented import HEADLINE, PROSE, REGISTRIES, embedded, linked, meta, read

from espress_build.pages.dom import Document
from espress_build.pages.propose import find_facts

# Titles


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


def test_a_logo_in_the_first_heading_is_no_headline() -> None:
    body = f"<header><h1>Morning Example</h1></header><h1>{HEADLINE}</h1>{PROSE}"
    assert (
        read(body, f"<title>{HEADLINE} | Morning Example</title>" + meta(og__site_name="Morning Example"))["title"]
        == HEADLINE
    )


def test_a_title_for_networks_gives_way_to_what_the_page_agrees_on() -> None:
    head = meta(og__title="You won't believe who read the ministry's letters") + linked()
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}", head)["title"] == HEADLINE


def test_a_title_that_is_cut_off_gives_way_to_the_whole() -> None:
    head = linked(headline=HEADLINE[:30] + "…") + meta(og__title=HEADLINE[:30] + "...")
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}", head)["title"] == HEADLINE


def test_entities_that_were_escaped_twice_are_read() -> None:
    assert read(PROSE, linked(headline="Spies &amp;amp; letters: &#8216;years&#8217; of reading"))["title"] == (
        "Spies & letters: ‘years’ of reading"
    )


# JSON-LD


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


def test_of_several_articles_the_pages_own_is_taken() -> None:
    other = {"@type": "NewsArticle", "headline": "Another story", "datePublished": "2011-01-01", "author": "Ann Other"}
    head = embedded(json.dumps([other, {"@type": "ItemList", "itemListElement": [other]}]))
    found = read(f"<h1>{HEADLINE}</h1>{PROSE}", head + linked(datePublished="2019-07-23", author="Jane Doe"))
    assert (found["published"], found["authors"]) == ("2019-07-23", ["Jane Doe"])


# Dates


def test_the_day_is_that_of_the_pages_own_zone() -> None:
    head = linked(datePublished="2019-07-22T23:30:00Z") + meta(article__published_time="2019-07-23T01:30:00+02:00")
    found = read(PROSE, head)
    assert (found["published_date"], found["published_zone"]) == ("2019-07-23", "+02:00")


def test_published_is_not_the_day_of_a_change() -> None:
    head = meta(article__modified_time="2020-01-02", article__published_time="2019-07-23")
    found = read(PROSE, head)
    assert (found["published"], found["updated"]) == ("2019-07-23", "2020-01-02")
    body = f"<h1>{HEADLINE}</h1><p>Updated: 2 January 2020</p><p>Published: 23 July 2019</p>{PROSE}"
    assert read(body)["published"] == "2019-07-23"


def test_a_date_that_the_address_contradicts_gives_way_to_one_that_it_confirms() -> None:
    head = linked(datePublished="2024-05-05T10:00:00Z") + meta(article__published_time="2019-07-23T10:00:00Z")
    assert read(PROSE, head, "https://x.example/2019/07/23/spies")["published_date"] == "2019-07-23"


def test_digits_that_could_be_two_days_are_settled_by_the_address() -> None:
    found = read(PROSE, meta(pubdate="07/08/2019"), "https://x.example/2019/08/07/spies")
    assert found["published"] == "2019-08-07"


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


# Authors


def test_houses_are_left_out_beside_persons_and_the_agency_is_named_apart() -> None:
    head = linked(author=[{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "EXA"}])
    found = read(PROSE, head)
    assert (found["authors"], found["agency_id"]) == (["Jane Doe"], "exa")


def test_a_person_in_the_byline_is_preferred_to_the_outlet_in_the_data() -> None:
    head = linked(author={"@type": "Organization", "name": "Morning Example"}) + meta(og__site_name="Morning Example")
    assert read(f'<h1>{HEADLINE}</h1><p class="byline">By Jane Doe</p>{PROSE}', head)["authors"] == ["Jane Doe"]
    assert "authors" not in read(f"<h1>{HEADLINE}</h1>{PROSE}", head)


def test_the_address_of_a_profile_is_no_author() -> None:
    head = meta(article__author="https://www.facebook.com/janedoe")
    assert read(f'<h1>{HEADLINE}</h1><a rel="author" href="/jane">Jane Doe</a>{PROSE}', head)["authors"] == ["Jane Doe"]


def test_who_comments_is_no_author() -> None:
    comment = '<div id="comments"><span class="comment-author">Angry Reader</span></div>'
    assert "authors" not in read(f"<h1>{HEADLINE}</h1>{PROSE}{comment}")


def test_a_plain_line_under_the_headline_names_the_author() -> None:
    assert read(f"<h1>{HEADLINE}</h1><div>By Jane Doe and John Roe</div>{PROSE}")["authors"] == ["Jane Doe", "John Roe"]
    assert read(f"<h1>{HEADLINE}</h1><div>作者：王小明</div>{PROSE}", lang="zh")["authors"] == ["王小明"]


# Outlets


def test_the_longest_domain_of_the_registry_names_the_outlet() -> None:
    assert read(PROSE, url="https://www.morning.example/a")["outlet_id"] == "morning-post"
    assert read(PROSE, url="https://en.radio.morning.example/a")["outlet_id"] == "morning-post-radio"
    assert "outlet_id" not in read(PROSE, url="https://notmorning.example.org/a")


def test_an_alias_is_found_and_the_name_stays_as_shown() -> None:
    found = read(PROSE, meta(og__site_name="ME Online"))
    assert (found["outlet"], found["outlet_id"]) == ("ME Online", "morning-post")


def test_a_republisher_is_not_the_outlet() -> None:
    found = read(PROSE, meta(og__site_name="Copy House"), "https://copies.example/x")
    assert (found["republisher"], found.get("outlet")) == ("Copy House", None)


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


# Address, language


def test_a_canonical_address_is_made_whole_and_one_of_the_front_page_is_not_believed() -> None:
    link = '<link rel="canonical" href="{}">'
    assert read(PROSE, link.format("/a/b?x=1#top"), "https://x.example/z")["url"] == "https://x.example/a/b?x=1"
    assert read(PROSE, link.format("https://x.example/"), "https://x.example/z")["url"] == "https://x.example/z"


def test_the_language_is_the_markups_unless_the_text_is_in_another_script() -> None:
    assert read(PROSE, lang="en-GB")["language"] == "en"
    assert read(PROSE, lang="")["language"] == "en"
    han = "<p>" + "国家安全机关提醒公众注意境外间谍情报机关的渗透活动，请及时举报。" * 6 + "</p>"
    assert read(han, lang="en")["language"] == "zh"
