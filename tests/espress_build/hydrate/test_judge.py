"""What is judged of a page, without a server; and that nothing a server may say ends a run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.espress_build.hydrate.conftest import SLUG, Judge
from tests.espress_build.hydrate.server import article

from espress_build.hydrate.judge import days_apart
from espress_build.hydrate.responses import Fetched

URL = f"https://news.example{SLUG}"


def page(text: str, url: str = URL, final: str | None = None) -> Fetched:
    payload = text.encode()
    return Fetched(url, final or url, 200, "2026-01-01T00:00:00+00:00", "text/html", "utf-8", payload, "0" * 64)


def test_the_article_itself_is_passed_without_a_word(judge: Judge) -> None:
    assert judge.reason(page(article(url=URL))) is None
    assert judge.warned(page(article(url=URL))) == []


def test_a_wrong_day_alone_is_a_warning_where_the_page_names_the_address_as_its_own(judge: Judge) -> None:
    got = page(article(url=URL, day="2021-01-01"))
    assert judge.reason(got) is None
    assert any("days from the catalogued day" in one for one in judge.warned(got))
    assert judge.warned(got, published="2021-01") == []


def test_another_language_alone_is_a_warning(judge: Judge) -> None:
    got = page(article(language="fr"))
    assert judge.reason(got) is None
    assert judge.warned(got) == ["the page is in fr, the catalogue says en"]


def test_a_short_article_and_a_way_back_to_http_are_warned_of(judge: Judge) -> None:
    got = page(article(paragraphs=1), final=URL.replace("https:", "http:"))
    assert judge.reason(got) is None
    assert [one.partition(" ")[0] for one in judge.warned(got)] == ["asked", "the"]


def test_what_an_archive_gave_did_not_move(judge: Judge) -> None:
    there = f"https://archive.example/web/20190724100000id_/{URL}"
    got = replace(page(article(), final=there), archive_url=there, archived_at="2019-07-24T10:00:00+00:00")
    assert judge.reason(got) is None
    assert judge.warned(got) == []


def test_a_list_of_headlines_is_no_article(judge: Judge) -> None:
    links = "".join(f'<li><a href="/{n}">Ferry fares rise again, says harbour {n}</a></li>' for n in range(30))
    got = page(f"<html><head><title>The Harbour Courier</title></head><body><ul>{links}</ul></body></html>")
    assert judge.reason(got) in ("no_article", "another_article")


@pytest.mark.parametrize(
    ("shown", "catalogued", "days"),
    [("2019-07-23", "2019-07-24", 1), ("2019-07-23T23:59:59+02:00", "2019-07-23", 0), ("2019-12-31", "2019-12", 0),
     ("2020-01-01", "2019-12", 1), ("2019-11-29", "2019-12", 2), ("2019-07", "2019-07-01", None),
     (None, "2019-07", None), ("2019-07-23", None, None), ("2019-07-99", "2019-07", None)],
)  # fmt: skip
def test_days_between_what_a_page_shows_and_what_is_catalogued(
    shown: str | None, catalogued: str | None, days: int | None
) -> None:
    assert days_apart(shown, catalogued) == days
