"""Which clusters the bootstrap draws, for comparisons with other libraries on the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.stats.bootstrap import draw, plan_draws

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def draw_weights(
    n_clusters: int, strata: ArrayLike | None = None, *, resamples: int, seed: int, first: int | None = None
) -> NDArray[np.int64]:
    """Return how often each of the first resamples of `cluster_bootstrap` draws each cluster: (first, n_clusters).

    If `first` is None, all resamples are returned.

    Raises:
        EspressError: there is no cluster, or not one stratum number for each.
    """
    weights = np.zeros((resamples if first is None else first, n_clusters), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for stratum, size, times in plan_draws(n_clusters, strata, resamples):
        for rows, drawn in draw(rng, stratum.size**size, times, resamples):
            kept = weights[rows]
            for picks in np.unravel_index(drawn[:, : len(kept)], (stratum.size,) * size):
                np.add.at(kept, (np.arange(len(kept)), stratum[picks]), 1)
    return weights
