"""A difference between two systems is tested on the articles at hand, or on articles to come."""

from __future__ import annotations

import numpy as np
import pytest

from espress.errors import EspressError
from espress.stats import accuracy, macro_f1, paired_permutation, sign_flip, tally
from espress.stats.permutation import _sum_swapped

GOLD = np.tile([0, 1, 1], 20)
CLUSTERS = np.arange(60) // 3
EVERY_RIGHT = tally(GOLD, GOLD, 2, CLUSTERS, 20)
EVERY_WRONG = tally(GOLD, 1 - GOLD, 2, CLUSTERS, 20)


def test_systems_that_agree_do_not_differ() -> None:
    assert paired_permutation(EVERY_RIGHT, EVERY_RIGHT, permutations=99, seed=0, score=macro_f1) == (0.0, 1.0)


def test_a_large_difference_is_found_with_the_smallest_p_there_is() -> None:
    found = paired_permutation(EVERY_RIGHT, EVERY_WRONG, permutations=999, seed=0, score=accuracy)
    assert found == (1.0, 0.001)


def test_exchanging_the_systems_only_changes_the_sign() -> None:
    a, b = EVERY_RIGHT.copy(), EVERY_RIGHT.copy()
    b[:4] = EVERY_WRONG[:4]
    one = paired_permutation(a, b, permutations=5000, seed=0, score=macro_f1)
    other = paired_permutation(b, a, permutations=5000, seed=0, score=macro_f1)
    assert one[0] == -other[0] > 0
    assert one[1] == pytest.approx(other[1], abs=0.03)
    assert one[1] == pytest.approx(2 / 2**4, abs=0.02)  # four clusters differ, all one way


def test_other_rows_cannot_be_compared() -> None:
    with pytest.raises(EspressError, match="same items"):
        paired_permutation(EVERY_RIGHT, EVERY_RIGHT[::-1, ::-1], permutations=9, seed=0, score=macro_f1)
    with pytest.raises(EspressError, match="same items"):
        paired_permutation(EVERY_RIGHT, EVERY_RIGHT[:5], permutations=9, seed=0, score=macro_f1)


@pytest.mark.parametrize(("differences", "share"), [([], "0 of 0"), ([0.1, 0.2, float("nan")], "1 of 3")])
def test_differences_must_be_numbers(differences: list[float], share: str) -> None:
    with pytest.raises(EspressError, match=f"^{share} differences .* one finite difference for each article"):
        sign_flip(differences)


@pytest.mark.parametrize("n_clusters", [1, 2, 11, 12, 13, 30])
def test_each_cluster_is_exchanged_in_half_of_the_permutations_and_independently(n_clusters: int) -> None:
    swapped = _sum_swapped(np.eye(n_clusters, dtype=np.int64), 4000, np.random.default_rng(1))
    assert set(np.unique(swapped)) == {0, 1}
    assert swapped.mean(axis=0) == pytest.approx(np.full(n_clusters, 0.5), abs=0.04)
    together = (swapped[:, :, None] * swapped[:, None, :]).mean(axis=0)
    assert together == pytest.approx(np.full((n_clusters, n_clusters), 0.25) + np.eye(n_clusters) / 4, abs=0.04)


def test_p_is_that_of_all_exchanges_with_ties_and_the_observed_one_counted() -> None:
    """Three clusters of ten rows, in which the systems differ by 3, 2 and 1 right answers: 5 of 8 exchanges reach 4."""
    gold, clusters = np.ones(30, dtype=int), np.arange(30) // 10
    a, b = np.zeros(30, dtype=int), np.zeros(30, dtype=int)
    a[[0, 1, 2, 10, 11]], b[20] = 1, 1
    first, second = (tally(gold, answers, 2, clusters, 3) for answers in (a, b))
    difference, p = paired_permutation(first, second, permutations=20_000, seed=0, score=accuracy)
    assert difference == pytest.approx(4 / 30)
    sums = [sum(signs) for signs in [(3 * i, 2 * j, 1 * k) for i in (1, -1) for j in (1, -1) for k in (1, -1)]]
    assert p == pytest.approx(sum(abs(each) >= 4 for each in sums) / 8, abs=0.01)
    assert paired_permutation(first[:1], second[:1], permutations=9, seed=0, score=accuracy)[1] == 1.0


@pytest.mark.parametrize(
    ("differences", "p", "smallest"),
    [
        ([0.5], 1.0, 1.0),
        ([0.3, 0.1], 0.5, 0.5),
        ([0.3, -0.3], 1.0, 0.5),
        ([0.3, 0.1, 0.2, 0.4, 0.2], 0.0625, 0.0625),
        ([0.0, 0.0, 0.0], 1.0, 0.25),
        ([3.0, 2.0, -1.0], 0.5, 0.25),  # 4: of the eight sums 6, 4, 2, 0 and their negatives, four reach it
        ([0.1] * 20, 2 / 2**20, 2 / 2**20),
    ],
)
def test_up_to_twenty_differences_are_flipped_in_every_way(differences: list[float], p: float, smallest: float) -> None:
    found = sign_flip(differences)
    assert (found.p, found.smallest_p) == (p, smallest)
    assert found.mean == pytest.approx(np.mean(differences))


def test_from_twenty_one_on_differences_are_flipped_at_random() -> None:
    assert sign_flip([0.1] * 21).smallest_p == 1 / 100_001
    assert sign_flip([0.1] * 21, permutations=99)[1:] == (0.01, 0.01)
    assert sign_flip([0.0] * 21, permutations=99).p == 1.0
    values = [1.0] * 16 + [-1.0] * 9  # 7 of 25: as likely as |heads - tails| >= 7
    assert sign_flip(values, permutations=20_000).p == pytest.approx(0.2295, abs=0.01)
    assert sign_flip(values) == sign_flip(values, seed=0) != sign_flip(values, seed=5)
