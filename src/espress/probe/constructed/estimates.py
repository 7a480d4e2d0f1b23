"""Shares and F1 with intervals that resample frames or sheets, and sign tests, for both constructed sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.probe.result import Share
from espress.stats import cluster_bootstrap, macro_f1, percentile_interval, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_261  # any fixed number; it changes intervals only within the resampling error


def number(values: Iterable[object]) -> tuple[NDArray[np.intp], int]:
    """Return values as numbers from 0 in sorted order, and how many different values there are."""
    found, places = np.unique([str(value) for value in values], return_inverse=True)
    return places.astype(np.intp), len(found)


def _rate(tallies: NDArray[np.int64]) -> NDArray[np.float64]:
    rate: NDArray[np.float64] = tallies[..., 0, 0] / tallies[..., 0, 2]
    return rate


def draw_share(hits: Sequence[bool], clusters: Sequence[object], seed: int = SEED) -> NDArray[np.float64]:
    """Return the share of hits in resamples of whole clusters, (resamples,)."""
    places, n = number(clusters)
    right, total = (np.bincount(places, weights=w, minlength=n).astype(np.int64) for w in (np.asarray(hits), None))
    tallies = np.stack([right, total, total], axis=-1)[:, None, :]
    return cluster_bootstrap(tallies, resamples=RESAMPLES, seed=seed, score=_rate)


def estimate_share(hits: Sequence[bool], clusters: Sequence[object]) -> Share | None:
    """Return the share of hits with its interval; None without rows."""
    if not len(hits):
        return None
    return Share(float(np.mean(hits)), *percentile_interval(draw_share(hits, clusters)))


def estimate_macro_f1(
    gold: Sequence[str],
    given: Sequence[str | None],
    labels: Sequence[str],
    clusters: Sequence[object],
    strata: Sequence[object] | None = None,
) -> Share | None:
    """Return the mean F1 of the labels that are right for some item, with its interval; None without rows.

    Args:
        gold: right answers.
        given: answers; None for an answer that is not a label.
        labels: all labels of the question.
        clusters: the resampling unit of each item.
        strata: the stratum of each item, equal within a cluster; clusters are resampled within strata.
    """
    if not gold:
        return None
    code = {label: n for n, label in enumerate(labels)}
    present = sorted({code[label] for label in gold})
    places, n_clusters = number(clusters)
    counts = tally([code[g] for g in gold], [code.get(g or "", -1) for g in given], len(labels), places, n_clusters)

    def score(tallies: NDArray[np.int64]) -> NDArray[np.float64]:
        return macro_f1(tallies, present)

    groups: NDArray[np.intp] | None = None
    if strata is not None:
        of_items, _ = number(strata)
        groups = np.zeros(n_clusters, dtype=np.intp)
        groups[places] = of_items
    draws = cluster_bootstrap(counts, groups, resamples=RESAMPLES, seed=SEED, score=score)
    return Share(float(score(counts.sum(axis=0))), *percentile_interval(draws))


def sign_test(differences: Iterable[float]) -> tuple[int, int, float | None]:
    """Return how many differences are above and below zero, and the two-sided p of the exact sign test.

    p is None if no difference is other than zero.
    """
    from scipy.stats import binomtest

    values = list(differences)
    above, below = sum(value > 0 for value in values), sum(value < 0 for value in values)
    if not above + below:
        return above, below, None
    return above, below, float(binomtest(above, above + below).pvalue)
