"""The null: how the whole cross-validation scores when the group columns are permuted, all of them together."""

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

CELLS = 2**22  # numbers held at a time, which bounds memory whatever the number of permutations
TIE = 1e-12  # scores closer than this are ties


@dataclass(frozen=True)
class PermutationUnits:
    """What is permuted: clusters, each side of a given split by itself, and the rows within them.

    `of_row` (n,) is the unit of each row, `sides` (U,) the side of each unit. Units keep to their side, so that a
    permuted column covers the test rows as the real one does.
    """

    of_row: NDArray[np.intp]
    sides: NDArray[np.intp]

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.sides)


@dataclass(frozen=True)
class Candidate:
    """A column, or a pair of columns, ready to be permuted.

    `between`: whether each part is permuted between clusters, and so holds a code for each unit, or within them, with a
    code for each row. Parts that move alike are joined. `n_groups` is None where they do not, and groups must be
    counted each time.
    """

    parts: tuple[NDArray[np.intp], ...]
    between: tuple[bool, ...]
    n_groups: int | None


def permutation_units(design: Design) -> PermutationUnits:
    """Number the clusters; a cluster on both sides of a given split is two units."""
    _, first, of_row = np.unique(design.clusters * 2 + design.sides, return_index=True, return_inverse=True)
    return PermutationUnits(of_row, design.sides[first])


def make_candidate(columns: Sequence[NDArray[np.intp]], units: PermutationUnits) -> Candidate:
    """Prepare a column, or a pair, of codes (n,) from 0; a column with one value in each unit is permuted between."""
    between = tuple(bool((_values_by_unit(codes, units)[units.of_row] == codes).all()) for codes in columns)
    alike = len(set(between)) == 1
    joined = [join_codes(columns)] if alike else columns
    parts = [_values_by_unit(codes, units) if far else codes for codes, far in zip(joined, between, strict=False)]
    if not alike:
        return Candidate(tuple(parts), between, None)
    codes, n_groups = _join_singletons(parts[0])
    return Candidate((codes,), between[:1], n_groups)


def permuted_scores(
    design: Design, candidates: Sequence[Candidate], units: PermutationUnits, *, permutations: int, seed: int
) -> NDArray[np.float64]:
    """Return macro-F1 (1 + permutations, C) of each candidate: first as it is, then with columns permuted.

    Each permutation moves all columns together, so that the largest of the C scores can be compared: those that are
    constant within clusters move with a permutation of the clusters, others with one of the rows within clusters.
    """
    rng = np.random.default_rng(seed)
    counts = _count_folds(design)
    drawn = np.empty((1 + permutations, len(candidates)))
    units_moved, rows_moved = np.arange(units.n), np.arange(len(units.of_row))
    for row in range(1 + permutations):
        if row and any(any(candidate.between) for candidate in candidates):
            units_moved = shuffle_within(units.sides, rng)
        if row and not all(all(candidate.between) for candidate in candidates):
            rows_moved = shuffle_within(units.of_row, rng)
        for at, candidate in enumerate(candidates):
            drawn[row, at] = _score(counts, *_permute(candidate, units, units_moved, rows_moved))
    return drawn


def null_of(drawn: NDArray[np.float64], at: int, scheme: str) -> Null:
    """Return the null of candidate `at` from `permuted_scores`.

    The adjusted p compares standardised scores (less the mean, divided by the deviation of all 1 + R rows): columns
    with a high or wide null, such as those permuted within clusters, would otherwise hide all others. It is never
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


@dataclass(frozen=True)
class _FoldCounts:
    """Where rows are, and what each fold trains on.

    `slots` (R, n) are repeat and fold of each row as one number, `trained` (K, R, F) counts of labels.
    `shape` is labels, repeats and folds, with one more fold for rows that are never tested; `gold` (K,) are the tested
    rows of each label, summed over repeats.
    """

    labels: NDArray[np.intp]
    slots: NDArray[np.intp]
    shape: tuple[int, int, int]
    trained: NDArray[np.float64]
    gold: NDArray[np.float64]


def _count_folds(design: Design) -> _FoldCounts:
    folds, n_folds = design.folds, design.n_folds
    shape = (design.n_classes, len(folds), n_folds + 1)
    slots = np.arange(len(folds))[:, None] * (n_folds + 1) + np.where(folds < 0, n_folds, folds)
    cells = design.labels * (shape[1] * shape[2]) + slots
    counts = np.bincount(cells.ravel(), minlength=math.prod(shape)).reshape(shape).astype(np.float64)
    trained = counts.sum(axis=2, keepdims=True) - counts[..., :-1]
    return _FoldCounts(design.labels, slots, shape, trained, counts[..., :-1].sum(axis=(1, 2)))


def _values_by_unit(codes: NDArray[np.intp], units: PermutationUnits) -> NDArray[np.intp]:
    values = np.empty(units.n, dtype=np.intp)
    values[units.of_row] = codes
    return values


def _join_singletons(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], int]:
    """Renumber groups so that all of one member share the last number; return the codes and how many there are.

    A group of one unit is never trained on when it is tested, so it always gets the prior: all such groups together
    cost no more than one, which makes columns of mostly singletons cheap.
    """
    several = np.bincount(codes) > 1
    last = int(several.sum())
    return np.where(several, np.cumsum(several) - 1, last)[codes], last + 1


def _permute(
    candidate: Candidate, units: PermutationUnits, units_moved: NDArray[np.intp], rows_moved: NDArray[np.intp]
) -> tuple[NDArray[np.intp], int]:
    """Return permuted codes (n,) and how many there are; the last is kept for groups that cannot be trained on."""
    codes = join_codes(
        [
            part[units_moved][units.of_row] if between else part[rows_moved]
            for part, between in zip(candidate.parts, candidate.between, strict=True)
        ]
    )
    return codes, candidate.n_groups or int(codes.max()) + 2


def _score(counts: _FoldCounts, codes: NDArray[np.intp], n_groups: int) -> float:
    """Return macro-F1 of the look-up from counts by group, some groups at a time, as tallies add up."""
    n_classes, repeats, slots = counts.shape
    size = repeats * slots
    cells = counts.labels * (n_groups * size) + codes * size + counts.slots
    by_group = np.bincount(cells.ravel(), minlength=n_classes * n_groups * size)
    by_group = by_group.reshape(n_classes, n_groups, repeats, slots)
    step = max(1, CELLS // (n_classes * size))
    parts = [_tally(counts, by_group[:, at : at + step], at + step >= n_groups) for at in range(0, n_groups, step)]
    return float(macro_f1(np.column_stack([np.sum(parts, axis=0), counts.gold])))


def _tally(counts: _FoldCounts, by_group: NDArray[np.intp], ends: bool) -> NDArray[np.float64]:  # noqa: FBT001
    """Return hits and predictions (K, 2) over groups (K, g, R, F + 1); the last group at the end is never trained on.

    Labels come first, so that each step runs over long rows; a later label wins only by more, as in `lookup.predict`.
    """
    tested = by_group[..., :-1]
    trained = by_group.sum(axis=-1, keepdims=True) - tested
    if ends:
        trained[:, -1] = 0
    rows, prior = counts.trained.sum(axis=0), M * counts.trained
    best, answers = trained[0] * rows + prior[0], np.zeros(tested.shape[1:], dtype=np.int16)
    for label in range(1, len(tested)):
        weight = trained[label] * rows + prior[label]
        answers[weight > best] = label
        np.maximum(best, weight, out=best)
    everyone = tested.sum(axis=0)
    chosen = [answers == label for label in range(len(tested))]
    return np.array([[each[mask].sum(), everyone[mask].sum()] for each, mask in zip(tested, chosen, strict=True)])
