"""Wilson's intervals for proportions, and for the F1 of one class, which is a monotone function of a proportion."""

from __future__ import annotations

from espress.errors import EspressError
from espress.stats.t_interval import quantile


def wilson_interval(hits: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion, `hits` of `n` independent trials (Wilson 1927).

    Counts may be fractions, for instance means over several runs.

    Raises:
        EspressError: there are no trials, or the hits are not between 0 and `n`.
    """
    if not 0 <= hits <= n or n <= 0:
        raise EspressError(f"{hits:g} hits of {n:g} trials have no interval: give at least one trial and 0 to n hits.")
    z, share = quantile((1 + level) / 2, None), hits / n
    centre, reach = share + z**2 / (2 * n), z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    low, high = ((centre + sign * reach) / (1 + z**2 / n) for sign in (-1, 1))
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)


def wilson_f1_interval(hits: float, predicted: float, gold: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the F1 of one class, from its hits, predictions and gold labels.

    F1 = 2 J / (1 + J), where J = hits / (predicted + gold - hits) is a proportion, so the limits of Wilson's interval
    of J give those of F1. Rows that are neither predicted nor gold do not matter.

    Raises:
        EspressError: the class is neither predicted nor in gold.
    """
    low, high = (2 * j / (1 + j) for j in wilson_interval(hits, predicted + gold - hits, level))
    return low, high
