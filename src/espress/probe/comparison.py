"""Two systems on the same items: paired differences, tests, and the smallest difference that a test could detect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

import numpy as np

from espress.errors import InputError
from espress.probe.constructed.estimates import RESAMPLES, number
from espress.probe.constructed.estimates import SEED as SET_SEED
from espress.probe.constructed.questions import SETS, question
from espress.probe.constructed.set_result import SetResult
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
from espress.probe.markdown import format_p, format_share
from espress.probe.result import Comparison, JsonValues, Result, Share, Tested
from espress.probe.tasks import task
from espress.stats import (
    cluster_bootstrap,
    holm,
    macro_f1,
    minimum_detectable_difference,
    paired_permutation,
    percentile_interval,
    sign_flip,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.probe.constructed.set_result import Outcome
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
        p_holm=p,
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
        return Tested(estimate, None, None, None, "none: too few articles or blocks", None, formula)
    _, p, smallest = sign_flip(differences, seed=SEED)
    error = float(np.std(differences, ddof=1)) / n**0.5
    least = minimum_detectable_difference(error, n - 1) if error > _TINY else None
    test = f"exact sign-flip test of whole articles; with {spell(n)} p cannot go below {smallest:.4g}"
    return Tested(estimate, p, p, smallest, test if n <= 20 else "sign flip of whole articles", least, formula)


def compare_counts(a: Counts, b: Counts, names: tuple[str, str], about: tuple[str, str]) -> Comparison:
    """Return the comparison of two systems' counts; `about` holds task and split."""
    return Comparison(*about, *names, fixed=_compare_here(a, b), new=_compare_new(a, b, about[1]))


def adjust(found: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Return comparisons that are given together, with their p adjusted by Holm within each estimand."""
    fixed, new = holm([one.fixed.p for one in found]), holm([one.new.p for one in found])
    return tuple(
        replace(one, fixed=replace(one.fixed, p_holm=here), new=replace(one.new, p_holm=there))
        for one, here, there in zip(found, fixed, new, strict=True)
    )


# ------------------------------------------------------------------------------------------------ the constructed sets


@dataclass(frozen=True)
class SetComparison(JsonValues):
    """The value of `system` minus that of `against`, on the same items."""

    set: str
    split: str
    system: str
    against: str
    metric: str
    difference: Share  # with its 95 % interval; whole frames or sheets are resampled, the same for both systems
    p: float  # two-sided; the two systems are exchanged frame by frame or sheet by sheet
    smallest_p: float  # that the test can give

    def __str__(self) -> str:
        units = SETS[self.set].units
        return (
            f"{self.system} minus {self.against} on {self.set} (constructed), split {self.split}\n"
            f"{self.metric}: {format_share(self.difference)}, p = {format_p(self.p)}\n"
            f"Interval: 95 %, {RESAMPLES:,} resamples of whole {units}, the same for both. p: the systems are "
            f"exchanged at random in each of the {units}. Interval and p say nothing about natural articles. If you "
            "make several comparisons, adjust their p with `espress.stats.holm`."
        )


def _rate(tallies: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean over functions of the share of right answers, for tallies (..., functions, 3)."""
    rate: NDArray[np.float64] = (tallies[..., 0] / tallies[..., 2]).mean(axis=-1)
    return rate


def _count_functions(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return tallies (frames, functions, 3) and the function of each frame."""
    frames, n_frames = number(one.cluster for one in outcomes)
    functions, n_functions = number(one.stratum for one in outcomes)
    cells, size = frames * n_functions + functions, n_frames * n_functions
    right = [one.gold == one.answer for one in outcomes]
    hits, every = (np.bincount(cells, weights=w, minlength=size).astype(np.int64) for w in (right, None))
    counts = np.stack([hits, every, every], axis=-1).reshape(n_frames, n_functions, 3)
    strata = np.zeros(n_frames, dtype=np.intp)
    strata[frames] = functions
    return counts, strata


def _count_stances(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.int64], None]:
    """Return tallies (sheets, stances, 3)."""
    code = {label: n for n, label in enumerate(question("stance").labels)}
    sheets, n_sheets = number(one.cluster for one in outcomes)
    given = [code.get(one.answer or "", -1) for one in outcomes]
    return tally([code[one.gold] for one in outcomes], given, len(code), sheets, n_sheets), None


def _compare_sets(a: SetResult, b: SetResult) -> SetComparison:
    """Return the paired comparison of two results on one set.

    Raises:
        InputError: the two are of different sets or splits, or on different items.
    """
    for what in ("set", "split", "data_version"):
        if getattr(a, what) != getattr(b, what):
            problem = f"{a.model!r} has {what} {getattr(a, what)!r}, {b.model!r} has {getattr(b, what)!r}"
            raise InputError([f"{problem}. Both must be equal."])
    if [one.item_id for one in a.outcomes] != [one.item_id for one in b.outcomes]:
        only = {one.item_id for one in a.outcomes} ^ {one.item_id for one in b.outcomes}
        raise InputError([f"{a.model!r} and {b.model!r} answered different items: {len(only)} only by one of them."])
    count = _count_functions if a.set == "check" else _count_stances
    score = _rate if a.set == "check" else macro_f1
    (ours, strata), (theirs, _) = count(a.outcomes), count(b.outcomes)
    draws = cluster_bootstrap(np.stack([ours, theirs]), strata, resamples=RESAMPLES, seed=SET_SEED, score=score)
    difference, p = paired_permutation(ours, theirs, permutations=PERMUTATIONS, seed=SET_SEED, score=score)
    interval = percentile_interval(draws[:, 0] - draws[:, 1])
    about = (a.set, a.split, a.model, b.model, a.metric)
    return SetComparison(*about, Share(difference, *interval), p, 1 / (1 + PERMUTATIONS))


# ------------------------------------------------------------------------------------------------ both


@overload
def compare(a: Result, b: Result) -> Comparison: ...
@overload
def compare(a: SetResult, b: SetResult) -> SetComparison: ...
def compare(a: Result | SetResult, b: Result | SetResult) -> Comparison | SetComparison:
    """Compare two results of one task and split, or of one constructed set.

    Differences are a minus b, paired by item. For these articles: a bootstrap of paragraphs within articles, and a
    permutation test that exchanges the two systems paragraph by paragraph. For new articles: Student's t and the sign
    flip over whole articles. If a system has several runs, intervals average their scores, and the permutation test
    adds up their counts. If you make several comparisons, adjust their p with `espress.stats.holm`. On a constructed
    set, whole frames or fact sheets are resampled and exchanged.

    Raises:
        InputError: the two differ in task, set, split, items or data, or no class of the task is scored.
    """
    if isinstance(a, SetResult) and isinstance(b, SetResult):
        return _compare_sets(a, b)
    if not isinstance(a, Result) or not isinstance(b, Result):
        raise InputError(
            [f"{a.model!r} and {b.model!r}: one result is on natural articles, the other on a constructed set."]
        )
    for what in ("task", "split", "data_version", "split_hash"):
        ours, theirs = getattr(a, what), getattr(b, what)
        if ours != theirs:
            raise InputError([f"{a.model!r} has {what} {ours!r}, {b.model!r} has {theirs!r}. Both must be equal."])
    one = task(a.task)
    mine, other = (count(r.predictions, one, r.split) for r in (a, b))
    if not mine.scored:
        raise InputError([f"No class of {a.task} has enough items to be scored, so there is no score to compare."])
    return compare_counts(mine, other, (a.model, b.model), (a.task, a.split))
