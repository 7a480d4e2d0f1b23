"""Words in which texts differ are marked in each of them; no character is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from espress_build.site.differences import cut, find_differences


def mark(texts: list[str]) -> list[str]:
    """Return the texts with brackets around what differs."""
    return [
        "".join(f"[{one.text}]" if one.differs else one.text for one in cut(text, flags))
        for text, flags in zip(texts, find_differences(texts), strict=True)
    ]


def test_whole_words_are_marked_in_both_texts() -> None:
    assert mark(["Police said that spies left.", "Two porters said that spies left."]) == [
        "[Police] said that spies left.",
        "[Two porters] said that spies left.",
    ]


def test_an_insertion_is_marked_without_the_blank_before_it() -> None:
    assert mark(["He says this.", "He says rather lamely this."]) == ["He says this.", "He says [rather lamely] this."]


def test_the_first_text_shows_what_differs_from_any_other() -> None:
    assert mark(["a b c", "x b c", "a b y"]) == ["[a] b [c]", "[x] b c", "a b [y]"]


def test_chinese_is_compared_by_characters() -> None:
    assert mark(["警方表示他是间谍", "厂方表示他是间谍"]) == ["[警]方表示他是间谍", "[厂]方表示他是间谍"]


def test_the_source_is_marked_across_a_difference() -> None:
    pieces = cut("the police said", [False] * 4 + [True] * 6 + [False] * 5, (0, 10))
    assert [(one.text, one.differs, one.is_source) for one in pieces] == [
        ("the ", False, True),
        ("police", True, True),
        (" said", False, False),
    ]


@settings(max_examples=40)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=3))
def test_no_character_is_lost(texts: list[str]) -> None:
    for text, flags in zip(texts, find_differences(texts), strict=True):
        assert len(flags) == len(text)
        assert "".join(one.text for one in cut(text, flags)) == text
