"""Intervals of a few means, and what could be seen with them."""

from __future__ import annotations

import math
import sys

import pytest

from espress.errors import EspressError, MissingLibraryError
from espress.stats import minimum_detectable_difference, t_interval


@pytest.mark.parametrize("values", [[], [0.5], [0.5, math.inf], [0.5, math.nan, 0.7]])
def test_too_few_values_are_refused(values: list[float]) -> None:
    with pytest.raises(EspressError, match="at least two, all finite"):
        t_interval(values)


@pytest.mark.parametrize("error", [math.nan, math.inf, -0.1])
def test_a_standard_error_must_be_one(error: float) -> None:
    with pytest.raises(EspressError, match="standard error"):
        minimum_detectable_difference(error)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(MissingLibraryError, match="pip install"):
        t_interval([0.1, 0.2])


def test_the_interval_is_the_mean_and_students_t_times_the_error() -> None:
    assert t_interval([1, 2, 3, 4, 5]) == pytest.approx((3.0, 3 - 1.963243, 3 + 1.963243))  # 2.776445 * sqrt(2.5 / 5)
    assert t_interval([1, 2, 3, 4, 5], 0.9) == pytest.approx((3.0, 3 - 1.507443, 3 + 1.507443))
    assert t_interval([1.0, 3.0]) == pytest.approx((2.0, 2 - 12.706205, 2 + 12.706205))
    for values, share in (([], "0 of 0"), ([0.5, math.inf, math.nan], "2 of 3")):
        with pytest.raises(EspressError, match=f"^{share} values"):
            t_interval(values)


def test_the_detectable_difference_is_the_sum_of_two_quantiles_times_the_error() -> None:
    assert minimum_detectable_difference(2.0) == pytest.approx(2 * (1.959964 + 0.841621))
    assert minimum_detectable_difference(2.0, 4) == pytest.approx(2 * (2.776445 + 0.940965))
    assert minimum_detectable_difference(1.0, 4, alpha=0.1, power=0.9) == pytest.approx(2.131847 + 1.533206)
    assert minimum_detectable_difference(0.0) == 0
    for error in (-0.1, math.nan, math.inf):
        with pytest.raises(EspressError, match=f"The standard error is {error}"):
            minimum_detectable_difference(error)
