"""Answers are matched with labels whatever their case and the marks around them, and nothing else is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.probe import tasks
from espress.probe.answers import explain_failures, parse_answer

LABELS = ("no", "yes", "not_support", "other_named")
MARKS = st.text(alphabet=" \n\t\"'*`()[].“”‘’«»:", max_size=4)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("yes", "yes"),
        (" Yes.\n", "yes"),
        ("YES!", "yes"),
        ("**yes**", "yes"),
        ("“yes”", "yes"),
        ("(yes)", "yes"),
        ("[yes]", "yes"),
        ("`yes`", "yes"),
        ("Answer: yes", "yes"),
        ("**Answer:** *Yes*.", "yes"),
        ("The answer is: no", "no"),
        ("Label: 'no'", "no"),
        ("Not support", "not_support"),
        ("not-support", "not_support"),
        ("OTHER NAMED", "other_named"),
        ("", None),
        ("...", None),
        ("yes, it does", None),
        ("yes or no", None),
        ("I answer yes", None),
        ("noyes", None),
        ("answer", None),
    ],
)
def test_an_answer_is_the_label_that_stands_alone_in_it(said: str, label: str | None) -> None:
    assert parse_answer(said, LABELS) == label


@given(st.sampled_from([label for task in tasks() for label in task.labels]), MARKS, MARKS)
def test_case_and_marks_around_a_label_do_not_matter(label: str, before: str, after: str) -> None:
    for task in tasks():
        if label in task.labels:
            for written in (label, label.upper(), label.title(), label.replace("_", " ")):
                assert parse_answer(f"{before}{written}{after}", task.labels) == label


def test_a_hint_is_given_only_if_nearly_all_answers_fail() -> None:
    assert explain_failures(89, 100, ["a"], LABELS, "relevance") is None
    assert explain_failures(0, 0, [], LABELS, "relevance") is None
    hint = explain_failures(90, 100, ["a", "b", "a", "c", "d"], LABELS, "relevance")
    assert hint is not None
    assert hint.startswith("90 of 100 answers are not labels of relevance. The model said, for example, 'a', 'b', 'c'.")
    assert "Expected is one of no, yes, not_support, other_named" in hint
    assert "example" not in str(explain_failures(90, 100, [], LABELS, "relevance"))
