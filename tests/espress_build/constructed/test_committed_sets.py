"""The sets in the dataset have the promised sizes, counted over what is kept, and their splits keep groups whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

import espress
from espress_build.constructed.text_checks import word_runs

LANGUAGES = {"cs": 16, "de": 16, "zh": 16, "en": 52}  # functions
CASES = 60  # of a function
MOST_REJECTED = 0.15


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = espress.load("check", as_="arrow").to_pylist()
    return found


@pytest.fixture(scope="module")
def articles() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = espress.load("stance_articles", as_="arrow").to_pylist()
    return found


@pytest.mark.parametrize(("language", "functions"), LANGUAGES.items())
def test_every_function_keeps_sixty_cases(language: str, functions: int, cases: list[dict[str, Any]]) -> None:
    own = [case for case in cases if case["language"] == language and case["function"] != "contrast"]
    kept = Counter(case["function"] for case in own if case["kept"])
    assert len(kept) == functions
    assert min(kept.values()) >= CASES
    rejected = Counter(case["function"] for case in own if not case["kept"])
    written = Counter(case["function"] for case in own)
    assert max((rejected[name] / written[name] for name in written), default=0) <= MOST_REJECTED


def test_ids_are_unique_and_slots_are_filled(cases: list[dict[str, Any]], articles: list[dict[str, Any]]) -> None:
    for name, rows in (("case_id", cases), ("article_id", articles)):
        assert len({row[name] for row in rows}) == len(rows)
        assert not any("{" in row["text"] for row in rows)


def test_english_cases_are_balanced(cases: list[dict[str, Any]]) -> None:
    own = [case for case in cases if case["language"] == "en" and case["function"] != "contrast"]
    for task in {case["task"] for case in own}:
        labels = Counter(case["label"] for case in own if case["task"] == task)
        assert max(labels.values()) < 3 * min(labels.values()), labels
    acting = Counter(case["states"][0] for case in own if case["states"])
    assert 0.4 < acting["CN"] / acting.total() < 0.6
    assert len(acting) > 20


def test_articles_are_balanced_and_copies_differ_from_their_origin(articles: list[dict[str, Any]]) -> None:
    by_id = {article["article_id"]: article for article in articles}
    for article in (one for one in articles if one["swap_kind"]):
        origin = by_id[article["swap_of"]]
        assert (origin["stance"], origin["devices"], origin["swap_kind"]) == (
            article["stance"],
            article["devices"],
            None,
        )
        assert origin["text"] != article["text"]
    plain = [article for article in articles if not article["swap_kind"]]
    assert len(articles) == 3 * len(plain)
    accused = Counter(article["state_accused"] == "CN" for article in plain)
    assert 0.45 < accused[True] / accused.total() < 0.55
    types = Counter(article["event_type"] for article in plain)
    assert len(types) == 8
    assert max(types.values()) < 1.5 * min(types.values())
    sides = Counter(article["one_side"] for article in plain if article["is_control"])
    assert max(sides.values()) < 1.5 * min(sides.values())
    for stance in ("favor", "against"):
        devices = Counter(device for article in plain if article["stance"] == stance for device in article["devices"])
        assert len(devices) == 7
        assert max(devices.values()) < 2 * min(devices.values()), devices


def test_contrast_cases_and_pairs(cases: list[dict[str, Any]]) -> None:
    kept = [case for case in cases if case["kept"]]
    assert sum(case["function"] == "contrast" for case in kept) >= 1200
    groups: dict[str, int] = Counter(case["pair_id"] for case in kept if case["language"] == "en" and case["pair_id"])
    paired = [
        case for case in kept if case["language"] == "en" and case["pair_kind"] in ("label", "states")
        and groups[case["pair_id"]] > 1
    ]  # fmt: skip
    assert len(paired) >= 1000


def test_three_passes_judged_every_case_and_every_article(
    cases: list[dict[str, Any]], articles: list[dict[str, Any]]
) -> None:
    assert all(len(case["votes"]) >= 3 for case in cases)
    assert all(len(article["votes"]) >= (1 if article["swap_kind"] else 3) for article in articles)


def test_articles_of_every_stance_controls_and_copies(articles: list[dict[str, Any]]) -> None:
    kept = [article for article in articles if article["kept"]]
    own = Counter(article["stance"] for article in kept if not article["is_control"] and not article["swap_kind"])
    assert own.total() >= 480
    assert min(own.values()) >= 160
    assert sum(article["is_control"] and not article["swap_kind"] for article in kept) >= 80
    sheets = {article["sheet_id"]: article["split"] for article in articles}
    assert Counter(sheets.values()) == {"train": 40, "dev": 10, "test": 30}


def test_splits_take_a_third_a_sixth_and_a_half_of_the_frames_of_each_function(cases: list[dict[str, Any]]) -> None:
    frames: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for case in cases:
        frames[case["language"], case["function"]][case["frame_id"]] = case["split"]
    for function, splits in frames.items():
        shares = Counter(splits.values())
        assert set(shares) == {"train", "dev", "test"}, function
        assert abs(shares["test"] / shares.total() - 1 / 2) < 0.1, (function, shares)


def test_no_six_words_of_an_article_are_in_a_constructed_text(
    cases: list[dict[str, Any]], articles: list[dict[str, Any]]
) -> None:
    natural = word_runs(espress.load("sentences", as_="arrow")["text"].to_pylist())
    texts = [case["text"] for case in cases] + [f"{one['title']}\n{one['text']}" for one in articles]
    texts += espress.load("practice", as_="arrow")["text"].to_pylist()
    assert not word_runs(texts) & natural
