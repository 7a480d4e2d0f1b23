"""Intervals by Student's t for a few article values, and the smallest difference that a test can detect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.errors import EspressError, MissingLibraryError
from espress.installation import how_to_install

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def quantile(probability: float, df: float | None) -> float:
    """Return the quantile of Student's t with `df` degrees of freedom; of the normal distribution if `df` is None."""
    try:
        from scipy.special import ndtri, stdtrit
    except ImportError as error:
        raise MissingLibraryError("scipy", "An interval or a power", how_to_install("probe")) from error
    return float(ndtri(probability) if df is None else stdtrit(df, probability))


def t_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean of G values and its interval: mean -+ t[(1 + level) / 2; G - 1] * sd / sqrt(G).

    There is one value for each article (or other cluster); articles are assumed to be drawn independently.

    Raises:
        EspressError: fewer than two values, or one is not a finite number.
    """
    means = np.asarray(values, dtype=np.float64).ravel()
    if means.size < 2 or not np.isfinite(means).all():
        raise EspressError(
            f"{int((~np.isfinite(means)).sum())} of {means.size} values are not finite numbers; an interval needs at "
            "least two, all finite. Leave out articles without rows, or report no interval."
        )
    mean, error = float(means.mean()), float(means.std(ddof=1)) / means.size**0.5
    reach = quantile((1 + level) / 2, means.size - 1) * error
    return mean, mean - reach, mean + reach


def minimum_detectable_difference(
    standard_error: float, df: float | None = None, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the difference that a two-sided test at `alpha` detects with probability `power`.

    standard_error * (q[1 - alpha / 2] + q[power]), where q are quantiles of Student's t with `df` degrees of freedom,
    or of the normal distribution if `df` is None (Bloom, Minimum Detectable Effects, 1995).
    By the exact, noncentral t distribution the power at this difference is slightly lower: 0.79 for five articles.

    Raises:
        EspressError: the standard error is negative or not a finite number.
    """
    if not np.isfinite(standard_error) or standard_error < 0:
        raise EspressError(f"The standard error is {standard_error}; it must be a finite number, not negative.")
    return standard_error * (quantile(1 - alpha / 2, df) + quantile(power, df))
