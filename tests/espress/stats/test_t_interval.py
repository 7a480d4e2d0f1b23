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
