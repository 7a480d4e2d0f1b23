"""Figures on `stance`, against values computed by hand, and what must hold for every model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress.probe.constructed.conftest import ABOUT, make_article

from espress.probe.constructed.items import _make_article, choose_items, read_items
from espress.probe.constructed.stance_result import score_stance

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from espress.probe.constructed.stance_result import StanceResult

STANCES = ("against", "neither", "favor")
TEST = choose_items(read_items("stance"), "test")


def score_rows(rows: Iterable[dict[str, Any]], answers: dict[str, str]) -> StanceResult:
    """Score rows of `stance_articles`; answers that are not given are right."""
    items = [_make_article(row) for row in rows]
    return score_stance(items, {item.item_id: answers.get(item.item_id, item.gold) for item in items}, ABOUT)


def make_sheets(*sheets: str) -> list[dict[str, Any]]:
    return [make_article(sheet, "wire", stance) for sheet in sheets for stance in STANCES]


def test_macro_f1_triplets_and_devices() -> None:
    result = score_rows(make_sheets("s001", "s002"), {"s001/wire/favor": "neither"})
    # favor: 1 of 2, precision 1; neither: 2 of 2, precision 2/3; against: all right
    assert result.value == pytest.approx((2 / 3 + 4 / 5 + 1) / 3)
    assert result.triplets is not None
    assert (result.triplets.cases, result.triplets.share.value) == (2, 0.5)
    assert {name: (own.cases, own.share.value) for name, own in result.devices.items()} == {"factive_verb": (4, 0.75)}
    assert result.confusion["favor"] == {"favor": 1, "neither": 1}
    assert result.accuracy == pytest.approx(5 / 6)


def test_a_triplet_with_an_article_that_is_not_kept_is_left_out() -> None:
    result = score_rows([*make_sheets("s001"), *make_sheets("s002")[:2]], {})
    assert result.triplets is not None
    assert result.triplets.cases == 1


def test_controls_are_apart_and_tell_quoting_from_endorsing() -> None:
    controls = [make_article(f"s00{n}", "control", "neither") for n in (1, 2, 3, 4)]
    answers = {"s001/control": "favor", "s002/control": "favor", "s003/control": "against"}
    result = score_rows([*make_sheets("s001"), *controls], answers)
    assert result.value == 1.0
    assert result.controls is not None
    assert (result.controls.articles, result.controls.right.value) == (4, 0.25)
    assert (result.controls.quoted_side, result.controls.other_side) == (2, 1)


def test_copies_are_apart_and_show_the_direction_of_flips() -> None:
    sheets = [f"s00{n}" for n in range(1, 8)]
    written = make_sheets(*sheets)
    exchanged = {"state_accused": "NL", "state_accusing": "CN"}
    copies = [make_article(sheet, "wire", stance, "states", **exchanged) for sheet in sheets for stance in STANCES]
    # as soon as China is not accused, the model no longer sees `favor`
    result = score_rows([*written, *copies], {f"{sheet}/wire/favor/states": "neither" for sheet in sheets})
    (swap,) = result.swaps
    assert result.value == 1.0
    assert (swap.kind, swap.pairs, swap.first, swap.second) == ("states", 21, 7, 0)
    assert swap.flipped.value == pytest.approx(1 / 3)
    assert (swap.sheets_first, swap.sheets_second) == (7, 0)
    assert swap.p == pytest.approx(2 / 2**7)
    assert swap.accuracy.value == pytest.approx(2 / 3)
    assert any("lean to `favor` when China is accused" in finding for finding in result.findings)


def test_the_direction_is_that_of_the_accused_state_not_of_the_copy() -> None:
    accused = {"state_accused": "NL", "state_accusing": "CN"}
    written = [make_article("s001", "wire", stance, **accused) for stance in STANCES]
    copies = [make_article("s001", "wire", stance, "states") for stance in STANCES]
    result = score_rows([*written, *copies], {"s001/wire/neither/states": "favor"})
    assert (result.swaps[0].first, result.swaps[0].second) == (1, 0)


def test_a_perfect_model_has_one_everywhere_and_no_flips() -> None:
    result = score_stance(TEST, {item.item_id: item.gold for item in TEST}, ABOUT)
    assert result.triplets is not None
    assert result.controls is not None
    shares = [result.triplets.share, result.controls.right, *(own.share for own in result.devices.values())]
    assert {result.value, *(share.value for share in shares), *(one.macro_f1.value for one in result.groups)} == {1.0}
    assert {swap.flipped.value for swap in result.swaps} == {0.0}
    assert {swap.kind for swap in result.swaps} == {"states", "polarity"}
    assert not result.findings


@pytest.mark.parametrize("answer", STANCES)
def test_a_model_of_one_answer_has_no_triplet_right_and_is_said_to_ignore_the_text(answer: str) -> None:
    result = score_stance(TEST, dict.fromkeys((item.item_id for item in TEST), answer), ABOUT)
    assert result.triplets is not None
    assert result.triplets.share.value == 0.0
    assert result.one_answer == 1.0
    assert f"Gives one answer, {answer!r}" in str(result)
    assert "does not read the author's voice" in result.to_markdown()


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rng: random.Random) -> None:
    answers: dict[str, str | None] = {item.item_id: rng.choice(STANCES) for item in TEST}
    mixed = rng.sample(TEST, len(TEST))
    assert score_stance(TEST, answers, ABOUT) == score_stance(mixed, answers, ABOUT)
