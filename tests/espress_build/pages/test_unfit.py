"""Text files that are no copies of pages are refused with a reason; what reads like prose is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from espress_build.pages.charset import to_utf8
from espress_build.pages.read import Failure, Page, Saved, read_page

if TYPE_CHECKING:
    from espress_build.inputs.params import Params

PROSE = "\n\n".join(
    f"The {place} council said on Monday that it had found the papers in a flat near the river, after a search."
    for place in ("town", "county", "city", "village")
)
CZECH = "Policie zadržela inženýra, který podle ní předával tajné údaje cizí službě.\n"


def read(name: str, text: str, params: Params) -> Page | Failure:
    return read_page(Saved(name, text.encode()), params.pages)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a/facts.json", '{"title": "' + PROSE.replace("\n", " ") + '"}'),
        ("a/broken.json", '{"title": '),
        ("a/rows.csv", "title,text\n" + PROSE),
        ("a/notes.md", "# Notes\n\n- one\n- two\n\n" + PROSE[:120]),
        ("a/README.md", PROSE),
        ("a/page.txt", '{"title": "A page", "text": ["one", "two"]}'),
        ("a/lines", '{"title": "A page"}\n{"title": "Another page"}\n'),
    ],
)
def test_data_and_notes_are_no_pages_and_the_reason_says_what_to_do(name: str, text: str, params: Params) -> None:
    found = read(name, text, params)
    assert isinstance(found, Failure)
    assert found.reason == "not_a_page"
    assert "name" in found.detail


@pytest.mark.parametrize("name", ["a/page.txt", "a/page", "a/2019.07.23", "a/article.md", "warc.gz@1234"])
def test_prose_is_a_page_whatever_it_is_called_that_is_no_data(name: str, params: Params) -> None:
    assert isinstance(read(name, "A headline\n\n" + PROSE, params), Page)


def test_html_named_as_data_is_still_html(params: Params) -> None:
    found = read("a/page.xml", f"<html><body><p>{PROSE}</p></body></html>", params)
    assert isinstance(found, Page)
    assert found.kind == "html"


@pytest.mark.parametrize("charset", ["cp1250", "utf-16", "utf-16-le"])
def test_the_way_to_utf8_is_told_where_the_character_set_is_sure(charset: str) -> None:
    told = to_utf8((CZECH * 3).encode(charset))
    assert told is not None
    codec = told.split()[2].casefold()
    assert (CZECH * 3).encode(charset).decode(codec).removeprefix("\ufeff") == CZECH * 3


@pytest.mark.parametrize("payload", ["café".encode("latin-1"), CZECH.encode(), bytes(range(128, 256)) * 3])
def test_no_way_is_told_where_the_character_set_is_not_sure_or_needs_no_change(payload: bytes) -> None:
    assert to_utf8(payload) is None
