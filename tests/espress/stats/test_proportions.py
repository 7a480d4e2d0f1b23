"""Wilson's intervals and Holm's correction are those of statsmodels, and impossible counts are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from espress.errors import EspressError
from espress.stats import holm, wilson_f1_interval, wilson_interval


@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilsons_interval_is_that_of_statsmodels(n: int, share: float, level: float) -> None:
    hits = round(share * n)
    theirs = proportion_confint(hits, n, alpha=1 - level, method="wilson")
    assert wilson_interval(hits, n, level) == pytest.approx(theirs, abs=1e-12)


def test_f1_has_the_interval_of_the_proportion_that_it_is_a_function_of() -> None:
    low, high = wilson_f1_interval(7, 8, 16)
    assert low < 14 / 24 < high
    shares = proportion_confint(7, 17, method="wilson")
    assert (low, high) == pytest.approx([2 * j / (1 + j) for j in shares])
    assert wilson_f1_interval(0, 0, 5)[0] == 0
    assert wilson_f1_interval(5, 5, 5)[1] == 1


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_counts_are_refused(hits: int, n: int) -> None:
    with pytest.raises(EspressError, match="at least one trial"):
        wilson_interval(hits, n)


@pytest.mark.parametrize("values", [[0.2], [0.01, 0.04, 0.03], [0.5, 0.9, 0.001, 0.001, 0.02], [1.0, 0.0, 0.3, 0.02]])
def test_holm_is_that_of_statsmodels(values: list[float]) -> None:
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1])


def test_a_missing_p_stays_missing_and_is_not_counted() -> None:
    assert holm([0.04, None, 0.01]) == [0.04, None, 0.02]
    assert holm([]) == []
