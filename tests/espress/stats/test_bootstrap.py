"""The bootstrap draws clusters within strata, fairly, and scores exactly the rows that it draws."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from benchmarks.statistics.draws import draw_weights
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import EspressError
from espress.stats import accuracy, cluster_bootstrap, macro_f1, percentile_interval
from espress.stats.bootstrap import draw, pack, plan_draws, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _tallies(seed: int, n_clusters: int, n_classes: int = 3, most: int = 6) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    hits, wrong, missed = rng.integers(0, most, (3, n_clusters, n_classes))
    return np.stack([hits, hits + wrong, hits + missed], axis=-1)


def _scored(weights: NDArray[np.int64], tallies: NDArray[np.int64]) -> NDArray[np.float64]:
    return macro_f1(np.einsum("rb,bkc->rkc", weights, tallies))


@given(st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(1, 300))
def test_scores_are_those_of_the_clusters_drawn(seed: int, strata: list[int], resamples: int) -> None:
    tallies = _tallies(seed, len(strata))
    weights = draw_weights(len(tallies), strata, resamples=resamples, seed=seed)
    for stratum in set(strata):
        inside = np.array(strata) == stratum
        assert (weights[:, inside].sum(axis=1) == inside.sum()).all()
    drawn = cluster_bootstrap(tallies, strata, resamples=resamples, seed=seed, score=macro_f1)
    assert drawn.shape == (resamples,)
    assert (drawn == _scored(weights, tallies)).all()
    assert (draw_weights(len(tallies), strata, resamples=resamples, seed=seed, first=1) == weights[:1]).all()


@pytest.mark.parametrize(("n_clusters", "resamples"), [(3, 20), (3, 30_000), (4, 30_000)])
def test_every_choice_of_clusters_is_as_likely_as_any_other(n_clusters: int, resamples: int) -> None:
    from scipy.stats import chisquare

    rounds = 30_000 // resamples
    tallies = _tallies(5, n_clusters)
    weights = np.concatenate([draw_weights(len(tallies), resamples=resamples, seed=seed) for seed in range(rounds)])
    found, counts = np.unique(weights, axis=0, return_counts=True)
    choices = np.array([np.bincount(c, minlength=n_clusters) for c in product(range(n_clusters), repeat=n_clusters)])
    every, ways = np.unique(choices, axis=0, return_counts=True)
    assert (found == every).all()
    assert chisquare(counts, ways / ways.sum() * counts.sum()).pvalue > 0.001


def test_systems_share_their_draws() -> None:
    systems = np.stack([_tallies(1, 30), _tallies(2, 30)])
    strata = np.arange(30) // 7
    both = cluster_bootstrap(systems, strata, resamples=500, seed=3, score=macro_f1)
    alone = [cluster_bootstrap(one, strata, resamples=500, seed=3, score=macro_f1) for one in systems]
    assert both.shape == (500, 2)
    assert (both == np.stack(alone, axis=1)).all()


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    tallies = _tallies(0, 12)
    one, same, other = (cluster_bootstrap(tallies, resamples=200, seed=seed, score=accuracy) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_large_tallies_are_summed_exactly() -> None:
    tallies = _tallies(0, 40, most=10**9)
    weights = draw_weights(len(tallies), resamples=100, seed=0)
    drawn = cluster_bootstrap(tallies, resamples=100, seed=0, score=macro_f1)
    assert (drawn == _scored(weights, tallies)).all()


def test_fractions_instead_of_counts_are_refused() -> None:
    halves: Any = _tallies(0, 4) / 2
    with pytest.raises(EspressError, match=r"type float64 .* whole numbers"):
        cluster_bootstrap(halves, resamples=10, seed=0, score=macro_f1)


def test_many_draws_come_in_batches_of_rows_that_follow_each_other() -> None:
    batches = list(draw(np.random.default_rng(0), 10, 2**14, 20))
    assert [(rows.start, rows.stop) for rows, _ in batches] == [(0, 8), (8, 16), (16, 20)]
    assert [drawn.shape for _, drawn in batches] == [(2**14, 8), (2**14, 8), (2**14, 4)]
    assert {int(drawn.min()) for _, drawn in batches} == {0}
    assert {int(drawn.max()) for _, drawn in batches} == {9}
    for size in (2**12, 2**12 + 1, 70_000):
        ((_, drawn),) = draw(np.random.default_rng(0), size, 100, 600)
        assert size * 0.999 < drawn.max() < size
    (whole,) = draw(np.random.default_rng(0), 10, 3, 20)
    assert (whole[0], whole[1].shape) == (slice(0, 20), (3, 20))


@pytest.mark.parametrize(
    ("n_clusters", "resamples", "plan"),
    [
        (1, 50, [(1, 1, 1)]),
        (7, 48, [(7, 1, 7)]),  # a table of 49 pairs is larger than the number of resamples
        (7, 49, [(7, 2, 3), (7, 1, 1)]),
        (6, 10_000, [(6, 4, 1), (6, 2, 1)]),
        (64, 4096, [(64, 2, 32)]),
        (65, 10_000, [(65, 1, 65)]),
    ],
)
def test_clusters_are_drawn_together_while_the_table_is_small(
    n_clusters: int, resamples: int, plan: list[tuple[int, int, int]]
) -> None:
    found = [(len(stratum), size, times) for stratum, size, times in plan_draws(n_clusters, None, resamples)]
    assert found == plan


def test_strata_are_found_in_any_order_and_must_fit_the_clusters() -> None:
    found = [(stratum.tolist(), size, times) for stratum, size, times in plan_draws(4, [1, 0, 1, 0], 1)]
    assert found == [([1, 3], 1, 2), ([0, 2], 1, 2)]
    for n_clusters, strata in ((3, [0, 0]), (0, []), (0, None)):
        with pytest.raises(EspressError, match="at least one cluster"):
            list(plan_draws(n_clusters, strata, 10))


@pytest.mark.parametrize("most", [0, 1, 2, 3, 255, 2**31, 2**62])
def test_packed_counts_are_unpacked_and_their_sums_do_not_touch(most: int) -> None:
    counts = np.array([[0, most], [most, 0], [most // 2, most - most // 2]] * 30)
    words = pack(counts, most)
    assert (unpack(words, len(counts), most) == counts).all()
    assert (unpack(words[:, :1] + words[:, 1:], len(counts), most)[:, 0] == counts.sum(axis=1)).all()


def test_the_percentile_interval_leaves_half_of_the_rest_on_either_side() -> None:
    assert percentile_interval(np.arange(101)) == pytest.approx((2.5, 97.5))
    assert percentile_interval(np.arange(101), 0.8) == pytest.approx((10.0, 90.0))
    assert percentile_interval([3.0]) == (3.0, 3.0)
    for draws, share in (([], "0 of 0"), ([1.0, np.inf, np.nan, 2.0], "2 of 4")):
        with pytest.raises(EspressError, match=f"^{share} resampled scores"):
            percentile_interval(draws)
