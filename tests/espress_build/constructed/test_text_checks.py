"""Checks of the form of a text, and of runs of six words that two texts share."""

from __future__ import annotations

import pytest

from espress_build.constructed.text_checks import list_form_faults, list_shared_runs, word_runs


@pytest.mark.parametrize("text", ["a  union", "a agent", "An Dutch agent", "the the port", "he said ,"])
def test_form_faults(text: str) -> None:
    assert list(list_form_faults(text))


@pytest.mark.parametrize(
    "text", ["a union", "a European", "an hour", "an NGO", "a Utrecht school", "Xi'an newspaper", "Xi’an sent"]
)
def test_well_formed(text: str) -> None:
    assert not list(list_form_faults(text))


def test_shared_runs_ignore_case_and_punctuation_but_not_the_border_of_two_texts() -> None:
    groups = {
        "one": word_runs(["Two men left the harbour, he said."]),
        "two": word_runs(["“two men Left the harbour he” …"]),
        "three": word_runs(["Two men left the", "harbour he said"]),
    }
    assert len(list(list_shared_runs(groups, set()))) == 1
    assert not list(list_shared_runs(groups, set(), [("two", "one")]))
    assert "article of the corpus" in next(list_shared_runs(groups, groups["two"], [("two", "one")]))


def test_linked_through_a_third_group() -> None:
    groups = {name: {"one two three four five six"} for name in "abcd"}
    assert len(list(list_shared_runs(groups, set(), [("a", "b"), ("c", "b")]))) == 1
