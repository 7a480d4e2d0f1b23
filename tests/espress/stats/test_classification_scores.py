"""Tallies add up, and their scores are those of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from espress.errors import EspressError
from espress.stats import accuracy, balanced_accuracy, f1, macro_f1, tally


def test_a_missing_answer_is_wrong_and_is_no_class() -> None:
    counted = tally([0, 0, 1], [0, -1, 1], 2)[0]
    assert counted.tolist() == [[1, 1, 2], [1, 1, 1]]
    assert accuracy(counted) == 2 / 3
    assert macro_f1(counted) == pytest.approx((2 / 3 + 1) / 2)


def test_a_class_that_never_occurs_scores_nothing_and_stays_in_the_mean() -> None:
    counted = tally([0, 1], [0, 1], 3)[0]
    assert f1(counted).tolist() == [1, 1, 0]
    assert macro_f1(counted) == 2 / 3
    assert macro_f1(counted, [0, 1]) == 1


def test_weighted_tallies_need_not_be_whole_numbers() -> None:
    counted = tally([0, 0, 1, 1], [0, 1, 1, 1], 2)[0]
    assert f1(counted * 0.01) == pytest.approx(f1(counted))


def test_accuracy_of_no_rows_is_not_a_number() -> None:
    assert np.isnan(accuracy(tally([], [], 2)[0]))


def test_a_cluster_without_rows_is_kept() -> None:
    assert tally([0], [0], 2, [2], 4).shape == (4, 2, 3)


@pytest.mark.parametrize(
    ("gold", "predicted", "clusters", "message"),
    [
        ([0, 1, 2], [0, 0, 0], [0, 0, 0], "gold: row 2: 2; each must be from 0 to 1"),
        ([0, -1, 1], [0, 0, 0], [0, 0, 0], "gold: row 1: -1; each must be from 0 to 1"),
        ([0, 0, 0], [0, -2, 9], [0, 0, 0], "predicted: row 1: -2, row 2: 9; each must be from -1 to 1"),
        ([0, 0, 0], [0, 0, 0], [0, 3, 0], "clusters: row 1: 3"),
        ([0, 0, 0], [0, 0], [0, 0, 0], "There are 3 gold labels, 2 predictions and 3 clusters"),
        (["a", "b", "a"], [0, 0, 0], [0, 0, 0], "Give each label as its position in the list"),
        ([0.0, 1.0, float("nan")], [0, 0, 0], [0, 0, 0], "a one-dimensional array of whole numbers"),
        ([0, 0, 9, 9, 9, 9, 9, 9, 9], [0] * 9, [0] * 9, "row 6: 9 and 2 more"),
    ],
)
def test_faults_name_the_rows(gold: list[int], predicted: list[int], clusters: list[int], message: str) -> None:
    with pytest.raises(EspressError) as error:
        tally(gold, predicted, 2, clusters, 2)
    assert message in str(error.value)


def test_balanced_accuracy_is_the_mean_recall_of_the_classes_in_gold() -> None:
    gold, predicted = [0, 0, 0, 0, 1, 1], [0, 0, 0, 2, 1, -1]
    assert balanced_accuracy(tally(gold, predicted, 3)[0]) == (3 / 4 + 1 / 2) / 2  # class 2 has no row
    assert np.isnan(balanced_accuracy(tally([], [], 3)[0]))


def test_a_class_of_one_row_counts_like_any_other() -> None:
    one = tally([0], [0], 2)[0]
    assert [float(balanced_accuracy(one)), float(accuracy(one))] == [1.0, 1.0]
    assert balanced_accuracy(tally([0, 1, 1], [0, 1, 0], 2)[0]) == (1 + 1 / 2) / 2


def test_without_clusters_all_rows_are_in_one_and_five_wrong_rows_are_all_named() -> None:
    assert tally([0, 1], [1, 1], 2).tolist() == [[[0, 0, 1], [1, 2, 1]]]
    assert tally([0, 1], [1, 1], 2).dtype == np.int64
    with pytest.raises(EspressError, match="row 4: 9; each"):
        tally([9] * 5, [0] * 5, 2)
