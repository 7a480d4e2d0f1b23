"""Comparison of one of our functions with one of another library, on many generated cases."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

ROUNDING = 1e-12  # largest difference between two ways to compute one number
DRAWN = 5.5  # largest difference of random results, in standard errors: about one normal draw in ten million exceeds it


@dataclass(frozen=True)
class Comparison:
    """Two functions; `difference` generates a case and returns the difference between ours and theirs."""

    what: str
    ours: str
    library: str
    theirs: str
    cases: int
    difference: Callable[[np.random.Generator], float]
    limit: float = ROUNDING
    unit: str = "absolute"  # or "relative", or "standard errors" of random results

    def largest(self, cases: int, seed: int = 0) -> float:
        """Return the largest difference in this number of cases."""
        rng = np.random.default_rng([seed, zlib.crc32(f"{self.what} {self.theirs}".encode())])
        return max(self.difference(rng) for _ in range(cases))


def largest(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the largest absolute difference of two arrays of the same shape; NaN differs from everything."""
    one, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError(f"{one.shape} is not {other.shape}")
    apart = np.abs(one - other)
    return float(np.where(np.isnan(apart), np.inf, apart).max(initial=0.0))
