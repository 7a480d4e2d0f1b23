"""What counts as a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.text import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The dogs' bone, isn't it?", ["The", "dogs", "bone", "isn't", "it"]),
        ("People’s well-known 5G U.S. co‐operation", ["People’s", "well-known", "5G", "U", "S", "co‐operation"]),
        ("Příliš žluťoučký kůň", ["Příliš", "žluťoučký", "kůň"]),
        ("中国GDP增长", ["中", "国", "GDP", "增", "长"]),
        ("スパイ がいる", ["ス", "パ", "イ", "が", "い", "る"]),
        ("국가 안보", ["국가", "안보"]),
        ("5,500 files in 2019–2020", ["5", "500", "files", "in", "2019", "2020"]),
        ("snake_case and --dashes-- 'quoted'", ["snake", "case", "and", "dashes", "quoted"]),
        ("", []),
        ("… — “” ?!", []),
    ],
)
def test_words_are_runs_of_letters_and_digits_or_single_han_and_kana(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text(max_size=60))
def test_words_stand_in_the_text_in_their_order_and_hold_no_white_space(text: str) -> None:
    at = 0
    for word in words(text):
        at = text.index(word, at) + len(word)
        assert word
        assert not any(character.isspace() for character in word)
    assert len(words(text)) == len(words(f" {text}\n"))
