"""Two systems on the same items of a constructed set: paired difference, interval and permutation test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.probe.constructed.estimates import RESAMPLES, SEED, number
from espress.probe.constructed.questions import SETS, question
from espress.probe.markdown import format_p, format_share
from espress.probe.result import JsonValues, Share
from espress.stats import cluster_bootstrap, macro_f1, paired_permutation, percentile_interval, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.probe.constructed.set_result import Outcome, SetResult

PERMUTATIONS = 10_000


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
            f"exchanged at random in each of the {units}. Both say nothing about natural articles. If you make several "
            "comparisons, adjust their p with `espress.stats.holm`."
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


def compare_sets(a: SetResult, b: SetResult) -> SetComparison:
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
    draws = cluster_bootstrap(np.stack([ours, theirs]), strata, resamples=RESAMPLES, seed=SEED, score=score)
    difference, p = paired_permutation(ours, theirs, permutations=PERMUTATIONS, seed=SEED, score=score)
    interval = percentile_interval(draws[:, 0] - draws[:, 1])
    about = (a.set, a.split, a.model, b.model, a.metric)
    return SetComparison(*about, Share(difference, *interval), p, 1 / (1 + PERMUTATIONS))
