"""Two systems on the same items: paired differences, tests, and the smallest difference that a test could detect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.probe.estimates import (
    FEWEST_FOLDS,
    SEED,
    bootstrap,
    count,
    estimate_here,
    estimate_new,
    score_folds,
    spell,
)
from espress.probe.result import Comparison, Result, Tested
from espress.probe.tasks import task
from espress.stats import minimum_detectable_difference, paired_permutation, sign_flip

if TYPE_CHECKING:
    from espress.probe.estimates import Counts

PERMUTATIONS = 10_000
_HERE = "(z[1 - alpha/2] + z[power]) * SE; SE = standard deviation of the bootstrapped differences"
_NEW = "(t[1 - alpha/2; G - 1] + t[power; G - 1]) * SE; SE = standard deviation of the G differences / sqrt(G); G = {}"
_TINY = 1e-12  # a smaller spread is a rounding error of systems with the same answers


def _compare_here(a: Counts, b: Counts) -> Tested:
    draws = bootstrap(a, b)
    differences = draws[:, 0] - draws[:, 1]
    spread = float(differences.std(ddof=1))
    # Runs are summed, with weights that make the gold counts of both systems equal.
    pooled = a.tallies.sum(axis=0) * len(b.tallies), b.tallies.sum(axis=0) * len(a.tallies)
    _, p = paired_permutation(*pooled, permutations=PERMUTATIONS, seed=SEED, score=a.score)
    return Tested(
        estimate=estimate_here(a.pooled_score() - b.pooled_score(), differences, a),
        p=p,
        smallest_p=1 / (1 + PERMUTATIONS),
        test="paired permutation of paragraphs; for these articles only",
        minimum_detectable=minimum_detectable_difference(spread) if spread > _TINY else None,
        formula=_HERE,
    )


def _compare_new(a: Counts, b: Counts, split: str) -> Tested:
    ours, theirs = score_folds(a), score_folds(b)
    differences = [ours[name] - theirs[name] for name in ours]
    n = len(differences)
    estimate, formula = estimate_new(differences, split), _NEW.format(n)
    if n < FEWEST_FOLDS:
        return Tested(estimate, None, None, "none: too few articles or blocks", None, formula)
    _, p, smallest = sign_flip(differences, seed=SEED)
    error = float(np.std(differences, ddof=1)) / n**0.5
    least = minimum_detectable_difference(error, n - 1) if error > _TINY else None
    test = f"exact sign-flip test of whole articles; with {spell(n)} p cannot go below {smallest:.4g}"
    return Tested(estimate, p, smallest, test if n <= 20 else "sign flip of whole articles", least, formula)


def compare_counts(a: Counts, b: Counts, names: tuple[str, str], about: tuple[str, str, str]) -> Comparison:
    """Return the comparison of two systems' counts; `about` is task, split and reading."""
    return Comparison(*about, *names, fixed=_compare_here(a, b), new=_compare_new(a, b, about[1]))


def compare(a: Result, b: Result) -> tuple[Comparison, ...]:
    """Compare two results of one task and split in each reading that has a scored class.

    Differences are a minus b, paired by item. For these articles: a bootstrap of paragraphs within articles, and a
    permutation test that exchanges the two systems paragraph by paragraph. For new articles: Student's t and the sign
    flip over whole articles. If a system has several runs, intervals average their scores, and the permutation test
    adds up their counts.

    Raises:
        InputError: the two differ in task, split or data.
    """
    for what in ("task", "split", "data_version", "split_hash"):
        ours, theirs = getattr(a, what), getattr(b, what)
        if ours != theirs:
            raise InputError([f"{a.model!r} has {what} {ours!r}, {b.model!r} has {theirs!r}. Both must be equal."])
    one, found = task(a.task), []
    for reading in one.readings:
        mine, other = (count(r.predictions, one, r.split, reading.name) for r in (a, b))
        if mine.scored:
            found.append(compare_counts(mine, other, (a.model, b.model), (a.task, a.split, reading.name)))
    return tuple(found)
