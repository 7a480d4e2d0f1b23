"""Body, headline and credits in plain-text copies of pages."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress_build.pages.plaintext import body_of_text, lines_of
from espress_build.pages.plaintext_facts import credits_by, headline

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
    assert [(one.text, one.lines) for one in body.paragraphs] == [(whole, (8, 9)), (ENGLISH[1], (11, 11))]


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


ENGLISH_LINES = (
    "The ministry said on Monday that it had found the papers in a flat near the river, after a search that took two "
    "days and three nights. Its spokesman declined to say who had rented the flat, or whether anybody was arrested."
)
CHINESE_LINES = (
    "警方星期一表示，经过两天的搜查，他们在河边的一间公寓里找到了这些文件，"
    "但没有透露租用公寓的人是谁，也没有说明是否有人被捕。"
)


@pytest.mark.parametrize("indent", ["", "   "])
@pytest.mark.parametrize("width", [64, 72, 78])
def test_paragraphs_broken_at_a_width_are_whole_again(width: int, indent: str) -> None:
    paragraphs = [f"{number}. {ENGLISH_LINES}" if number % 4 == 0 else ENGLISH_LINES for number in range(1, 9)]
    broken = "\n\n".join(
        textwrap.fill(one, width, initial_indent=indent, subsequent_indent=indent) for one in paragraphs
    )
    assert [line.text for line in lines_of(broken)] == paragraphs


def test_a_script_without_spaces_is_joined_without_any() -> None:
    broken = "\n".join(CHINESE_LINES[at : at + 39] for at in range(0, len(CHINESE_LINES), 39))
    assert [line.text for line in lines_of("\n\n".join([broken] * 5))] == [CHINESE_LINES] * 5


def test_items_of_a_list_stay_apart_in_a_broken_text() -> None:
    items = [f"* {ENGLISH_LINES[:30]} {number}" for number in range(3)]
    text = "\n\n".join([textwrap.fill(ENGLISH_LINES, 72)] * 4 + ["\n".join(items)])
    assert [line.text for line in lines_of(text)][4:] == items


def test_a_sentence_that_a_link_tore_apart_is_whole_again() -> None:
    torn = "The ministry said on Monday that\nits spokesman\n, who has left, had found the papers in a flat."
    assert [line.text for line in lines_of(torn)] == [
        "The ministry said on Monday that its spokesman, who has left, had found the papers in a flat."
    ]


def test_menu_entries_stay_apart() -> None:
    entries = ["news", "sport", "culture", "weather", "sign in"]
    assert [line.text for line in lines_of("\n".join(entries))] == entries


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=90), max_size=30))
def test_no_character_is_lost_and_lines_rise(lines: list[str]) -> None:
    found = lines_of("\n".join(lines))
    assert "".join("".join(line.text.split()) for line in found) == "".join(
        "".join(line.strip("\ufeff").split()) for line in lines
    )
    numbers = [number for line in found for number in (line.first, line.last)]
    assert numbers == sorted(numbers)


def test_an_article_above_many_replies_is_the_article() -> None:
    article = [f"{ENGLISH_LINES} That was the {number}th time." for number in range(5)]
    said = "I have lived there for {} years and never saw that, so who knows what they found."
    replies = [said.format(number) for number in range(40)]
    names = [f"Visitor {number}" for number in range(40)]
    below = [part for pair in zip(names, replies, strict=True) for part in (*pair, "Reply")]
    body = body_of_text("\n".join(["Home", "News", "A headline", *article, "40 comments", *below]))
    found = [paragraph.text for paragraph in body.paragraphs]
    assert found[: len(article)] == article
    assert len(found) <= len(article) + 1


@pytest.mark.parametrize("junk", ["a" * 300_000, "- " * 100_000, "(" * 200_000, ", " * 100_000, "1:" * 100_000])
def test_endless_lines_are_read_in_passing(junk: str) -> None:
    body = body_of_text("\n".join([ENGLISH_LINES, junk, ENGLISH_LINES + " So it goes."]))
    assert body.paragraphs


BODY = [
    "The harbour council voted on Monday to close the old lighthouse, which had guided ships since the war.",
    "Keepers said that the lighthouse was still needed by the fishing boats that leave the harbour at night.",
]
MENU_HEADING = ["Home", "News", "Opinion and analysis", "Harbour", "Subscribe to our newsletter", "Search this site"]
TITLE = "Council closes old harbour lighthouse"


@pytest.mark.parametrize(
    "between",
    [
        [],
        ["By Irena Voss", "2019-11-21"],
        ["21 November 2019 18:05", "Share", "Tweet", "12 comments"],
        ["After a long debate, the harbour council has decided about the lighthouse that guided its ships"],
    ],
)
def test_the_headline_is_found_below_menus_and_above_standfirst_byline_and_share_prompts(between: list[str]) -> None:
    lines = [*MENU_HEADING, "", TITLE, "", *between, "", *BODY]
    assert headline(lines, lines.index(BODY[0]) + 1, set()) == lines.index(TITLE) + 1


def test_the_headline_of_a_script_without_spaces_is_found() -> None:
    title = "港口委员会决定关闭老灯塔"
    body = "港口委员会星期一表决，决定关闭自战争以来一直为船只引航的老灯塔，渔民表示反对这一决定。"
    lines = ["首页", "新闻", "国际新闻频道在线", title, "2019年11月21日 18:05", body]
    assert headline(lines, 6, {5}) == 4


def test_a_menu_above_a_body_is_no_headline() -> None:
    assert headline([*MENU_HEADING, *BODY], len(MENU_HEADING) + 1, set()) is None


@pytest.mark.parametrize("lines", [[""], ["", ""], ["?", BODY[0]], ["x" * 200_000, BODY[0]]])
def test_odd_lines_are_no_headline(lines: list[str]) -> None:
    assert headline(lines, len(lines), set()) is None


@pytest.mark.parametrize(
    ("lines", "day", "authors"),
    [
        (["Von Irena Voss", "21. November 2019, 18:05 Uhr"], "2019-11-21", ["Irena Voss"]),
        (["Aktualisiert: 22.11.2019", "21.11.2019", "Von Ina Voss und T. Renn"], "2019-11-21", ["Ina Voss", "T. Renn"]),
        (["2019年11月21日 18:05", "记者 王小明"], "2019-11-21", ["王小明"]),
        (["Publié le 21 novembre 2019", "Par Irena Voss"], "2019-11-21", ["Irena Voss"]),
    ],
)  # fmt: skip
def test_day_and_authors_are_read_between_headline_and_body(lines: list[str], day: str, authors: list[str]) -> None:
    text = [*MENU_HEADING, TITLE, *lines, *BODY]
    found = credits_by(text, len(MENU_HEADING) + 1, len(MENU_HEADING) + len(lines) + 2, None)
    assert found["published"].value == day
    assert found["authors"].value == authors


def test_lines_far_from_the_headline_say_nothing() -> None:
    text = ["By Irena Voss", "2001-01-01", *MENU_HEADING, TITLE, *BODY]
    assert credits_by(text, len(MENU_HEADING) + 3, len(MENU_HEADING) + 4, None) == {}
