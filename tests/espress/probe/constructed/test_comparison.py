"""Two systems on the same constructed items."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.probe.constructed.conftest import ABOUT, make_article, make_case

from espress import probe
from espress.errors import InputError
from espress.probe.constructed.check_result import score_check
from espress.probe.constructed.items import _make_article, _make_case
from espress.probe.constructed.stance_result import score_stance

if TYPE_CHECKING:
    from espress.probe import CheckResult, StanceResult

FRAMES = [f"{function}/f{n}" for function, n in product("ab", range(6))]


def run_check(right: set[str], name: str, frames: list[str] = FRAMES, **about: Any) -> CheckResult:
    """Return the result of a system that is right on these frames alone."""
    items = [_make_case(make_case(frame, fill)) for frame in frames for fill in (1, 2)]
    answers: dict[str, str | None] = {i.item_id: "yes" if i.record["frame_id"] in right else "no" for i in items}
    return score_check(items, answers, {**ABOUT, "model": name, **about})


def run_stance(wrong: int, name: str) -> StanceResult:
    """Return the result of a system that is wrong on this many sheets."""
    stances = ("against", "neither", "favor")
    items = [_make_article(make_article(f"s{n:03}", "wire", stance)) for n in range(10) for stance in stances]
    answers = {i.item_id: "neither" if int(i.record["sheet_id"][1:]) < wrong else i.gold for i in items}
    return score_stance(items, answers, {**ABOUT, "set": "stance", "model": name})


def test_a_system_and_itself_do_not_differ() -> None:
    one = run_check(set(FRAMES[:5]), "one")
    same = probe.compare(one, one)
    assert same.difference == (0.0, 0.0, 0.0)
    assert same.p == 1.0


def test_the_difference_is_that_of_the_values_and_changes_its_sign() -> None:
    good, bad = run_check(set(FRAMES), "good"), run_check({"a/f0"}, "bad")
    found, back = probe.compare(good, bad), probe.compare(bad, good)
    assert found.difference.value == pytest.approx(good.value - bad.value)
    assert back.difference.value == pytest.approx(-found.difference.value)
    assert back.p == found.p < 0.05
    assert found.difference.low > 0
    assert "good minus bad on check (constructed)" in str(found)
    assert found.to_dict()["system"] == "good"


def test_frames_not_cases_are_exchanged() -> None:
    # a single frame of many cases that differ cannot be significant
    frames = ["a/f0", "a/f1"]
    found = probe.compare(run_check({"a/f0", "a/f1"}, "good", frames), run_check({"a/f0"}, "bad", frames))
    assert found.p > 0.3


def test_stances_are_compared_by_sheet() -> None:
    found = probe.compare(run_stance(0, "good"), run_stance(8, "bad"))
    assert found.difference.value == pytest.approx(run_stance(0, "x").value - run_stance(8, "x").value)
    assert found.p < 0.05
    assert found.difference.low > 0


def test_results_that_do_not_fit_are_refused() -> None:
    one = run_check(set(FRAMES), "one")
    with pytest.raises(InputError, match="'one' has set 'check', 'two' has 'stance'"):
        probe.compare(one, run_stance(0, "two"))
    with pytest.raises(InputError, match="answered different items: 2 only by one of them"):
        probe.compare(one, run_check(set(FRAMES), "two", FRAMES[1:]))
    with pytest.raises(InputError, match="'dev'"):
        probe.compare(one, run_check(set(FRAMES), "two", split="dev"))
