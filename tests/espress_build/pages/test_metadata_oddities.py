"""What goes wrong on real pages, in invented ones."""

from __future__ import annotations

import json

import pytest
from tests.espress_build.pages.invented import HEADLINE, PROSE, embedded, linked, meta, read


def test_a_headline_that_begins_with_the_sites_name_stays() -> None:
    head = "<title>Evening Sample wins prize</title>" + meta(og__site_name="Evening Sample")
    assert read(f"<h1>Evening Sample wins prize</h1>{PROSE}", head)["title"] == "Evening Sample wins prize"


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


def test_buttons_beside_the_author_are_no_authors() -> None:
    body = f'<h1>{HEADLINE}</h1><div class="author-box"><a class="author-follow">Follow Us</a></div>{PROSE}'
    assert "authors" not in read(body)


def test_a_spelt_name_is_preferred_to_a_domain() -> None:
    head = meta(og__site_name="eveningsample.com") + linked(publisher={"name": "The Evening Sample"})
    assert read(PROSE, head, "https://eveningsample.com/a/b")["outlet"] == "The Evening Sample"


def test_a_dated_page_stands_in_for_an_article_that_the_data_lack() -> None:
    page = {"@type": "WebPage", "name": f"{HEADLINE} - X", "datePublished": "2019-07-23", "url": "https://x.example/a"}
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}", embedded(json.dumps(page)))["published"] == "2019-07-23"


def test_the_last_part_of_the_title_names_an_outlet_that_nothing_else_names() -> None:
    found = read(
        "<h1>外交部回应间谍指控</h1>" + PROSE,
        "<title>外交部回应间谍指控_时政_样本网</title>",
        "http://abc.example/a",
        "zh",
    )
    assert (found["title"], found["outlet"]) == ("外交部回应间谍指控", "样本网")


def test_the_state_of_a_script_dates_a_page_that_shows_no_date() -> None:
    script = '<script>window.__STATE__={"article":{"publishedAt":"2019-07-23T10:00:00Z"}}</script>'
    assert read(f"<h1>{HEADLINE}</h1>{PROSE}{script}")["published_date"] == "2019-07-23"


def test_older_content_systems_mark_the_day_by_rdfa() -> None:
    body = (
        f'<h1>{HEADLINE}</h1><span property="dc:date dc:created" content="2019-07-23T10:00:00+02:00">Tue</span>{PROSE}'
    )
    assert read(body)["published_zone"] == "+02:00"


def test_a_heading_in_two_parts_is_spelt_as_the_page_spells_it_elsewhere() -> None:
    body = f"<h1><span>Espionage</span> <span>{HEADLINE}</span></h1>{PROSE}"
    assert read(body, meta(og__title=f"Espionage: {HEADLINE}"))["title"] == f"Espionage: {HEADLINE}"


def test_an_old_page_without_headings_is_read_by_its_lines() -> None:
    table = f"<table><tr><td><b>{HEADLINE}</b><br>By Jane Doe<br>Tuesday, July 23, 2019; Page A01{PROSE}"
    found = read(table, f"<title>Old Sample News: {HEADLINE}</title>", "http://old.sample.example/1.htm")
    assert (found["title"], found["authors"], found["published"]) == (HEADLINE, ["Jane Doe"], "2019-07-23")


def test_a_house_that_signs_alone_keeps_its_whole_name() -> None:
    assert read(PROSE, linked(author={"@type": "Organization", "name": "Ministry of Letters"}))["authors"] == [
        "Ministry of Letters"
    ]


def test_a_chinese_portals_byline_and_title_are_read() -> None:
    head = '<title>外交部回应间谍指控--国际--样本网</title><meta name="author" content="104921">'
    shown = '<h1>外交部回应间谍指控</h1><p class="author">本报记者 王小明 李 红</p>'
    body = f"{shown}<div>2019年07月23日08:05 来源：样本网</div>{PROSE}"
    found = read(body, head, "http://www.yangben.example/n1/2019/0723/c1-1.html", "zh")
    assert (found["title"], found["authors"]) == ("外交部回应间谍指控", ["王小明", "李红"])
    assert found["published"] == "2019-07-23T08:05"


def test_the_outlets_place_after_its_name_is_no_author() -> None:
    head = '<meta name="author" content="Evening Sample, Hamburg, Germany">' + meta(og__site_name="Evening Sample")
    assert "authors" not in read(f"<h1>{HEADLINE}</h1>{PROSE}", head)


@pytest.mark.parametrize(
    "line", ["来源：样本网 作者：王小明、李红", "作者：王小明 李红 责任编辑：张三", "2019年 | 记者：王小明、李红"]
)
def test_source_author_and_editor_of_one_chinese_line_are_told_apart(line: str) -> None:
    assert read(f"<h1>外交部回应间谍指控</h1><div>{line}</div>{PROSE}", lang="zh")["authors"] == ["王小明", "李红"]


def test_cells_of_a_table_are_lines_of_their_own() -> None:
    table = f"<table><tr><td>Home<br>News</td><td><b>{HEADLINE}</b><br>By Jane Doe{PROSE}"
    found = read(table, f"<title>{HEADLINE} | Old Sample</title>", "http://xyz.example/1.htm")
    assert (found["title"], found["authors"], found["outlet"]) == (HEADLINE, ["Jane Doe"], "Old Sample")


def test_a_heading_that_names_the_section_is_no_headline() -> None:
    head = meta(og__title=HEADLINE, og__site_name="Evening Sample")
    head += f"<title>{HEADLINE} | Politics | Evening Sample</title>"
    assert read(f"<h1>Politics</h1><h2>{HEADLINE}</h2>{PROSE}", head)["title"] == HEADLINE
