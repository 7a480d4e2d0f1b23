"""The floor under what is read from saved pages: neither it nor the pages can be changed by accident."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from benchmarks.extraction.saved_pages import HELD, PAGES, digest, f1, part_of, proposer, score

FLOOR = PAGES / "floor.toml"


@pytest.fixture(scope="module")
def floor() -> dict[str, Any]:
    return tomllib.loads(FLOOR.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, dict[str, float]]]:
    return score(proposer())


def test_floor_pages_and_committed_scores_belong_together(floor: dict[str, Any]) -> None:
    held = json.loads(HELD.read_text(encoding="utf-8"))
    assert held["digest"] == floor["digest"] == digest(), "change pages, floor and reason together; then `make pages`"
    assert len(floor["reason"]) > 20


def test_no_score_is_below_the_floor(floor: dict[str, Any], scores: dict[str, dict[str, dict[str, float]]]) -> None:
    assert set(floor["floor"]) == set(scores)
    for part, lows in floor["floor"].items():
        assert set(lows) == set(scores[part]), part
        for measure, low in lows.items():
            assert scores[part][measure]["mean"] >= low, (part, measure)


def test_committed_scores_are_what_the_pages_give_and_not_below_the_floor(
    floor: dict[str, Any], scores: dict[str, dict[str, dict[str, float]]]
) -> None:
    held = json.loads(HELD.read_text(encoding="utf-8"))["scores"]
    for part, measures in scores.items():
        for measure, now in measures.items():
            assert held[part][measure]["pages"] == now["pages"], (part, measure)
            assert held[part][measure]["mean"] >= floor["floor"][part][measure], (part, measure)


def test_both_parts_have_pages_and_the_languages_asked_for_are_among_them() -> None:
    wanted = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAGES.glob("*.json"))]
    languages: dict[str, set[str]] = {}
    for one in wanted:
        languages.setdefault(part_of(one["outlet"]), set()).add(one["language"])
    assert set(languages) == {"tuning", "held-out"}
    assert {"en", "cs", "zh"} <= set().union(*languages.values())


def test_shingles_count_words_and_characters() -> None:
    assert f1("a b c d e", "a b c d e") == 1
    assert f1("海湾晚报星期二", "海湾晚报星期三") == pytest.approx(0.75)
    assert f1("", "a b c d") == 0
