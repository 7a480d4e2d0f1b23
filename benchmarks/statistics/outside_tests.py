"""Compare our intervals, tests and powers with SciPy and statsmodels on the same generated numbers."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.statistics.cases import answers
from benchmarks.statistics.comparison import DRAWN, Comparison, largest

from espress.stats import (
    accuracy,
    cluster_bootstrap,
    holm,
    macro_f1,
    minimum_detectable_difference,
    paired_permutation,
    percentile_interval,
    sign_flip,
    t_interval,
    tally,
    wilson_interval,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES, PERMUTATIONS = 2000, 4000
ALL = 10_000  # more than there are exchanges: SciPy then enumerates them
LEVELS = (0.8, 0.9, 0.95, 0.99)


def _values(rng: np.random.Generator, least: int, most: int) -> NDArray[np.float64]:
    """Return numbers like differences of article scores: some with ties and zeros, some all of one size."""
    values = rng.normal(rng.normal(0, 0.1), rng.choice([0.01, 0.1, 1.0]), size=rng.integers(least, most + 1))
    kind = rng.integers(4)
    rounded: NDArray[np.float64] = values if kind < 2 else np.round(values * 8) / 8 if kind == 2 else np.sign(values)
    return rounded


def _percentiles(rng: np.random.Generator) -> float:
    """Give SciPy our draws, so that only the interval is compared."""
    from scipy.stats import bootstrap

    draws, level = rng.choice(rng.normal(size=50), size=rng.integers(20, 500)), float(rng.choice(LEVELS))
    held: Any = SimpleNamespace(bootstrap_distribution=draws)
    theirs = bootstrap(
        ([0.0, 1.0],), np.mean, n_resamples=0, bootstrap_result=held, confidence_level=level, method="percentile"
    )
    return largest(percentile_interval(draws, level), tuple(theirs.confidence_interval))


def _distribution(rng: np.random.Generator) -> float:
    """Draw the clusters of each stratum as separate samples: SciPy's draws and ours have the same mean and spread."""
    from scipy.stats import bootstrap

    case = answers(rng, clusters=(2, 10))
    tallies = tally(case.gold, case.predicted[0], case.n_classes, case.clusters, case.n_clusters)
    strata = rng.integers(2, size=case.n_clusters)
    samples = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    if min(map(len, samples)) < 2:  # SciPy refuses a sample of one, which cannot vary anyway
        samples, strata = [np.arange(case.n_clusters)], np.zeros(case.n_clusters, dtype=int)

    def statistic(*drawn: Any, axis: int) -> Any:
        return macro_f1(sum(tallies[clusters].sum(axis=axis % clusters.ndim) for clusters in drawn))

    seed = int(rng.integers(2**32))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a degenerate distribution, in which all clusters are equal, is intended
        theirs = bootstrap(
            samples,
            statistic,
            n_resamples=RESAMPLES,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(seed + 1),
        ).bootstrap_distribution
    ours = cluster_bootstrap(tallies, strata, resamples=RESAMPLES, seed=seed, score=macro_f1)
    centre = np.concatenate((ours, theirs)).mean()
    return max(_apart(ours, theirs), _apart((ours - centre) ** 2, (theirs - centre) ** 2))


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the difference of two samples' means in standard errors."""
    error = np.sqrt(one.var() / one.size + other.var() / other.size)
    return float(abs(one.mean() - other.mean()) / error) if error > 1e-12 else 0.0


def _t_statsmodels(rng: np.random.Generator) -> float:
    from statsmodels.stats.weightstats import DescrStatsW

    values, level = _values(rng, 2, 60), float(rng.choice(LEVELS))
    theirs = DescrStatsW(values)
    return largest(t_interval(values, level), (theirs.mean, *theirs.tconfint_mean(alpha=1 - level)))


def _t_scipy(rng: np.random.Generator) -> float:
    from scipy.stats import sem, t

    values, level = _values(rng, 2, 60), float(rng.choice(LEVELS))
    error = max(float(sem(values)), np.finfo(float).tiny)  # SciPy has no interval where nothing varies
    theirs = t.interval(level, values.size - 1, loc=values.mean(), scale=error)
    return largest(t_interval(values, level)[1:], theirs)


def _detectable(rng: np.random.Generator) -> float:
    """Write the formula out with the quantiles of SciPy's distributions."""
    from scipy.stats import norm, t

    error, df = rng.uniform(0.001, 0.3), rng.choice([None, *range(2, 60)])
    alpha, power = rng.choice([0.01, 0.05, 0.1]), rng.uniform(0.5, 0.95)
    law = norm if df is None else t(df)
    theirs = error * (law.ppf(1 - alpha / 2) + law.ppf(power))
    return largest(minimum_detectable_difference(error, df, alpha, power), theirs)


def _power_normal(rng: np.random.Generator) -> float:
    """Ask what power the normal test has at our difference."""
    from statsmodels.stats.power import normal_power

    error, power = rng.uniform(0.001, 0.3), rng.uniform(0.7, 0.95)
    difference = minimum_detectable_difference(error, None, 0.05, power)
    return largest(normal_power(difference / error, nobs=1, alpha=0.05), power)


def _power_t(rng: np.random.Generator) -> float:
    """Ask what power the exact, noncentral t test has at our difference, for five articles and more."""
    from statsmodels.stats.power import TTestPower

    error, power, n = rng.uniform(0.001, 0.3), rng.uniform(0.7, 0.95), int(rng.integers(5, 60))
    difference = minimum_detectable_difference(error, n - 1, 0.05, power)
    return largest(TTestPower().power(difference / error / np.sqrt(n), nobs=n, alpha=0.05), power)


def _flips_scipy(rng: np.random.Generator) -> float:
    from scipy.stats import permutation_test

    values = _values(rng, 2, 9)
    theirs = permutation_test(
        (values,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", vectorized=True, n_resamples=ALL
    )
    ours = sign_flip(values)
    return largest((ours.mean, ours.p), (theirs.statistic, theirs.pvalue))


def _flips_statsmodels(rng: np.random.Generator) -> float:
    """Flip differences all of one size: the sign test."""
    from statsmodels.stats.descriptivestats import sign_test

    values = rng.choice([-0.1, 0.1], size=rng.integers(1, 21))
    return largest(sign_flip(values).p, sign_test(values)[1])


def _flips_drawn(rng: np.random.Generator) -> float:
    """Flip more differences than are enumerated, all of one size; the exact answer is the binomial test's."""
    from scipy.stats import binomtest

    values = rng.choice([-0.1, 0.1], size=rng.integers(21, 60))
    exact = float(binomtest(int((values > 0).sum()), values.size).pvalue)
    ours = sign_flip(values, permutations=PERMUTATIONS, seed=int(rng.integers(2**32))).p
    return _off(ours, exact)


def _off(ours: float, exact: float) -> float:
    """Return how far a p from random draws is from the exact one, in standard errors."""
    count = ours * (1 + PERMUTATIONS) - 1
    error = np.sqrt(PERMUTATIONS * exact * (1 - exact))
    return float(abs(count - PERMUTATIONS * exact) / max(error, 1.0))


def _swaps_scipy(rng: np.random.Generator) -> float:
    """Let SciPy enumerate all exchanges of up to nine clusters."""
    from scipy.stats import permutation_test

    case = answers(rng, clusters=(2, 9))
    a, b = (tally(case.gold, p, case.n_classes, case.clusters, case.n_clusters) for p in case.predicted)
    both = np.concatenate((a, b))
    n = case.n_clusters

    def statistic(x: Any, y: Any, axis: int) -> Any:
        return macro_f1(both[x].sum(axis=axis % x.ndim)) - macro_f1(both[y].sum(axis=axis % y.ndim))

    theirs = permutation_test(
        (np.arange(n), np.arange(n) + n), statistic, permutation_type="samples", vectorized=True, n_resamples=ALL
    )
    difference, p = paired_permutation(a, b, permutations=PERMUTATIONS, seed=int(rng.integers(2**32)), score=macro_f1)
    return max(_off(p, float(theirs.pvalue)), largest(difference, theirs.statistic) / 1e-12)


def _swaps_statsmodels(rng: np.random.Generator) -> float:
    """Exchange single rows and score accuracy: McNemar's exact test."""
    from statsmodels.stats.contingency_tables import mcnemar

    case = answers(rng)
    rows = np.arange(case.gold.size)
    a, b = (tally(case.gold, p, case.n_classes, rows, rows.size) for p in case.predicted)
    right = [p == case.gold for p in case.predicted]
    table = [[int((right[0] == i) @ (right[1] == j).astype(int)) for j in (True, False)] for i in (True, False)]
    p = paired_permutation(a, b, permutations=PERMUTATIONS, seed=int(rng.integers(2**32)), score=accuracy)[1]
    return _off(p, float(mcnemar(table, exact=True).pvalue))


def _wilson(rng: np.random.Generator) -> float:
    from statsmodels.stats.proportion import proportion_confint

    n, level = int(rng.integers(1, 400)), float(rng.choice(LEVELS))
    hits = int(rng.integers(n + 1))
    theirs = proportion_confint(hits, n, alpha=1 - level, method="wilson")
    return largest(wilson_interval(hits, n, level), theirs)


def _holm(rng: np.random.Generator) -> float:
    import gc

    from statsmodels.stats.multitest import multipletests

    gc.freeze()  # each call collects garbage, which takes most of the time unless existing objects are set aside
    values = rng.random(rng.integers(1, 30)) ** 3  # many small ones
    ours = np.array(holm(values.tolist()), dtype=np.float64)
    return largest(ours, multipletests(values, method="holm")[1])


TESTS = (
    Comparison(
        "interval of a proportion",
        "wilson_interval",
        "statsmodels",
        "proportion_confint(method='wilson')",
        4000,
        _wilson,
    ),
    Comparison("p adjusted for several tests", "holm", "statsmodels", "multipletests(method='holm')", 4000, _holm),
    Comparison(
        "interval of given draws", "percentile_interval", "scipy", "bootstrap(bootstrap_result=...)", 2000, _percentiles
    ),
    Comparison(
        "mean and spread of resampled macro-F1",
        "cluster_bootstrap",
        "scipy",
        "bootstrap of each stratum's clusters",
        1000,
        _distribution,
        DRAWN,
        "standard errors",
    ),
    Comparison(
        "interval of article means", "t_interval", "statsmodels", "DescrStatsW.tconfint_mean", 4000, _t_statsmodels
    ),
    Comparison("interval of article means", "t_interval", "scipy", "stats.t.interval", 4000, _t_scipy),
    Comparison(
        "minimum detectable difference",
        "minimum_detectable_difference",
        "scipy",
        "stats.t.ppf, stats.norm.ppf",
        4000,
        _detectable,
    ),
    Comparison(
        "its power, normal", "minimum_detectable_difference", "statsmodels", "normal_power", 4000, _power_normal, 1e-4
    ),
    Comparison(
        "its power, exact noncentral t, from five articles on",
        "minimum_detectable_difference",
        "statsmodels",
        "TTestPower",
        2000,
        _power_t,
        0.02,
    ),
    Comparison(
        "p of the sign flip, up to nine articles", "sign_flip", "scipy", "permutation_test, exact", 4000, _flips_scipy
    ),
    Comparison(
        "p of the sign flip, differences of one size", "sign_flip", "statsmodels", "sign_test", 2000, _flips_statsmodels
    ),
    Comparison(
        "p of the sign flip, drawn", "sign_flip", "scipy", "binomtest", 1000, _flips_drawn, DRAWN, "standard errors"
    ),
    Comparison(
        "p of exchanged clusters, up to nine",
        "paired_permutation",
        "scipy",
        "permutation_test, exact",
        1000,
        _swaps_scipy,
        DRAWN,
        "standard errors",
    ),
    Comparison(
        "p of exchanged rows, accuracy",
        "paired_permutation",
        "statsmodels",
        "mcnemar, exact",
        1000,
        _swaps_statsmodels,
        DRAWN,
        "standard errors",
    ),
)
