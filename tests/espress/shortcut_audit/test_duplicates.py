"""Copies of a text are found, whatever their case and spacing, and near copies where most runs of words are shared."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress.shortcut_audit.made import encoded

from espress.shortcut_audit.duplicates import find_duplicates
from espress.shortcut_audit.folds import make_design

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = [f"w{at}" for at in range(500)]


def _found(texts: list[str], split: list[str | None] | None = None) -> Any:
    rows = encoded(texts, split=split)
    return find_duplicates(rows, make_design(rows, 0))


def _text(seed: int, words: int = 30) -> list[str]:
    return [WORDS[at] for at in np.random.default_rng(seed).integers(len(WORDS), size=words)]


def test_exact_near_and_distinct_texts_are_distinguished() -> None:
    changed = _text(1)
    changed[15] = "other"
    half = _text(2)
    half[10:] = _text(3)[10:]
    texts = [" ".join(_text(0)), " ".join(_text(0)).upper() + " \n", " ".join(_text(1)), " ".join(changed)]
    texts += [" ".join(_text(2)), " ".join(half), " ".join(_text(9)), " ".join(_text(10))]
    found = _found(texts, ["train", "test", "train", "train", "train", "test", "test", "train"])
    assert (found.exact_groups, found.near_groups, found.rows, found.straddling_groups) == (1, 1, 4, 1)
    assert (found.tested_rows, found.tested_n) == (1, 3)
    assert [(each.kind, each.straddles, each.rows) for each in found.shown] == [
        ("exact", True, "rows 1, 2"),
        ("near", False, "rows 3, 4"),
    ]
    assert found.shown[0].labels == ("a", "b")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.translate(str.maketrans("“”’", '""\'')),
        lambda text: text.replace("-", "\u2011"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("service", "ser\u00advice"),
        lambda text: "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalpha() else sign for sign in text),
    ],
    ids=["straight quotes", "no-break hyphen", "NFD", "soft hyphen", "full width"],
)
def test_a_text_with_other_forms_of_characters_is_a_copy(change: Callable[[str], str]) -> None:
    text = "“The service’s five-day report,” he said, “isn’t ours: naïve work.”"
    assert change(text) != text
    found = _found([text, change(text), "Something else was said.", "Nothing was said."])
    assert (found.exact_groups + found.near_groups, found.shown[0].rows) == (1, "rows 1, 2")


def test_many_copies_of_many_texts_are_one_group_each() -> None:
    texts = [" ".join(_text(at % 30)) for at in range(900)]
    found = _found(texts)
    assert (found.exact_groups, found.rows) == (30, 900)
    assert len(found.shown) == 20
    assert found.shown[0].n == 30
    assert "25 more" in found.shown[0].rows


def test_texts_without_words_are_no_duplicates() -> None:
    assert _found(["--", "--", "…", " . "]).rows == 0


def test_scripts_without_spaces_are_compared_by_character() -> None:
    one = "公安部门昨日表示该案件仍在进一步调查之中并提醒公众提高警惕防范境外势力渗透"
    found = _found([one, one[:-1] + "入", "这是完全不同的一句话与前面两句没有任何关系只是为了测试而写的", "短句"])
    assert (found.near_groups, found.rows) == (1, 2)


@given(st.integers(0, 1000), st.integers(0, 29))
@settings(max_examples=40)  # MinHash misses a pair in some thousands, by design
def test_one_changed_word_in_thirty_is_always_found(seed: int, place: int) -> None:
    changed = _text(seed)
    changed[place] = "other"
    found = _found([" ".join(_text(seed)), " ".join(changed), *(" ".join(_text(seed + far)) for far in (5000, 9000))])
    assert found.near_groups == 1
