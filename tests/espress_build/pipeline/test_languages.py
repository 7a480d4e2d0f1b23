"""Which language a text is in: repeatable, with a probability, a second opinion, and a reason where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY, real_tables

from espress.schema import schema
from espress_build.pipeline.language import detect

if TYPE_CHECKING:
    from espress_build.inputs.params import Params

SAMPLES = {
    "en": "The spokesman said that the report was wrong and that nobody had asked the company.",
    "cs": "Mluvčí uvedl, že zpráva je chybná a že se společnosti nikdo neptal na její názor.",
    "zh-cn": "发言人表示，这份报告是错误的，没有人向该公司提出过任何问题，也没有人听取过意见。",
    "de": "Der Sprecher sagte, der Bericht sei falsch und niemand habe das Unternehmen gefragt.",
    "ru": "Представитель заявил, что отчёт ошибочен и что никто не спрашивал мнения компании.",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_text_of_one_language_is_told_and_both_detectors_agree(language: str, params: Params) -> None:
    found = detect(SAMPLES[language], params.language)
    assert found.language == language
    assert found.second == language.split("-", maxsplit=1)[0]
    assert found.agreement is True
    assert found.probability is not None
    assert 0.8 < found.probability <= 1
    assert found.reason is None


def test_too_little_text_gives_null_with_a_reason(params: Params) -> None:
    for text in ("", "Hello", "1234 5678 !? " * 9, "a" * (params.language.minimum_letters - 1)):
        found = detect(text, params.language)
        assert (found.language, found.probability, found.second, found.agreement) == (None, None, None, None)
        assert found.reason == "too_little_text"


def test_letters_that_the_detector_has_never_seen_give_null_with_a_reason(params: Params) -> None:
    found = detect("\U00010330\U00010331\U00010332" * 20, params.language)  # Gothic
    assert found.language is None
    assert found.reason == "no_language_found"


def test_only_the_prefix_that_params_states_counts(params: Params) -> None:
    size = params.language.prefix_characters
    start = (SAMPLES["en"] * 20)[:size]
    assert detect(start, params.language) == detect(start + SAMPLES["cs"] * 50, params.language)


def test_a_disagreement_is_flagged_and_not_hidden(params: Params) -> None:
    found = [
        detect(text, params.language) for text in (SAMPLES["cs"][:30] + SAMPLES["en"][:30], "tonto " * 8, "ano ne " * 8)
    ]
    assert any(one.agreement is False for one in found)
    for one in found:
        assert one.agreement == (one.language is not None and one.language.split("-")[0] == one.second)


def test_the_answer_does_not_hang_on_what_was_asked_before(params: Params) -> None:
    """Langdetect draws at random, from a seed that it keeps for the whole process."""
    text = "ano ne tak tam nie tu som doma dnes"
    first = detect(text, params.language)
    with_other_seeds = []
    for seed in (1, 2, 3):
        with_other_seeds.append(detect(text, replace(params.language, seed=seed)))
        assert detect(text, params.language) == first
    assert any(found != first for found in with_other_seeds), "the text is too clear to show anything"


@settings(PROPERTY, max_examples=40)
@given(text=st.text(max_size=120))
def test_any_text_gives_a_language_or_a_reason_and_always_the_same(text: str, params: Params) -> None:
    found = detect(text, params.language)
    assert detect(text, params.language) == found
    assert (found.language is None) == (found.reason is not None)
    assert found.reason is None or found.reason in schema().vocabularies["language_reason"]
    assert found.probability is None or 0 < found.probability <= 1


@settings(PROPERTY, max_examples=60)
@given(
    text=st.text(max_size=200)
    | st.lists(st.sampled_from(" ".join(SAMPLES.values()).split()), max_size=30).map(" ".join)
)
def test_the_answer_is_the_one_that_langdetect_itself_gives(text: str, params: Params) -> None:
    from langdetect import DetectorFactory, detect_langs

    found = detect(text, params.language)
    if found.language is not None:
        DetectorFactory.seed = params.language.seed
        best = detect_langs(text[: params.language.prefix_characters])[0]
        assert found.language == best.lang
        assert found.probability == pytest.approx(best.prob, abs=2e-6)


def test_the_real_articles_are_english_for_both() -> None:
    for row in real_tables()["articles"].to_pylist():
        assert (row["language"], row["language_second"], row["language_agreement"]) == ("en", "en", True)
        assert row["language_probability"] > 0.99
