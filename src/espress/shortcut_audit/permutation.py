"""The null: macro-F1 and gain of the whole cross-validation with all group columns permuted together."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm import trange

from espress.shortcut_audit.criteria import GAIN, MACRO_F1
from espress.shortcut_audit.features import join_codes
from espress.shortcut_audit.lookup import M
from espress.shortcut_audit.result import Null
from espress.stats import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.folds import Design

CELLS = 2**22  # numbers in memory at the same time, which bounds memory for any number of permutations
TIE = 1e-10  # scores closer than this are ties; sums of logarithms in another order differ by less
MOST_COUNTED = math.log(1e6)  # more groupings than this do not limit p
STATISTICS = (MACRO_F1, GAIN)  # the last axis of arrays of drawn scores


@dataclass(frozen=True)
class PermutationUnits:
    """The clusters on each side of a given split, which are permuted as wholes or in which rows are permuted.

    `of_row` (n,) is the unit of each row, `sides` (U,) the side of each unit, `first_row` (U,) one of its rows. Units
    stay on their side, so that a permuted column covers as many test rows as the real one.
    """

    of_row: NDArray[np.intp]
    sides: NDArray[np.intp]
    first_row: NDArray[np.intp]


@dataclass(frozen=True)
class Candidate:
    """A column, or a pair of columns, with codes (n,), and whether each is permuted between or within clusters.

    The columns of a pair are joined if both are permuted in the same way; otherwise `n_groups` is None, and groups are
    counted in each permutation.
    """

    parts: tuple[NDArray[np.intp], ...]
    between: tuple[bool, ...]
    n_groups: int | None


def permutation_units(design: Design) -> PermutationUnits:
    """Number the clusters; a cluster on both sides of a given split is two units."""
    _, first_row, of_row = np.unique(design.clusters * 2 + design.sides, return_index=True, return_inverse=True)
    return PermutationUnits(of_row, design.sides[first_row], first_row)


def make_candidate(columns: Sequence[NDArray[np.intp]], units: PermutationUnits) -> Candidate:
    """Prepare a column or pair of codes (n,) from 0; a column that is constant within units is permuted between units.

    A group of one unit is never trained on when it is tested, so it always gets the prior: all such groups are joined
    into one, the last, which makes columns of mostly singletons cheap.
    """
    between = tuple(_is_constant_in_units(codes, units) for codes in columns)
    if len(set(between)) > 1:
        return Candidate(tuple(columns), between, None)
    codes = join_codes(columns)
    several = np.bincount(codes[units.first_row] if between[0] else codes) > 1
    last = int(several.sum())
    joined = np.where(several, np.cumsum(several) - 1, last)[codes]
    return Candidate((joined,), between[:1], last + 1)


def _is_constant_in_units(codes: NDArray[np.intp], units: PermutationUnits) -> bool:
    return bool((codes[units.first_row][units.of_row] == codes).all())


def count_arrangements(columns: Sequence[NDArray[np.intp]], units: PermutationUnits) -> float:
    """Return the number of different groupings of the rows by permutations; infinity if rows move within clusters.

    Groupings that differ only in the names of groups are one. With k groupings, the true p of any finding is at least
    1 / k.
    """
    if not all(_is_constant_in_units(codes, units) for codes in columns):
        return math.inf
    codes = join_codes(columns)[units.first_row]
    sizes = np.zeros((int(codes.max()) + 1, int(units.sides.max()) + 1), dtype=np.intp)
    np.add.at(sizes, (codes, units.sides), 1)
    alike = np.unique(sizes, axis=0, return_counts=True)[1]
    ways = _log_factorials(sizes.sum(axis=0)) - _log_factorials(sizes) - _log_factorials(alike)
    return float(np.round(np.exp(ways))) if ways < MOST_COUNTED else math.inf


def _log_factorials(counts: NDArray[np.intp]) -> float:
    return math.fsum(math.lgamma(count + 1) for count in counts.ravel().tolist())


def permuted_scores(
    design: Design, candidates: Sequence[Candidate], units: PermutationUnits, *, permutations: int, seed: int
) -> NDArray[np.float64]:
    """Return macro-F1 and gain (1 + permutations, C, 2) of each candidate: the first unpermuted, the others permuted.

    Each permutation moves all columns together, so that the largest of the C scores can be compared. Columns that are
    constant within clusters move with a permutation of the clusters, the others with a permutation of the rows within
    clusters.
    """
    rng, scorer = np.random.default_rng(seed), _Scorer(design)
    drawn = np.empty((1 + permutations, len(candidates), len(STATISTICS)))
    rows = dict.fromkeys((True, False), np.arange(len(units.of_row)))  # for each row, the row whose code it gets
    # The progress bar is shown only on a terminal, and only after a second.
    for draw in trange(1 + permutations, desc="permutations", disable=None, delay=1, leave=False):
        if draw and any(any(candidate.between) for candidate in candidates):
            rows[True] = units.first_row[shuffle_within(units.sides, rng)][units.of_row]
        if draw and not all(all(candidate.between) for candidate in candidates):
            rows[False] = shuffle_within(units.of_row, rng)
        for at, candidate in enumerate(candidates):
            moved = [part[rows[far]] for part, far in zip(candidate.parts, candidate.between, strict=True)]
            codes = join_codes(moved)
            drawn[draw, at] = scorer.score(codes, candidate.n_groups or int(codes.max()) + 2)
    return drawn


def summarise_nulls(drawn: NDArray[np.float64], schemes: Sequence[str]) -> list[Null]:
    """Return the null of each candidate from `permuted_scores`; `schemes` say how each candidate is permuted.

    Two corrections give the adjusted p. Within a statistic, a candidate's standardised score (less the mean, divided by
    the deviation of all 1 + R rows) is compared with the largest of all candidates in each permutation; without
    standardising, columns with a high or wide null, such as those permuted within clusters, would dominate all others.
    That p is then compared with the smaller of the two statistics' p in each permutation. So the probability of any
    adjusted p <= alpha, over all candidates and both statistics, is at most alpha. The adjusted p is never below p.
    """
    n, spread = len(drawn), drawn.std(axis=0)
    standard = (drawn - drawn.mean(axis=0)) / np.where(spread > TIE, spread, np.inf)
    p = (drawn >= drawn[0] - TIE).sum(axis=0) / n  # (C, 2); the first row always counts
    largest = np.sort(standard.max(axis=1), axis=0)  # (1 + R, 2)
    in_family = np.stack([_count_at_least(largest[:, at], standard[..., at]) for at in range(len(STATISTICS))], axis=-1)
    best = np.sort(in_family.min(axis=(1, 2)))  # of all candidates and both statistics, in each row
    adjusted = np.maximum(p, np.searchsorted(best, in_family[0], side="right") / n)
    mean = drawn[1:].mean(axis=0)
    return [
        Null(
            permutations=n - 1,
            scheme=scheme,
            mean=float(mean[at, 0]),
            excess=float(drawn[0, at, 0] - mean[at, 0]),
            p=float(p[at, 0]),
            p_adjusted=float(adjusted[at, 0]),
            gain_mean=float(mean[at, 1]),
            gain_excess=float(drawn[0, at, 1] - mean[at, 1]),
            gain_p=float(p[at, 1]),
            gain_p_adjusted=float(adjusted[at, 1]),
        )
        for at, scheme in enumerate(schemes)
    ]


def _count_at_least(ordered: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return how many of the sorted numbers are at least as large as each value."""
    return len(ordered) - np.searchsorted(ordered, values - TIE, side="left")


def shuffle_within(strata: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places (n,) in random order within each stratum: place i gets a place of i's own stratum."""
    if not strata.any():  # one stratum
        return rng.permutation(len(strata))
    moved = np.empty(len(strata), dtype=np.intp)
    moved[np.argsort(strata, kind="stable")] = np.lexsort((rng.random(len(strata)), strata))
    return moved


class _Scorer:
    """Compute macro-F1 and gain of the look-up on one design from counts alone, for any column of groups."""

    def __init__(self, design: Design) -> None:
        folds, n_folds = design.folds, design.n_folds
        # Labels, repeats and folds, with one more fold for rows that are never tested.
        self._shape = (design.n_classes, len(folds), n_folds + 1)
        self._labels = design.labels
        self._slots = np.arange(len(folds))[:, None] * (n_folds + 1) + np.where(folds < 0, n_folds, folds)  # (R, n)
        cells = design.labels * (len(folds) * (n_folds + 1)) + self._slots
        counts = np.bincount(cells.ravel(), minlength=math.prod(self._shape)).reshape(self._shape).astype(np.float64)
        trained = counts.sum(axis=2, keepdims=True) - counts[..., :-1]
        tested = counts[..., :-1]
        self._n_trained, self._prior = trained.sum(axis=0), M * trained
        self._gold, self._untrained = tested.sum(axis=(1, 2)), trained == 0
        # p(y|g) / prior_y = weight / (n_y * (n_g + m)), where weight = n_gy * N + m * n_y. Labels that were not trained
        # on have no gain.
        self._n_tested = tested.sum()
        self._bits_of_prior = (tested * np.log2(np.where(self._untrained, 1.0, M * trained))).sum()
        self._logarithms = np.log2(np.arange(len(design.labels) + 1) + M)

    def score(self, codes: NDArray[np.intp], n_groups: int) -> tuple[float, float]:
        """Return macro-F1 and gain in bits per row for groups (n,) from 0, of which the last is never trained on.

        Groups are processed in batches, because tallies add up.
        """
        n_classes, repeats, slots = self._shape
        size = repeats * slots
        cells = self._labels * (n_groups * size) + codes * size + self._slots
        by_group = np.bincount(cells.ravel(), minlength=n_classes * n_groups * size)
        by_group = by_group.reshape(n_classes, n_groups, repeats, slots)
        step = max(1, CELLS // (n_classes * size))
        starts = range(0, n_groups, step)
        parts = [self._tally(by_group[:, at : at + step], last=at + step >= n_groups) for at in starts]
        tallies = np.sum([each for each, _ in parts], axis=0)
        bits = sum(bits for _, bits in parts) - self._bits_of_prior
        return float(macro_f1(np.column_stack([tallies, self._gold]))), float(bits / self._n_tested)

    def _tally(self, by_group: NDArray[np.intp], *, last: bool) -> tuple[NDArray[np.float64], float]:
        """Return hits and predictions (K, 2), and log-likelihood less the prior's part, over groups (K, g, R, F + 1).

        Labels come first, so that each step runs over long rows; a later label wins only with a higher count, as in
        `lookup.predict`.
        """
        tested = by_group[..., :-1]
        # Adding slices is several times as fast as a sum over the short last axis.
        trained = functools.reduce(np.add, np.moveaxis(by_group, -1, 0))[..., None] - tested
        if last:
            trained[:, -1] = 0
        everyone, size = tested.sum(axis=0), trained.sum(axis=0)
        best = np.full(everyone.shape, -1.0)
        answers, bits = np.zeros(everyone.shape, dtype=np.int16), 0.0
        for label, own in enumerate(tested):
            weight = trained[label] * self._n_trained + self._prior[label]
            answers[weight > best] = label
            np.maximum(best, weight, out=best)
            if self._untrained[label].any():  # p / prior = 1
                weight = np.where(self._untrained[label], size + M, weight)
            bits += float(np.einsum("grf,grf->", own, np.log2(weight)))
        bits -= float(np.einsum("grf,grf->", everyone, self._logarithms[size]))
        chosen = [answers == label for label in range(len(tested))]
        hits = [[each[mask].sum(), everyone[mask].sum()] for each, mask in zip(tested, chosen, strict=True)]
        return np.array(hits), bits
