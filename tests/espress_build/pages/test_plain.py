"""Bodies of plain-text copies: the lines of the article, and none of the page around it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress_build.inputs.record import parse_record
from espress_build.pages.plaintext import body_of_text
from espress_build.pipeline.extract import split_lines

MENU = ["Home", "World", "Business", "Sport", "Sign in", "Subscribe"]
FOOT = ["Leave a Reply", "Name *", "Email *", "3 comments", "Privacy policy", "About us", "Terms", "Jobs"]
ENGLISH = [
    "The ministry said on Monday that it had found the papers in a flat near the river, after a search of two days.",
    "Its spokesman declined to say who had rented the flat, or whether anybody had been arrested in the case so far.",
    "“We do not comment on a case that is before the court,” he told reporters, and left the room by the other door.",
]
CZECH = [
    "Policie v pondělí uvedla, že dokumenty našla v bytě u řeky, kde po dva dny hledala stopy po neznámém nájemci.",
    "Mluvčí odmítl sdělit, kdo si byt pronajal a zda byl v souvislosti s případem dosud kdokoli zadržen.",
    "„Případ, který je u soudu, nekomentujeme,“ řekl novinářům a odešel z místnosti druhými dveřmi.",
]
CHINESE = [
    "警方星期一表示，经过两天的搜查，他们在河边的一间公寓里找到了这些文件，但没有透露租用公寓的人是谁。",
    "发言人拒绝透露租用公寓的人的身份，也没有说明到目前为止是否已有人因此案被逮捕。",
    "“我们不对正在审理的案件发表评论，”他对记者说，随后从另一扇门离开了会场，没有回答更多的问题。",
]


def found(lines: list[str]) -> list[str]:
    return [paragraph.text for paragraph in body_of_text("\n".join(lines)).paragraphs]


@pytest.mark.parametrize("body", [ENGLISH, CZECH, CHINESE])
@pytest.mark.parametrize("blank", [False, True])
def test_menus_and_footers_around_an_article_are_left_out_in_any_language(body: list[str], *, blank: bool) -> None:
    lines = [*MENU, "A headline of some words", *body, *FOOT]
    assert found([part for line in lines for part in ((line, "") if blank else (line,))]) == body


def test_a_cookie_note_far_above_and_replies_far_below_are_not_the_article() -> None:
    note = "We use cookies and other means to make this site work, and to count how many people visit it in a day."
    reply = "I lived in that house for years and never saw anybody go in or out of the flat they write about."
    assert found([note, "Accept", "Reject", *MENU, *ENGLISH, *FOOT, "Ann", "2 days ago", "Reply", reply]) == ENGLISH


def test_a_sub_heading_a_short_answer_and_a_list_inside_the_article_are_kept() -> None:
    end = ["He denied it.", ENGLISH[2], "- two phones", "- a map", ENGLISH[0] + " So it goes."]
    lines = [*MENU, ENGLISH[0], "What is known", ENGLISH[1], *end]
    body = body_of_text("\n".join([*lines, *FOOT]))
    assert [one.text for one in body.paragraphs] == lines[len(MENU) :]
    assert [one.role for one in body.paragraphs if one.text == "What is known"] == ["sub-heading"]


@pytest.mark.parametrize(
    "scrap", ["ADVERTISEMENT", "Share | Tweet | Pin", "Photo: Ann Lee / Wire", "https://example.org/more"]
)
def test_scraps_between_paragraphs_are_left_out(scrap: str) -> None:
    lines = [*MENU, ENGLISH[0], scrap, ENGLISH[1], scrap, ENGLISH[2], *FOOT]
    assert found(lines) == ENGLISH


def test_a_question_to_the_reader_behind_the_last_paragraph_is_no_part_of_it() -> None:
    assert found([*MENU, *ENGLISH, "Did you like this article?", *FOOT]) == ENGLISH


def test_a_paragraph_that_a_program_broke_into_lines_is_one_again_and_tells_its_lines() -> None:
    whole = (
        "The ministry said on Monday that it had found the papers in a flat near the river, after two days of search."
    )
    broken = textwrap.wrap(whole, 60)
    body = body_of_text("\n".join([*MENU, "", *broken, "", ENGLISH[1], "", *FOOT]))
    assert [(one.text, one.lines) for one in body.paragraphs] == [
        (whole, (8, 9)),
        (ENGLISH[1], (11, 11)),
    ]


@pytest.mark.parametrize("folder", sorted(Path("raw/articles").iterdir()), ids=lambda folder: folder.name)
def test_on_the_projects_own_pages_the_lines_are_exactly_the_curated_ones(folder: Path) -> None:
    record, _ = parse_record((folder / "record.toml").read_text(encoding="utf-8"))
    assert record is not None
    lines = [line.text for line in split_lines((folder / "source.txt").read_text(encoding="utf-8"), 0)]
    wanted = {span.line for span in record.spans if span.role in ("body", "sub-heading")}
    body = body_of_text("\n".join(lines))
    assert {line for one in body.paragraphs if one.lines for line in range(one.lines[0], one.lines[1] + 1)} == wanted


@pytest.mark.parametrize(
    "text", ["", "\n", "Home", "Home | Contact\nPage 404", "\0", "\ufeff", "?" * 300, "." * 100_000]
)
def test_a_text_without_prose_has_no_body_or_one_of_its_own_lines(text: str) -> None:
    assert all(one.text in text for one in body_of_text(text).paragraphs)


SCRAPS = st.sampled_from([*MENU, *FOOT, *ENGLISH, *CZECH, *CHINESE, "", " ", "\ufeff", "\t", "- x", "a.", "?"])


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(SCRAPS, max_size=30))
def test_every_paragraph_stands_in_the_lines_that_it_names_and_they_rise(lines: list[str]) -> None:
    last = 0
    for one in body_of_text("\n".join(lines)).paragraphs:
        assert one.lines is not None
        assert last < one.lines[0] <= one.lines[1] <= len(lines)
        assert " ".join(" ".join(lines[one.lines[0] - 1 : one.lines[1]]).split()) == one.text
        last = one.lines[1]
