"""An article as HTML: its text is shown whole and as text, each mark covers its words, and every label is there."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html  # type: ignore[import-untyped]
from tests.espress.reader import invented

import espress
from espress.reader.article import Article, find_mark, gather
from espress.reader.render import InPage, read_asset, render_fragment, render_page, show_words

GOLDEN = Path(__file__).with_name("article.html")
ARTICLES = espress.load("articles", as_="arrow")["article_id"].to_pylist()


@cache
def _read(table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = espress.load(table, as_="arrow").to_pylist()
    return rows


def _show(article: Article) -> Any:
    return html.fromstring(str(render_fragment(article, InPage())))


def _gather(tables: dict[str, Any], *, unmasked: bool = False) -> Article:
    return gather(invented.ARTICLE, lambda name: tables[name], unmasked=unmasked)


def _unit(page: Any, mark: str) -> Any:
    return page.get_element_by_id(mark)


def _words(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _notes(page: Any, mark: str) -> str:
    return _words(_unit(page, mark).find_class("notes")[0])


@pytest.fixture(scope="module")
def page() -> Any:
    return _show(_gather(invented.make_tables()))


# ---------------------------------------------------------------- the corpus


@pytest.mark.parametrize("article_id", ARTICLES)
def test_text_and_marks_of_the_corpus_are_those_of_the_tables(article_id: str) -> None:
    page = _show(gather(article_id, _read, unmasked=True))
    units = [row for row in _read("sentences") if row["article_id"] == article_id]
    shown = page.find_class("text")
    assert [one.text_content() for one in shown] == [row["text"] for row in units]
    assert [one.get("data-unit") for one in shown] == [find_mark(row["sentence_id"]) for row in units]
    numbers = {row["proposition_id"]: number for number, row in enumerate(_read("propositions"), 1)}
    entries = [row for row in _read("entries") if row["article_id"] == article_id]
    for row in entries:
        mark = find_mark(row["sentence_id"])
        key = f"{mark}-{numbers[row['proposition_id']]}-{row['source_no']}"
        for kind in ("source", "cue"):
            words = [
                one.text_content()
                for one in _unit(page, mark).iter("mark")
                if f"{kind}-words" in one.get("class").split() and key in one.get("data-entry").split()
            ]
            assert ("".join(words) or None) == row[f"{kind}_span"]
    assert len(page.find_class("label-entry")) == len(entries)
    assert len(page.find_class("has-lapsed")) == len({row["sentence_id"] for row in entries if row["lapsed"] == "yes"})


@pytest.mark.parametrize("article_id", ARTICLES)
def test_private_persons_are_named_only_when_asked(article_id: str) -> None:
    units = [row for row in _read("sentences") if row["article_id"] == article_id]
    names = {
        unit["text"][mask["mask_start"] : mask["mask_end"]]
        for unit in units
        for mask in unit["masks"]
        if mask["mask"].startswith("[PERSON")
    }
    shown = render_page(gather(article_id, _read), "version 1")
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", shown)] == []
    named = render_page(gather(article_id, _read, unmasked=True), "version 1")
    assert all(name in named for name in names)


# ---------------------------------------------------------------- an invented article


def test_the_page_is_the_one_that_was_reviewed() -> None:
    """To accept a change, look at it in a browser: ACCEPT=1 pytest tests/espress/reader/test_article.py."""
    shown = str(render_fragment(_gather(invented.make_tables()), InPage()))
    if os.environ.get("ACCEPT"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_markup_in_a_text_is_shown_as_text(page: Any) -> None:
    assert not list(page.iter("script", "em", "i", "img"))
    assert _unit(page, "t.01").find("h1").text_content() == invented.TITLE
    assert not [element for element in page.iter() for name in element.attrib if name.startswith("on")]
    assert {element.get("href")[0] for element in page.iter("a")} == {"#"}


def test_both_readings_of_lapsed_attribution_are_shown(page: Any) -> None:
    assert "attribution lapsed as it stands outlet (outlet), no cue carried on service (official), cue neutral" in (
        _notes(page, "p01.02")
    )
    assert "Attribution is lapsed in 1 of 6 units: p01.02 ." in _words(page)


def test_labels_are_in_the_margin_of_their_unit(page: Any) -> None:
    assert "deny port (official) · cue exposes endorsing" in _notes(page, "t.01")
    assert "support service via port (official) · cue said in its report neutral" in _notes(page, "p01.01")
    assert "port confirmed neutral hedged" in _notes(page, "p01.01")
    assert "bears on it: no majority" in _notes(page, "h01.01")
    assert "bears on no proposition" in _notes(page, "s.01")


def test_votes_are_there_on_demand(page: Any) -> None:
    notes = _notes(page, "p02.01")
    assert "passes differ on 1 of 2 judgements position, proposition 2, source 1" in notes
    assert "by-rule question in-order question shuffled mention gold question" in notes
    assert "[PERSON_1] <em>position</em>" in notes
    assert "all passes agree" in _notes(page, "p01.02")
    assert "of an old codebook" not in _words(page)


def test_each_fact_says_how_it_is_known(page: Any) -> None:
    facts = {
        element.find("dt").text_content(): _words(element.find("dd"))
        for element in page.find_class("facts")[0].find("dl")
    }
    assert "CZ Basis: look-up, confidence: high Note: <i>imprint</i>" in facts["country of the outlet"]
    assert "Source: https://example.org/imprint (2024-01-03)" in facts["country of the outlet"]
    assert facts["authors"].startswith("not known Basis: unknown Note: not shown")
    for button in page.find_class("fact"):
        assert page.get_element_by_id(button.get("aria-describedby")).get("role") == "tooltip"


def test_left_out_bytes_have_a_place(page: Any) -> None:
    places = [
        element.get("id") or _words(element)
        for element in page.iter("p", "div")
        if "unit" in element.get("class", "").split() or "left-out" in element.get("class", "").split()
    ]
    start, between = 20 + len(invented.TITLE.encode()), 120 + len(invented.STANDFIRST.encode())
    end = 200 + len(invented.TEXT.encode())
    left_out = "Left out of the text: {} bytes of the source file ({}–{})"
    assert places == [
        left_out.format(20, 0, 20), "t.01",
        left_out.format(120 - start, start, 120), "s.01",
        left_out.format(200 - between, between, 200), "p01.01", "p01.02", "h01.01", "p02.01",
        left_out.format(30, end, end + 30),
    ]  # fmt: skip


def test_stance_has_its_votes_and_devices(page: Any) -> None:
    words = _words(page.find_class("stance")[0])
    assert "Stance: against" in words
    assert "Statement of covert_activity_by_cn." in words
    votes = _words(page.find_class("stance-votes")[0])
    assert "by-rule against – t.01 'exposes' +; A1.99 'none' - [PERSON_1] <em>" in votes


def test_the_page_of_an_article_without_labels_says_so() -> None:
    bare = invented.make_tables()
    bare |= {name: [] for name in ("entries", "relevance", "votes", "annotations", "article_stance")}
    shown = _show(_gather(bare))
    assert "This article has no labels" in _words(shown)
    assert not shown.find_class("votes")
    assert not shown.find_class("view")


def test_withheld_text_leaves_labels_and_lengths() -> None:
    tables: dict[str, Any] = invented.make_tables()
    tables["articles"] = [row | {"title": None, "standfirst": None, "text": None} for row in tables["articles"]]
    tables["sentences"] = [row | {"text": None} for row in tables["sentences"]]
    tables["entries"] = [row | {"source_span": None, "cue_span": None} for row in tables["entries"]]
    shown = _show(_gather(tables))
    assert "The open edition holds no text" in _words(shown)
    assert [one.text_content() for one in shown.find_class("text")] == [
        f"{len(row['text'])} characters withheld in the open edition" for row in invented.UNITS
    ]
    row = invented.ENTRIES[0]
    assert f"cue at characters {row['cue_span_start']}–{row['cue_span_end']}, endorsing" in _notes(shown, "t.01")


# ---------------------------------------------------------------- any text

_HOSTILE = (
    "<script>alert(1)</script>",
    "</style>",
    "\u202e",
    "\u2066",
    "&lt;",
    "x" * 10_000,
    "ש",
    "é",
    "e\u0301",
    "中",
)


@given(st.lists(st.sampled_from([*_HOSTILE, " "]) | st.text(max_size=5), max_size=8).map("".join))
def test_text_of_others_stays_text(text: str) -> None:
    shown = str(show_words(text))
    assert set(re.findall(r"</?(\w+)", shown)) <= {"bdi"}
    plain = re.sub(r"</?bdi[^>]*>", "", shown)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    assert plain == text
    for control in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068":
        assert shown.count(control) == shown.count(f">{control}</bdi>")


def test_the_page_runs_its_own_script_only_and_loads_nothing() -> None:
    shown = render_page(_gather(invented.make_tables()), "version <1>")
    page = html.document_fromstring(shown)
    (script,) = page.iter("script")
    assert script.text == read_asset("reader.js")
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "default-src 'none'" in policy
    assert policy.count("'sha256-") == 2
    assert not re.search(r"url\(|@import", read_asset("reader.css"))
    assert not page.xpath("//link | //img | //@src")
    assert page.find("head/title").text == invented.TITLE
    anchors = set(page.xpath("//@id"))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= anchors
