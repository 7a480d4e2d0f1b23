"""Pages that want to break their reader, and strings that are no pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pages.invented import REGISTRIES

from espress_build.pages.dom import Document
from espress_build.pages.propose import find_facts


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
