"""Figures on `check`, against values computed by hand, and what must hold for every model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress.probe.constructed.conftest import ABOUT, make_case

from espress.probe.constructed.check_result import score_check
from espress.probe.constructed.items import _make_case, choose_items, read_items
from espress.probe.constructed.questions import question

if TYPE_CHECKING:
    import random

    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.items import SetItem

TEST = choose_items(read_items("check"), "test", None)


def score_rows(rows: list[dict[str, Any]], right: str) -> CheckResult:
    """Score rows of `check`; `right` has a 1 for each row that is answered rightly, a 0 for a wrong answer."""
    items = [_make_case(row) for row in rows]
    other = {"yes": "no", "no": "yes"}
    answers = {
        item.item_id: item.gold if mark == "1" else other[item.gold] for item, mark in zip(items, right, strict=True)
    }
    return score_check(items, answers, ABOUT)


def test_pass_rates_and_their_mean() -> None:
    rows = [make_case(f"{f}/f{n}", fill) for f in ("a", "b") for n in (1, 2) for fill in (1, 2)]
    result = score_rows(rows, "11110110")
    rates = {one.function: one.passed.value for one in result.functions}
    assert rates == {"a": 1.0, "b": 0.5}
    assert result.value == 0.75
    assert [one.function for one in result.functions] == ["b", "a"]
    assert {one.function: (one.cases, one.frames) for one in result.functions} == {"a": (4, 2), "b": (4, 2)}
    # both frames of b have one right case of two, so every resample gives 0.5
    assert (result.low, result.high) == (0.75, 0.75)


def test_intervals_resample_frames_not_cases() -> None:
    rows = [make_case(f"a/f{n}", fill) for n in (1, 2) for fill in range(1, 6)]
    (one,) = score_rows(rows, "1111100000").functions
    assert one.passed == (0.5, 0.0, 1.0)  # a resample of two frames has 0, 1 or 2 right ones


def test_functions_of_several_languages_count_apart() -> None:
    rows = [make_case("a/f1", 1), make_case("a/f1", 2), make_case("a/f1", 1, case_id="de/a/f1/1", language="de")]
    result = score_rows(rows, "110")
    assert {name: share.value for name, share in result.by_language.items()} == {"de": 0.0, "en": 1.0}
    assert result.value == 0.5


def test_a_pair_is_right_if_all_of_its_cases_are() -> None:
    pairs = [
        make_case(f"a/f{n}", fill, label, pair_id=f"a/f1/{fill}", pair_kind="label")
        for fill in (1, 2, 3)
        for n, label in ((1, "yes"), (2, "no"))
    ]
    alone = make_case("a/f3", 1, pair_id="a/f3/1", pair_kind="label")  # the other half is not kept
    (pair,) = score_rows([*pairs, alone], "1110001").pairs
    assert (pair.kind, pair.groups) == ("label", 3)
    assert pair.all_right.value == pytest.approx(1 / 3)
    assert pair.one_answer == pytest.approx(1 / 3)  # the second pair got "yes" twice, the third "no" and "yes"


def test_all_four_of_a_contrast_set_must_be_right_and_stand_apart_from_frames() -> None:
    written = [
        make_case(f"contrast/a00{n}", edit, label, pair_id=f"contrast/a00{n}/0", pair_kind="contrast")
        for n in (1, 2)
        for edit, label in enumerate(("yes", "no", "yes", "no"))
    ]
    result = score_rows([*written, make_case("a/f1", 1), make_case("a/f1", 2)], "1111" + "1110" + "10")
    assert result.contrast is not None
    assert (result.contrast.groups, result.contrast.all_right.value) == (2, 0.5)
    assert [one.function for one in result.functions] == ["a"]
    every = result.contrast_tasks[0]
    assert (every.task, every.contrast_cases, every.contrast.value) == ("all", 8, 7 / 8)
    assert every.frames is not None
    assert (every.frame_cases, every.frames.value) == (2, 0.5)


def test_flips_and_the_sign_test_by_state() -> None:
    rows = [
        make_case(f"states/f{n}", fill, states=states, pair_id=f"states/f{n}/1", pair_kind="states")
        for n in range(1, 8)
        for fill, states in enumerate((["CN", "NL"], ["NL", "CN"], ["XV", "CN"]), 1)
    ]
    result = score_rows(rows, "110" * 6 + "111")
    assert result.states is not None
    assert (result.states.groups, result.states.cases, result.states.unequal) == (7, 21, 6)
    assert result.states.flipped.value == pytest.approx(6 / 21)
    states = {one.state: one for one in result.by_state}
    assert (states["XV"].wrong, states["XV"].flipped, states["XV"].better, states["XV"].worse) == (6, 6, 0, 6)
    assert states["XV"].p == pytest.approx(2 / 2**6)
    assert (states["CN"].better, states["CN"].worse, states["CN"].flipped) == (6, 0, 0)
    assert states["CN"].p_holm == pytest.approx(3 * 2 / 2**6)  # three states are tested
    assert not any("XV acts" in finding for finding in result.findings)


def test_a_state_whose_groups_seldom_differ_is_not_tested() -> None:
    rows = [
        make_case(f"states/f{n}", fill, states=states, pair_id=f"states/f{n}/1", pair_kind="states")
        for n in range(1, 6)
        for fill, states in enumerate((["CN", "NL"], ["NL", "CN"]), 1)
    ]
    result = score_rows(rows, "10" * 5)
    assert [one.p for one in result.by_state] == [None, None]  # p cannot be below 2 / 2**5
    assert result.states is not None
    assert result.states.flipped.value == 0.5  # of two answers, equally common, the right one is taken


def test_the_worst_cases_come_from_the_worst_functions_in_turn() -> None:
    rows = [make_case(f"{f}/f{n}", 1) for f in ("a", "b", "c") for n in (1, 2, 3, 4)]
    result = score_rows(rows, "0000" + "1000" + "1111")
    assert [one.case_id for one in result.worst] == [
        "a/f1/1", "b/f2/1", "a/f2/1", "b/f3/1", "a/f3/1", "b/f4/1", "a/f4/1",
    ]  # fmt: skip
    assert "Sentence 1 of a/f1." in str(result.to_markdown())


def test_macro_f1_of_a_task() -> None:
    labels = ["yes", "yes", "yes", "no"]
    rows = [make_case(f"a/f{n}", 1, label) for n, label in enumerate(labels)]
    (task,) = score_rows(rows, "1101").tasks
    # yes: 2 hits, 2 predicted, 3 gold; no: 1 hit, 2 predicted, 1 gold
    assert task.macro_f1.value == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert task.macro_f1.low <= task.macro_f1.value <= task.macro_f1.high
    assert (task.accuracy, task.most_right, task.most_right_share) == (0.75, "yes", 0.75)


# ------------------------------------------------------------------------------------------------ the published cases


def all_values(result: CheckResult) -> set[float]:
    shares = [one.passed.value for one in result.functions] + [one.macro_f1.value for one in result.tasks]
    shares += [one.all_right.value for one in result.pairs] + [share.value for share in result.by_language.values()]
    return {result.value, *shares, *([result.contrast.all_right.value] if result.contrast else [])}


def test_a_perfect_model_has_one_everywhere_and_no_flips() -> None:
    result = score_check(TEST, {item.item_id: item.gold for item in TEST}, ABOUT)
    assert all_values(result) == {1.0}
    assert result.states is not None
    assert {result.states.flipped.value, *(one.flipped.value for one in result.invariance)} == {0.0}
    assert not result.worst
    assert not result.findings


def test_a_model_of_one_answer_has_no_pair_right_and_is_said_to_ignore_the_text() -> None:
    answers: dict[str, str | None] = {item.item_id: question(item.task).labels[0] for item in TEST}
    result = score_check(TEST, answers, ABOUT)
    assert {one.all_right.value for one in result.pairs} == {0.0}
    assert {one.one_answer for one in result.pairs} == {1.0}
    if result.contrast:
        assert result.contrast.all_right.value == 0.0
    assert sum("gives one answer, " in finding for finding in result.findings) == len(result.tasks)
    assert sum("Gives one answer for all of a pair in 100%" in finding for finding in result.findings) == len(
        result.pairs
    )
    assert "ignores the difference between them" in str(result)


def test_answers_that_are_no_labels_are_wrong() -> None:
    result = score_check(TEST, {item.item_id: None for item in TEST}, ABOUT)
    assert all_values(result) == {0.0}


SAMPLE = [item for item in TEST if item.language == "en" and item.record["frame_id"].endswith(("f01", "f02", "f03"))]


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rng: random.Random) -> None:
    answers: dict[str, str | None] = {item.item_id: rng.choice(question(item.task).labels) for item in SAMPLE}
    mixed: list[SetItem] = rng.sample(SAMPLE, len(SAMPLE))
    ordered = sorted(SAMPLE, key=lambda item: item.item_id)
    first, second = score_check(ordered, answers, ABOUT), score_check(mixed, answers, ABOUT)
    assert all(
        getattr(first, name) == getattr(second, name)
        for name in ("value", "functions", "tasks", "pairs", "states", "by_state", "invariance", "by_language")
    )
