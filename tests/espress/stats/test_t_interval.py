"""Intervals of a few means, and what could be seen with them."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from espress.errors import EspressError, MissingLibraryError
from espress.stats import minimum_detectable_difference, t_interval


def test_an_interval_of_five_articles_by_hand() -> None:
    mean, low, high = t_interval([0.5, 0.6, 0.7, 0.8, 0.9])
    reach = 2.7764451 * math.sqrt(0.025 / 5)  # t with four degrees of freedom, from a printed table
    assert (mean, low, high) == pytest.approx((0.7, 0.7 - reach, 0.7 + reach))


def test_a_higher_level_is_wider() -> None:
    values = np.random.default_rng(0).random(8)
    (_, *narrow), (_, *wide) = t_interval(values, 0.8), t_interval(values, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("values", [[], [0.5], [0.5, math.inf], [0.5, math.nan, 0.7]])
def test_too_few_values_are_refused(values: list[float]) -> None:
    with pytest.raises(EspressError, match="at least two, all finite"):
        t_interval(values)


def test_what_can_be_detected_by_hand() -> None:
    assert minimum_detectable_difference(0.1) == pytest.approx(0.1 * (1.959964 + 0.841621), abs=1e-6)
    assert minimum_detectable_difference(0.1, 4) == pytest.approx(0.1 * (2.776445 + 0.940965), abs=1e-6)


def test_fewer_articles_detect_less() -> None:
    found = [minimum_detectable_difference(0.1, df) for df in (2, 4, 9, 49, None)]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("error", [math.nan, math.inf, -0.1])
def test_a_standard_error_must_be_one(error: float) -> None:
    with pytest.raises(EspressError, match="standard error"):
        minimum_detectable_difference(error)


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(MissingLibraryError, match="pip install"):
        t_interval([0.1, 0.2])
