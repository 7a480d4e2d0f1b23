"""The sets in the dataset have the promised sizes, counted over what is kept, and their splits keep groups whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

import espress

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
    from espress_build.constructed.text_checks import word_runs

    natural = word_runs(espress.load("sentences", as_="arrow")["text"].to_pylist())
    texts = [case["text"] for case in cases] + [f"{one['title']}\n{one['text']}" for one in articles]
    assert not word_runs(texts) & natural


def test_practice_sentences_share_fewer_than_six_words_with_an_article() -> None:
    from espress_build.constructed.text_checks import word_runs

    natural = word_runs(espress.load("sentences", as_="arrow")["text"].to_pylist())
    assert not word_runs(espress.load("practice", as_="arrow")["text"].to_pylist()) & natural
