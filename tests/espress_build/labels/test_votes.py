"""Gold is the majority of those who judged."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from espress_build.labels.gold import majority

_VALUES = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=0, max_size=7)


def test_two_of_three_decide_and_three_are_unanimous() -> None:
    assert majority(["a", "b", "a"], 3).value == "a"
    assert majority(["a", "b", "a"], 3).votes == (("a", 2), ("b", 1))
    assert not majority(["a", "b", "a"], 3).unanimous
    assert majority(["a", "a", "a"], 3).unanimous


def test_no_majority_is_null_and_unclear_but_a_voted_null_is_clear() -> None:
    split = majority(["a", "b", "c"], 3)
    assert (split.value, split.unclear) == (None, True)
    nothing = majority([None, None, "a"], 3)
    assert (nothing.value, nothing.unclear) == (None, False)


def test_votes_are_counted_against_all_who_judged_the_unit() -> None:
    assert majority(["a"], 3).unclear  # one of three saw the entry
    assert majority(["a", "a"], 3).value == "a"
    assert not majority(["a", "a"], 3).unanimous
    assert majority(["a", "a"], 4).unclear  # half is no majority


@given(_VALUES, st.integers(0, 3))
def test_the_order_of_votes_does_not_matter_and_a_majority_is_more_than_half(
    values: list[str | None], absent: int
) -> None:
    annotators = len(values) + absent
    gold = majority(values, annotators)
    for shuffled in itertools.islice(itertools.permutations(values), 6):
        assert majority(list(shuffled), annotators) == gold
    assert sum(number for _, number in gold.votes) == len(values)
    winners = [value for value in set(values) if 2 * values.count(value) > annotators]
    assert gold.unclear == (not winners)
    assert [gold.value] == (winners or [None])
