"""Intervals by resampling clusters: all predictors on the same draws, so that differences are paired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.shortcut_audit.result import NOT_APPLICABLE, UNDEFINED, Estimate
from espress.stats import macro_f1, percentile_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

RESAMPLES = 2_000
CELLS = 2**21  # weights held at a time
REFUSED = 5  # clusters below which no interval is given
WARNED = 10  # clusters below which a bootstrap interval is known to be too short
DISTINGUISHABLE = 0.05  # how far above the prior a model must surely be, for shares of its gain to have a meaning


@dataclass(frozen=True)
class Scored:
    """A macro-F1 as it stands (`value`) and in each resample (`draws`; None where intervals are refused)."""

    value: float
    draws: NDArray[np.float64] | None
    clusters: int


def scored(systems: Sequence[NDArray[Any]], clusters: int, seed: int) -> list[Scored]:
    """Score tallies (blocks, K, 3) of several systems, as they stand and on the same resamples of blocks."""
    values = [float(macro_f1(each.sum(axis=0))) for each in systems]
    if clusters < REFUSED:
        return [Scored(value, None, clusters) for value in values]
    blocks, n_classes = systems[0].shape[:2]
    columns = np.concatenate([each.reshape(blocks, -1) for each in systems], axis=1).astype(np.float64)
    drawn = [
        macro_f1((weights @ columns).reshape(-1, len(systems), n_classes, 3)) for weights in _redrawn(blocks, seed)
    ]
    return [Scored(value, each, clusters) for value, each in zip(values, np.concatenate(drawn).T, strict=True)]


def _redrawn(blocks: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield chunks (r, blocks): how often each block stands in a resample, drawn with replacement.

    `espress.stats.cluster_bootstrap` is for counts; the drawing rule's tallies are expectations, and many systems
    on the same draws are one matrix product.
    """
    rng, rows = np.random.default_rng(seed), max(1, CELLS // blocks)
    for first in range(0, RESAMPLES, rows):
        n_rows = min(rows, RESAMPLES - first)
        picks = rng.integers(blocks, size=(n_rows, blocks)) + np.arange(n_rows)[:, None] * blocks
        yield np.bincount(picks.ravel(), minlength=picks.size).reshape(n_rows, blocks).astype(np.float64)


def better(first: Scored, second: Scored) -> Scored:
    """Return the higher of two scores, in each resample anew."""
    draws = None if first.draws is None or second.draws is None else np.maximum(first.draws, second.draws)
    return Scored(max(first.value, second.value), draws, first.clusters)


def interval(value: float, draws: NDArray[np.float64] | None, clusters: int) -> Estimate:
    """Return the percentile interval of the draws, with a warning below 10 clusters, or why there is none below 5."""
    if draws is None:
        return Estimate(
            value, reason=f"no interval: {clusters} clusters are tested, and fewer than {REFUSED} cannot show a spread"
        )
    low, high = percentile_interval(draws)
    few = f"{clusters} clusters are tested: with fewer than {WARNED} such an interval is too short"
    return Estimate(value, low, high, few if clusters < WARNED else None)


def of_score(system: Scored) -> Estimate:
    """Return the score with its interval."""
    return interval(system.value, system.draws, system.clusters)


def above(system: Scored, floor: Scored) -> Estimate:
    """Return how much better the system is than the floor, paired."""
    draws = None if system.draws is None or floor.draws is None else system.draws - floor.draws
    return interval(system.value - floor.value, draws, system.clusters)


def skill(system: Scored, floor: Scored) -> Estimate:
    """Return (S_g - S_0) / (1 - S_0): 0 where the group tells nothing, 1 where it tells all."""
    draws = None if system.draws is None or floor.draws is None else _skill(system.draws, floor.draws)
    return interval(float(_skill(np.array(system.value), np.array(floor.value))), draws, system.clusters)


def _skill(score: NDArray[np.float64], floor: NDArray[np.float64]) -> NDArray[np.float64]:
    left: NDArray[np.float64] = np.maximum(1 - floor, np.finfo(float).tiny)  # S_0 = 1 needs a class alone in a resample
    return (score - floor) / left


def share_of_gain(system: Scored, floor: Scored, model: Scored) -> Estimate:
    """Return (S_g - S_0) / (S_m - S_0), only where the lower bound of S_m - S_0 exceeds 0.05."""
    gained = above(model, floor)
    if system.draws is None or floor.draws is None or model.draws is None or (gained.low or 0) <= DISTINGUISHABLE:
        return Estimate(None, reason=UNDEFINED)
    ratio = (system.draws - floor.draws) / (model.draws - floor.draws)
    value = (system.value - floor.value) / (model.value - floor.value)
    return interval(value, ratio, system.clusters)


def not_applicable(value: float | None = None) -> Estimate:
    """Return the estimate that is none, as no tested row's group was trained on."""
    return Estimate(value, reason=NOT_APPLICABLE)
