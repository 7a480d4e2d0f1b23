"""The null: scores of the whole cross-validation with the group columns permuted, all of them together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from espress.shortcut_audit.features import join_codes
from espress.shortcut_audit.lookup import M
from espress.shortcut_audit.result import Null
from espress.stats import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.folds import Design

CELLS = 2**22  # numbers in memory at the same time, which bounds memory for any number of permutations
TIE = 1e-12  # scores closer than this are ties


@dataclass(frozen=True)
class PermutationUnits:
    """What is permuted: clusters, separately on each side of a given split, and the rows within clusters.

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
    between = tuple(bool((codes[units.first_row][units.of_row] == codes).all()) for codes in columns)
    if len(set(between)) > 1:
        return Candidate(tuple(columns), between, None)
    codes = join_codes(columns)
    several = np.bincount(codes[units.first_row] if between[0] else codes) > 1
    last = int(several.sum())
    joined = np.where(several, np.cumsum(several) - 1, last)[codes]
    return Candidate((joined,), between[:1], last + 1)


def permuted_scores(
    design: Design, candidates: Sequence[Candidate], units: PermutationUnits, *, permutations: int, seed: int
) -> NDArray[np.float64]:
    """Return macro-F1 (1 + permutations, C) of each candidate: the first unpermuted, the others permuted.

    Each permutation moves all columns together, so that the largest of the C scores can be compared. Columns that are
    constant within clusters move with a permutation of the clusters, the others with a permutation of the rows within
    clusters.
    """
    rng, scorer = np.random.default_rng(seed), _Scorer(design)
    drawn = np.empty((1 + permutations, len(candidates)))
    rows = dict.fromkeys((True, False), np.arange(len(units.of_row)))  # for each row, the row whose code it gets
    for draw in range(1 + permutations):
        if draw and any(any(candidate.between) for candidate in candidates):
            rows[True] = units.first_row[shuffle_within(units.sides, rng)][units.of_row]
        if draw and not all(all(candidate.between) for candidate in candidates):
            rows[False] = shuffle_within(units.of_row, rng)
        for at, candidate in enumerate(candidates):
            moved = [part[rows[far]] for part, far in zip(candidate.parts, candidate.between, strict=True)]
            codes = join_codes(moved)
            drawn[draw, at] = scorer.score(codes, candidate.n_groups or int(codes.max()) + 2)
    return drawn


def summarise_null(drawn: NDArray[np.float64], at: int, scheme: str) -> Null:
    """Return the null of candidate `at` from `permuted_scores`.

    The adjusted p compares standardised scores (less the mean, divided by the deviation of all 1 + R rows): otherwise
    columns with a high or wide null, such as those permuted within clusters, would dominate all others. It is never
    below p.
    """
    permutations = len(drawn) - 1
    spread = drawn.std(axis=0)
    standard = (drawn - drawn.mean(axis=0)) / np.where(spread > TIE, spread, np.inf)
    p, p_adjusted = (
        float((1 + (scores[1:] >= scores[0] - TIE).sum()) / (1 + permutations))
        for scores in (drawn[:, at], np.append(standard[0, at], standard[1:].max(axis=1)))
    )
    mean = float(drawn[1:, at].mean())
    return Null(permutations, scheme, mean, float(drawn[0, at]) - mean, p, max(p, p_adjusted))


def shuffle_within(strata: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places (n,) in random order within each stratum: place i gets a place of i's own stratum."""
    if not strata.any():  # one stratum
        return rng.permutation(len(strata))
    moved = np.empty(len(strata), dtype=np.intp)
    moved[np.argsort(strata, kind="stable")] = np.lexsort((rng.random(len(strata)), strata))
    return moved


class _Scorer:
    """Compute macro-F1 of the look-up on one design from counts alone, for any column of groups."""

    def __init__(self, design: Design) -> None:
        folds, n_folds = design.folds, design.n_folds
        # Labels, repeats and folds, with one more fold for rows that are never tested.
        self._shape = (design.n_classes, len(folds), n_folds + 1)
        self._labels = design.labels
        self._slots = np.arange(len(folds))[:, None] * (n_folds + 1) + np.where(folds < 0, n_folds, folds)  # (R, n)
        cells = design.labels * (len(folds) * (n_folds + 1)) + self._slots
        counts = np.bincount(cells.ravel(), minlength=math.prod(self._shape)).reshape(self._shape).astype(np.float64)
        trained = counts.sum(axis=2, keepdims=True) - counts[..., :-1]
        self._n_trained, self._prior = trained.sum(axis=0), M * trained
        self._gold = counts[..., :-1].sum(axis=(1, 2))

    def score(self, codes: NDArray[np.intp], n_groups: int) -> float:
        """Return macro-F1 for groups (n,) from 0, of which the last is never trained on.

        Groups are processed in batches, because tallies add up.
        """
        n_classes, repeats, slots = self._shape
        size = repeats * slots
        cells = self._labels * (n_groups * size) + codes * size + self._slots
        by_group = np.bincount(cells.ravel(), minlength=n_classes * n_groups * size)
        by_group = by_group.reshape(n_classes, n_groups, repeats, slots)
        step = max(1, CELLS // (n_classes * size))
        starts = range(0, n_groups, step)
        tallies = [self._tally(by_group[:, at : at + step], last=at + step >= n_groups) for at in starts]
        return float(macro_f1(np.column_stack([np.sum(tallies, axis=0), self._gold])))

    def _tally(self, by_group: NDArray[np.intp], *, last: bool) -> NDArray[np.float64]:
        """Return hits and predictions (K, 2) over groups (K, g, R, F + 1).

        Labels come first, so that each step runs over long rows; a later label wins only with a higher count, as in
        `lookup.predict`.
        """
        tested = by_group[..., :-1]
        trained = by_group.sum(axis=-1, keepdims=True) - tested
        if last:
            trained[:, -1] = 0
        best = trained[0] * self._n_trained + self._prior[0]
        answers = np.zeros(tested.shape[1:], dtype=np.int16)
        for label in range(1, len(tested)):
            weight = trained[label] * self._n_trained + self._prior[label]
            answers[weight > best] = label
            np.maximum(best, weight, out=best)
        everyone = tested.sum(axis=0)
        chosen = [answers == label for label in range(len(tested))]
        return np.array([[each[mask].sum(), everyone[mask].sum()] for each, mask in zip(tested, chosen, strict=True)])
