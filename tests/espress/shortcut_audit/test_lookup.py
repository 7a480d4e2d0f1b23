"""The look-up equals a plain re-implementation, and its rules are those that the documents promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress.shortcut_audit import plain

from espress.errors import EspressError
from espress.shortcut_audit.lookup import predict

rows = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(-1, 2)), min_size=4, max_size=40).filter(
    lambda found: len({fold for _, _, fold in found}) > 1
)


@given(rows)
@settings(max_examples=150)
def test_it_equals_the_plain_one(found: list[tuple[int, int, int]]) -> None:
    groups, labels, folds = (list(column) for column in zip(*found, strict=True))
    ours = predict(groups, labels, folds, n_classes=3)
    for at, (answer, p, seen) in enumerate(plain.look_up(groups, labels, folds, 3)):
        assert ours.predicted[at] == answer
        assert bool(ours.seen[at]) == seen
        if answer >= 0:
            assert ours.probabilities[at] == pytest.approx([float(p[y]) for y in range(3)], abs=1e-12)
        else:
            assert np.isnan(ours.probabilities[at]).all()


@given(rows, st.lists(st.integers(1, 4), min_size=40, max_size=40))
@settings(max_examples=50)
def test_a_weight_is_as_many_equal_rows(found: list[tuple[int, int, int]], weights: list[int]) -> None:
    groups, labels, folds = (np.array(column) for column in zip(*found, strict=True))
    times = np.array(weights[: len(groups)])
    once = predict(groups, labels, folds, n_classes=3, weights=times)
    written_out = predict(*(np.repeat(each, times) for each in (groups, labels, folds)), n_classes=3)
    assert (np.repeat(once.predicted, times) == written_out.predicted).all()
    assert np.allclose(np.repeat(once.probabilities, times, axis=0), written_out.probabilities, equal_nan=True)


@pytest.mark.parametrize(
    ("groups", "labels", "folds", "row", "answer"),
    [
        ([0, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 0], 2, 1),  # a tie of 0 and 1 in the group: the prior decides
        ([0, 0, 0], [0, 1, 1], [0, 0, 1], 2, 0),  # a tie in the prior too: the lowest label
        ([0, 0, *[1] * 98], [1, 1, *[0] * 98], [0, 1, *[1] * 98], 0, 1),  # a lead of one outweighs any prior
        ([0, 1, 2, 3], [0, 0, 1, 1], [0, 0, 1, 1], 0, 1),  # an unseen group: the prior of the training rows alone
    ],
)
def test_answers_follow_the_rules(
    groups: list[int], labels: list[int], folds: list[int], row: int, answer: int
) -> None:
    assert predict(groups, labels, folds, n_classes=2).predicted[row] == answer


@pytest.mark.parametrize(
    ("groups", "labels", "folds", "said"),
    [
        ([0, 1], [0, 1], [0, 0], "holds every row"),
        ([0, -1], [0, 1], [0, 1], "Row 1"),
        ([0, 1], [0, 2], [0, 1], "labels from 0 to 1"),
        ([0, 1], [0], [0, 1], "one length"),
    ],
)
def test_arrays_that_cannot_be_counted_are_refused(
    groups: list[int], labels: list[int], folds: list[int], said: str
) -> None:
    with pytest.raises(EspressError, match=said):
        predict(groups, labels, folds, n_classes=2)
