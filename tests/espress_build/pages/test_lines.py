"""Lines of plain-text copies: what a program broke or a page tore is whole again, and no line is lost."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress_build.pages.plaintext import body_of_text, lines_of

ENGLISH = (
    "The ministry said on Monday that it had found the papers in a flat near the river, after a search that took two "
    "days and three nights. Its spokesman declined to say who had rented the flat, or whether anybody was arrested."
)
CHINESE = (
    "警方星期一表示，经过两天的搜查，他们在河边的一间公寓里找到了这些文件，"
    "但没有透露租用公寓的人是谁，也没有说明是否有人被捕。"
)


@pytest.mark.parametrize("indent", ["", "   "])
@pytest.mark.parametrize("width", [64, 72, 78])
def test_paragraphs_broken_at_a_width_are_whole_again(width: int, indent: str) -> None:
    paragraphs = [f"{number}. {ENGLISH}" if number % 4 == 0 else ENGLISH for number in range(1, 9)]
    broken = "\n\n".join(
        textwrap.fill(one, width, initial_indent=indent, subsequent_indent=indent) for one in paragraphs
    )
    assert [line.text for line in lines_of(broken)] == paragraphs


def test_a_script_without_spaces_is_joined_without_any() -> None:
    broken = "\n".join(CHINESE[at : at + 39] for at in range(0, len(CHINESE), 39))
    assert [line.text for line in lines_of("\n\n".join([broken] * 5))] == [CHINESE] * 5


def test_items_of_a_list_stay_apart_in_a_broken_text() -> None:
    items = [f"* {ENGLISH[:30]} {number}" for number in range(3)]
    text = "\n\n".join([textwrap.fill(ENGLISH, 72)] * 4 + ["\n".join(items)])
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
    article = [f"{ENGLISH} That was the {number}th time." for number in range(5)]
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
    body = body_of_text("\n".join([ENGLISH, junk, ENGLISH + " So it goes."]))
    assert body.paragraphs
