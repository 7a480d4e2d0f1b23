"""One of our functions beside one of a library's, on many generated cases."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

ROUNDING = 1e-12  # the most by which two ways to compute one number may differ
DRAWN = 5.5  # the same for numbers drawn by lot, in standard errors: once in some ten million normal draws


@dataclass(frozen=True)
class Comparison:
    """What is compared with what; `difference` makes a case and returns by how much ours and theirs differ in it."""

    what: str
    ours: str
    library: str
    theirs: str
    cases: int
    difference: Callable[[np.random.Generator], float]
    limit: float = ROUNDING
    unit: str = "absolute"  # or "relative", or "standard errors" of numbers that are drawn by lot

    def largest(self, cases: int, seed: int = 0) -> float:
        """Return the largest difference in so many cases."""
        rng = np.random.default_rng([seed, zlib.crc32(f"{self.what} {self.theirs}".encode())])
        return max(self.difference(rng) for _ in range(cases))


def largest(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the largest absolute difference of two arrays of one shape; NaN differs from everything."""
    one, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError(f"{one.shape} is not {other.shape}")
    apart = np.abs(one - other)
    return float(np.where(np.isnan(apart), np.inf, apart).max(initial=0.0))
