"""Tests of the difference between two systems on the same rows, for these articles or for new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from espress.errors import EspressError
from espress.stats.bootstrap import TABLE, draw

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from espress.stats.bootstrap import Score

TIE = 1e-12  # smaller differences are rounding errors and count as ties
ENUMERATED = 20  # up to this many differences, all 2**G sign flips are enumerated


class SignFlip(NamedTuple):
    """The mean difference, its two-sided p, and the smallest p that is possible with this number of differences."""

    mean: float
    p: float
    smallest_p: float


def _sum_swapped(changes: NDArray[np.int64], permutations: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return, for each permutation, the sum of the changes (B, C) of the chosen clusters: (permutations, C).

    In each permutation, the two systems are exchanged in a random choice of the B clusters. One random number decides
    for up to twelve clusters, with one bit each.
    """
    sums = np.zeros((permutations, changes.shape[1]), dtype=np.int64)
    together = max(1, min(TABLE, permutations).bit_length() - 1)
    for first in range(0, len(changes), together):
        chunk = changes[first : first + together]
        choices = (np.arange(2 ** len(chunk))[:, None] >> np.arange(len(chunk))) & 1
        sums += (choices @ chunk)[rng.integers(len(choices), size=permutations, dtype=np.uint16)]
    return sums


def paired_permutation(
    tallies_a: NDArray[np.int64], tallies_b: NDArray[np.int64], *, permutations: int, seed: int, score: Score
) -> tuple[float, float]:
    """Return score(a) - score(b) and its two-sided p when the two systems are exchanged at random in each cluster.

    `tallies_a` and `tallies_b` are (B, K, 3) on the same clusters. p = (1 + #{|d*| >= |d|}) / (1 + permutations), which
    is never 0 and valid at any number of permutations (Phipson and Smyth, 2010). The test is only about these articles,
    because it exchanges clusters and not articles.

    Raises:
        EspressError: the two do not have the same clusters, classes and gold labels.
    """
    if tallies_a.shape != tallies_b.shape or (tallies_a[..., 2] != tallies_b[..., 2]).any():
        raise EspressError(
            f"The systems' tallies, {tallies_a.shape} and {tallies_b.shape}, are not on the same rows: shapes and gold "
            "counts must agree in each cluster. Score both on the same items."
        )
    total_a, total_b = tallies_a.sum(axis=0), tallies_b.sum(axis=0)
    both = total_a + total_b
    difference = float(score(total_a) - score(total_b))
    changes = (tallies_b - tallies_a).reshape(len(tallies_a), both.size)
    changes = changes[changes.any(axis=1)]  # in other clusters, an exchange changes nothing
    sums = _sum_swapped(changes, permutations, np.random.default_rng(seed))
    changed = total_a + sums.reshape(permutations, *both.shape)
    differences = score(changed) - score(both - changed)
    extreme = int((np.abs(differences) >= abs(difference) - TIE).sum())
    return difference, (1 + extreme) / (1 + permutations)


def sign_flip(differences: ArrayLike, *, permutations: int = 100_000, seed: int = 0) -> SignFlip:
    """Test whether the mean of G differences, one per article, is zero, by flipping their signs.

    For up to 20 differences all 2**G flips are counted and p is exact; it cannot be below 2 / 2**G, which is 0.0625 for
    five. For more, `permutations` random flips are counted, and p = (1 + extreme) / (1 + permutations).

    Raises:
        EspressError: there are no differences, or one is not a finite number.
    """
    values = np.asarray(differences, dtype=np.float64).ravel()
    if not values.size or not np.isfinite(values).all():
        raise EspressError(
            f"{int((~np.isfinite(values)).sum())} of {values.size} differences are not finite numbers; the sign-flip "
            "test needs one finite difference for each article. Leave out articles without rows."
        )
    observed = abs(float(values.sum())) - TIE * float(np.abs(values).sum())
    if values.size <= ENUMERATED:
        sums = np.zeros(1)
        for value in values:
            sums = np.concatenate((sums + value, sums - value))
        p, smallest = float((np.abs(sums) >= observed).mean()), min(1.0, 2.0 ** (1 - values.size))
        return SignFlip(float(values.mean()), p, smallest)
    rng = np.random.default_rng(seed)
    extreme = sum(
        int((np.abs(values @ (1.0 - 2.0 * flips)) >= observed).sum())
        for _, flips in draw(rng, 2, values.size, permutations)
    )
    return SignFlip(float(values.mean()), (1 + extreme) / (1 + permutations), 1 / (1 + permutations))
