"""Block bootstrap on tallies: resampled blocks are summed, not looked at again, and each sum is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import EspressError
from espress.stats.random_sums import TICKETS, add_drawn, batches, draw, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from espress.stats.random_sums import Words

    Score = Callable[[NDArray[Any]], NDArray[np.float64]]  # tallies (..., K, 3) -> (...)

ALIKE = 32  # blocks of a kind, on average, from which on it is cheaper to draw how many of each kind


def _strata(n_blocks: int, strata: ArrayLike | None) -> list[NDArray[np.intp]]:
    """Return the blocks of each stratum."""
    groups = np.zeros(n_blocks, dtype=np.intp) if strata is None else np.asarray(strata)
    if groups.shape != (n_blocks,) or not n_blocks:
        raise EspressError(
            f"There are {n_blocks} blocks and {groups.size} stratum numbers; there must be at least one block, and "
            "a number for each. Give `strata` one entry a block, or None."
        )
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    return np.split(order, starts[1:])


def _together(n_blocks: int, resamples: int) -> Iterator[tuple[int, int]]:
    """Yield (size, times): `n_blocks` draws as `times` draws of `size` blocks together, and a rest."""
    size = 1
    while size < n_blocks and n_blocks ** (size + 1) <= min(TICKETS, resamples):
        size += 1
    yield size, n_blocks // size
    if n_blocks % size:
        yield n_blocks % size, 1


def _urn(blocks: Words, size: int) -> Words:
    """Return the sums of all ordered choices of `size` blocks; the last block chosen changes fastest."""
    urn = blocks
    for _ in range(size - 1):
        urn = (urn[:, :, None] + blocks[:, None, :]).reshape(len(blocks), -1)
    return urn


def _kinds(blocks: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Return the first block of each kind and how many there are, where many are alike; else None."""
    n_blocks = blocks.shape[1]
    if n_blocks < ALIKE:
        return None
    kinds = np.zeros(n_blocks, dtype=np.intp)
    for word in blocks:  # one after the other: sorting whole columns takes ten times as long
        values, own = np.unique(word, return_inverse=True)
        kinds = np.unique(kinds * values.size + own, return_inverse=True)[1]
    _, firsts, counts = np.unique(kinds, return_index=True, return_counts=True)
    return (firsts, counts) if firsts.size * ALIKE <= n_blocks else None


def _draw_kinds(
    rng: np.random.Generator, counts: NDArray[np.intp], resamples: int
) -> Iterator[tuple[slice, NDArray[np.int64]]]:
    """Yield (rows, times): how often a block of each kind is drawn; times is (kinds, rows)."""
    for rows in batches(resamples, counts.size):
        yield rows, rng.multinomial(counts.sum(), counts / counts.sum(), size=rows.stop - rows.start).T


def _columns(tallies: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the tallies of S systems as counts (S * K * 3, B), and the most that a resample can sum them to."""
    columns = np.moveaxis(tallies, 1, -1).reshape(-1, tallies.shape[1])
    return columns, int(columns.max(initial=0)) * columns.shape[1]


def block_bootstrap(
    tallies: NDArray[np.int64], strata: ArrayLike | None = None, *, resamples: int, seed: int, score: Score
) -> NDArray[np.float64]:
    """Score resamples of blocks, drawn with replacement within each stratum.

    `tallies` (B, K, 3) give (resamples,); several systems on the same draws, (S, B, K, 3), give (resamples, S).
    `strata` (B,) numbers the stratum of each block; None puts all blocks into one. Blocks are the units that were
    sampled: articles for a claim on new articles, paragraphs within articles for one on these articles (Davison and
    Hinkley, Bootstrap Methods and their Application, 1997, sections 3.2 and 3.8). The same seed gives the same draws.
    Memory grows with resamples times classes, not with resamples times blocks.

    Raises:
        EspressError: no block, or not one stratum number for each.
    """
    systems = tallies if tallies.ndim == 4 else tallies[None]
    n_systems, n_blocks, n_classes, _ = systems.shape
    groups = _strata(n_blocks, strata)
    columns, most = _columns(systems)
    words = pack(columns, most)
    sums = np.zeros((len(words), resamples), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for blocks in (words[:, group] for group in groups):
        if kinds := _kinds(blocks):
            for rows, times in _draw_kinds(rng, kinds[1], resamples):
                sums[:, rows] += blocks[:, kinds[0]] @ times
            continue
        for size, n_draws in _together(blocks.shape[1], resamples):
            add_drawn(sums, _urn(blocks, size), n_draws, rng)
    draws = score(unpack(sums, len(columns), most).T.reshape(resamples, n_systems, n_classes, 3))
    return draws if tallies.ndim == 4 else draws[:, 0]


def redrawn(
    tallies: NDArray[np.int64], strata: ArrayLike | None = None, *, resamples: int, seed: int, first: int | None = None
) -> NDArray[np.int64]:
    """Return how often `block_bootstrap` draws each block, (first, B), in its first `first` resamples, or in all.

    This is for whoever wants to see or check the draws. Of blocks with the same tallies, all draws may be told of one.

    Raises:
        EspressError: no block, or not one stratum number for each.
    """
    systems = tallies if tallies.ndim == 4 else tallies[None]
    weights = np.zeros((resamples if first is None else first, systems.shape[1]), dtype=np.int64)
    words = pack(*_columns(systems))
    rng = np.random.default_rng(seed)
    for group in _strata(systems.shape[1], strata):
        if kinds := _kinds(words[:, group]):
            for rows, times in _draw_kinds(rng, kinds[1], resamples):
                kept = weights[rows]
                kept[:, group[kinds[0]]] += times.T[: len(kept)]
            continue
        for size, n_draws in _together(group.size, resamples):
            for rows, drawn in draw(rng, group.size**size, n_draws, resamples):
                kept = weights[rows]
                for picks in np.unravel_index(drawn[:, : len(kept)], (group.size,) * size):
                    np.add.at(kept, (np.arange(len(kept)), group[picks]), 1)
    return weights


def percentile_interval(draws: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the interval between the quantiles of the draws that leave (1 - level) / 2 on either side.

    Raises:
        EspressError: there are no draws, or one is not a finite number.
    """
    values = np.asarray(draws, dtype=np.float64)
    if not values.size or not np.isfinite(values).all():
        raise EspressError(
            f"Of {values.size} resampled scores, {int((~np.isfinite(values)).sum())} are no finite numbers; "
            "an interval needs at least one, all finite. Leave out blocks without rows."
        )
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
