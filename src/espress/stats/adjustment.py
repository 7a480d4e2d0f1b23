"""Holm's correction of p-values for several tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted by Holm's step-down method, in the same order; None stays None and is not counted.

    Rejecting where the adjusted p is at most alpha keeps the chance of any false rejection at or below alpha, however
    the tests depend on each other (Holm 1979).
    """
    order = sorted((p, place) for place, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, place) in enumerate(order):
        largest = max(largest, min(1.0, p * (len(order) - rank)))
        adjusted[place] = largest
    return adjusted
