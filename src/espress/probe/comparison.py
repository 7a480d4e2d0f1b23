"""Two systems on the same items: paired differences, tests, and the smallest difference that could have been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.probe.intervals import (
    FEWEST_CLUSTERS,
    SEED,
    cluster_values,
    drawn,
    in_words,
    over_clusters,
    value,
    within,
)
from espress.probe.result import Comparison, Result, Tested
from espress.probe.tallies import count
from espress.probe.tasks import task
from espress.stats import minimum_detectable_difference, paired_permutation, sign_flip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from espress.probe.tallies import Counts

PERMUTATIONS = 10_000
_FIXED = "(z[1 - alpha/2] + z[power]) * SE; SE = standard deviation of the bootstrapped differences"
_NEW = "(t[1 - alpha/2; G - 1] + t[power; G - 1]) * SE; SE = standard deviation of the G differences / sqrt(G); G = {}"
_TINY = 1e-12  # a spread below it is rounding: the two answer alike


def _pooled(a: Counts, b: Counts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return both systems' tallies by block, runs added up and weighted so that gold counts agree."""
    return a.tallies.sum(axis=0) * len(b.tallies), b.tallies.sum(axis=0) * len(a.tallies)


def _fixed(a: Counts, b: Counts) -> Tested:
    draws = drawn(a, b)
    differences = draws[:, 0] - draws[:, 1]
    spread = float(differences.std(ddof=1))
    _, p = paired_permutation(*_pooled(a, b), permutations=PERMUTATIONS, seed=SEED, score=a.score)
    return Tested(
        estimate=within(value(a) - value(b), differences, a),
        p=p,
        smallest_p=1 / (1 + PERMUTATIONS),
        test="paired permutation of paragraph blocks; for these articles alone",
        minimum_detectable=minimum_detectable_difference(spread) if spread > _TINY else None,
        formula=_FIXED,
    )


def _new(a: Counts, b: Counts, split: str) -> Tested:
    ours, theirs = cluster_values(a), cluster_values(b)
    differences = [ours[name] - theirs[name] for name in ours]
    n = len(differences)
    estimate = over_clusters(differences, split)
    formula = _NEW.format(n)
    if n < FEWEST_CLUSTERS:
        return Tested(estimate, None, None, "none: too few clusters", None, formula)
    _, p, smallest = sign_flip(differences, seed=SEED)
    mean = sum(differences) / n
    error = (sum((d - mean) ** 2 for d in differences) / (n - 1) / n) ** 0.5
    least = minimum_detectable_difference(error, n - 1) if error > _TINY else None
    test = f"sign flip of whole articles, exact; with {in_words(n)} it cannot go below {smallest:.4g}"
    return Tested(estimate, p, smallest, test if n <= 20 else "sign flip of whole articles", least, formula)


def compared(a: Counts, b: Counts, names: tuple[str, str], about: tuple[str, str, str]) -> Comparison:
    """Return the comparison of two systems' counts; `names` are theirs, `about` is task, split and reading."""
    return Comparison(*about, *names, fixed=_fixed(a, b), new=_new(a, b, about[1]))


def compare(a: Result, b: Result) -> tuple[Comparison, ...]:
    """Compare two results of one task and split, a reading at a time, leaving out readings with no scored class.

    Differences are a minus b, paired by item. For the articles at hand: bootstrap of paragraph blocks within articles,
    and a permutation test that lets the two change places block by block. For new articles: Student's t and the sign
    flip over whole articles. Where a system has several runs, intervals average their scores, and the permutation test
    adds up their counts.

    Raises:
        InputError: the two are not of the same task, split and data.
    """
    for what in ("task", "split", "data_version", "split_hash"):
        ours, theirs = getattr(a, what), getattr(b, what)
        if ours != theirs:
            raise InputError([f"{a.model!r} has {what} {ours!r}, {b.model!r} has {theirs!r}. Compare like with like."])
    one, found = task(a.task), []
    for reading in one.readings:
        ours, theirs = (count(r.predictions, one, r.split, reading.name) for r in (a, b))
        if ours.scored:
            found.append(compared(ours, theirs, (a.model, b.model), (a.task, a.split, reading.name)))
    return tuple(found)
