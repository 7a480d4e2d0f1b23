"""A difference between two systems is tested on the articles at hand, or on articles to come."""

from __future__ import annotations

import numpy as np
import pytest

from espress.errors import EspressError
from espress.stats import accuracy, macro_f1, paired_permutation, sign_flip, tally

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


def test_p_of_five_articles_cannot_be_below_a_sixteenth() -> None:
    found = sign_flip([0.3, 0.1, 0.2, 0.4, 0.2])
    assert found.mean == pytest.approx(0.24)
    assert found.p == found.smallest_p == 0.0625


def test_many_differences_are_flipped_at_random_and_the_same_each_time() -> None:
    values = np.random.default_rng(0).normal(0.2, 1, 40)
    assert sign_flip(values) == sign_flip(values)
    found = sign_flip(np.full(40, 0.1), permutations=999)
    assert found.p == found.smallest_p == 0.001


@pytest.mark.parametrize("differences", [[], [0.1, float("nan")]])
def test_differences_must_be_numbers(differences: list[float]) -> None:
    with pytest.raises(EspressError, match="one finite difference for each article"):
        sign_flip(differences)
