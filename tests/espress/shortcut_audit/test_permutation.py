"""Permutations rerun the whole cross-validation, move what they say, and give a p that is uniform under the null."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.espress.shortcut_audit import plain
from tests.espress.shortcut_audit.made import design_of

from espress.shortcut_audit.permutation import (
    PermutationUnits,
    count_arrangements,
    make_candidate,
    permutation_units,
    permuted_scores,
    shuffle_within,
    summarise_nulls,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.result import Null


def _small(seed: int, n: int = 40, *, clusters: bool = False) -> tuple[Design, np.ndarray, np.ndarray, list[list[int]]]:
    rng = np.random.default_rng(seed)
    owns = rng.integers(0, 12, n) if clusters else np.arange(n)
    owns = np.unique(owns, return_inverse=True)[1]
    folds = [rng.permutation(3)[rng.integers(0, 3, owns.max() + 1)][owns].tolist() for _ in range(2)]
    labels = np.append([0, 1, 2], rng.integers(0, 3, n - 3)).tolist()
    groups, others = rng.integers(0, 15, (2, n))
    return design_of(labels, folds, owns.tolist()), groups, others, folds


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("clustered", [False, True])
def test_every_permutation_scores_as_the_plain_one_does(seed: int, clustered: bool) -> None:  # noqa: FBT001
    design, groups, others, folds = _small(seed, clusters=clustered)
    units = permutation_units(design)
    n_units = len(units.sides)
    if clustered:  # one value in each cluster, so that it moves between clusters, and `others` within them
        groups = (np.arange(n_units) % 4)[units.of_row]
    candidates = [make_candidate([groups], units), make_candidate([groups, others], units)]
    assert [candidate.between for candidate in candidates] == [(True,), (True, False) if clustered else (True,)]
    drawn = permuted_scores(design, candidates, units, permutations=5, seed=seed)
    rng = np.random.default_rng(seed)
    for row in range(6):
        far = shuffle_within(units.sides, rng) if row else np.arange(n_units)
        near = shuffle_within(units.of_row, rng) if row and clustered else np.arange(40)
        moved = groups[units.first_row[far]][units.of_row].tolist()
        with_it = others[near] if clustered else others[units.first_row[far]][units.of_row]
        pairs = list(zip(moved, with_it.tolist(), strict=True))
        labels = design.labels.tolist()
        expected = [
            [plain.pooled(each, labels, folds, 3), sum(plain.gain(each, labels, fold, 3) for fold in folds) / 2]
            for each in (moved, pairs)
        ]
        assert drawn[row] == pytest.approx(np.array(expected), abs=1e-12)


def test_shuffling_keeps_to_its_stratum_and_moves_everything_else() -> None:
    rng = np.random.default_rng(0)
    strata = rng.integers(0, 4, 200)
    moved = [shuffle_within(strata, rng) for _ in range(50)]
    assert all((strata[each] == strata).all() and sorted(each) == list(range(200)) for each in moved)
    assert np.mean([(each == np.arange(200)).mean() for each in moved]) < 0.05


@pytest.mark.parametrize(
    ("values", "sides", "ways"),
    [
        ("aabcd", "00000", 10),  # which two clusters share a value; the names of the single ones do not matter
        ("aabb", "0000", 3),
        ("aaaa", "0000", 1),
        ("aaab", "0011", 2),  # on each side of a split: two ways for the test side, one for the training side
    ],
)
def test_arrangements_are_counted_as_by_listing_all_permutations(values: str, sides: str, ways: int) -> None:
    on_side = [int(side) for side in sides]
    found = set()
    for order in permutations(range(len(values))):
        if [on_side[at] for at in order] == on_side:
            moved = [values[at] for at in order]
            found.add(tuple(moved.index(value) for value in moved))
    assert len(found) == ways
    # Two rows in each cluster.
    clusters = np.repeat(np.arange(len(values)), 2)
    codes = np.unique(list(values), return_inverse=True)[1][clusters]
    units = PermutationUnits(clusters, np.array(on_side), np.arange(len(values)) * 2)
    assert count_arrangements([codes], units) == ways
    assert count_arrangements([np.arange(len(codes)) % 2], units) == np.inf


def test_in_a_given_split_columns_are_permuted_on_each_side() -> None:
    labels = [0, 1] * 20
    design = design_of(labels, [[-1] * 30 + [0] * 10])
    # Test rows have values that no training row has: with sides kept apart no permutation can make them known.
    groups = np.array([0] * 30 + [1] * 10)
    units = permutation_units(design)
    drawn = permuted_scores(design, [make_candidate([groups], units)], units, permutations=20, seed=0)
    assert (np.ptp(drawn, axis=0) == 0).all()


def _draw(design: Design, columns: list[np.ndarray], seed: int) -> list[Null]:
    units = permutation_units(design)
    candidates = [make_candidate([column], units) for column in columns]
    drawn = permuted_scores(design, candidates, units, permutations=99, seed=seed)
    return summarise_nulls(drawn, ["rows"] * len(columns))


def test_p_is_uniform_under_the_null() -> None:
    ps = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        design = design_of(rng.integers(0, 2, 60).tolist(), [rng.permutation(60) % 3])
        (null,) = _draw(design, [rng.integers(0, 6, 60)], seed)
        ps.append((null.p, null.gain_p))
    for level in (0.05, 0.1, 0.25, 0.5, 0.75):
        assert (np.mean(np.array(ps) <= level, axis=0) <= level + 3 * (level * (1 - level) / 200) ** 0.5).all()
    assert (abs(np.mean(ps, axis=0) - 0.5) < 0.08).all()


def _uniform(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, 60), np.arange(60)


def _imbalanced(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.permutation(60) < 7, np.arange(60)


def _constant_in_cluster(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, 20)[np.arange(60) // 3], np.arange(60) // 3


@pytest.mark.parametrize("make", [_uniform, _imbalanced, _constant_in_cluster])
def test_any_finding_among_many_columns_and_both_statistics_is_as_rare_as_alpha(
    make: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]],
) -> None:
    fewest, adjusted = [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        labels, clusters = make(rng)
        n_clusters = int(clusters.max()) + 1
        folds = (rng.permutation(n_clusters) % 3)[clusters]
        design = design_of(labels.astype(int).tolist(), [folds], clusters.tolist())
        found = _draw(design, [rng.integers(0, 4, n_clusters)[clusters] for _ in range(3)], seed)
        assert all(each.p_adjusted >= each.p and each.gain_p_adjusted >= each.gain_p for each in found)
        fewest.append(min(min(each.p, each.gain_p) for each in found))
        adjusted.append(min(min(each.p_adjusted, each.gain_p_adjusted) for each in found))
    assert np.mean(np.array(fewest) <= 0.1) > 0.2  # uncorrected, noise often holds a finding
    for alpha in (0.05, 0.1):
        assert abs(np.mean(np.array(adjusted) <= alpha) - alpha) <= 3 * (alpha * (1 - alpha) / 100) ** 0.5


def test_the_adjusted_p_equals_its_definition() -> None:
    rng = np.random.default_rng(8)
    drawn = rng.normal(size=(40, 3, 2)).round(1)
    drawn[0, 1] += (2.5, 1.0)
    rows, standard = range(40), (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)

    def family(row: int, column: int, statistic: int) -> float:
        """Return p of a score of one row compared with the largest score of all columns in each row."""
        score = standard[row, column, statistic] - 1e-9
        return sum(bool(standard[other, :, statistic].max() >= score) for other in rows) / 40

    smallest = [min(family(row, column, statistic) for column in range(3) for statistic in (0, 1)) for row in rows]
    for column, null in enumerate(summarise_nulls(drawn, ["rows"] * 3)):
        for statistic, (p, adjusted) in enumerate([(null.p, null.p_adjusted), (null.gain_p, null.gain_p_adjusted)]):
            raw = sum(drawn[row, column, statistic] >= drawn[0, column, statistic] - 1e-9 for row in rows) / 40
            assert p == pytest.approx(raw, abs=1e-12)
            least = sum(each <= family(0, column, statistic) for each in smallest) / 40
            assert adjusted == pytest.approx(max(raw, least), abs=1e-12)


def test_a_column_permuted_within_clusters_hides_no_other() -> None:
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(30), 10)
    high = np.repeat(np.arange(30) % 2, 10)  # its null stays high, as it tells clusters apart
    labels = np.where(rng.random(300) < 0.9, high, 1 - high)
    nearly = high.copy()
    nearly[::50] ^= 1
    design = design_of(labels.tolist(), [(clusters % 5).tolist()], clusters.tolist())
    units = permutation_units(design)
    candidates = [make_candidate([codes], units) for codes in (nearly, high)]
    drawn = permuted_scores(design, candidates, units, permutations=199, seed=0)
    assert drawn[1:, 0, 0].mean() > 0.7
    high_found = summarise_nulls(drawn, ["rows within clusters", "between clusters"])[1]
    assert max(high_found.p_adjusted, high_found.gain_p_adjusted) <= 0.02


def test_a_cluster_on_both_sides_of_a_split_is_two_units() -> None:
    design = design_of([0, 1, 0, 1, 0], [[-1, 0, -1, -1, 0]], [0, 0, 1, 2, 2])
    units = permutation_units(design)
    assert units.of_row.tolist() == [0, 1, 2, 3, 4]
    assert units.sides.tolist() == [0, 1, 0, 0, 1]
    assert units.first_row.tolist() == [0, 1, 2, 3, 4]
    together = permutation_units(design_of([0, 1, 0, 1], [[0, 0, 1, 1]], [1, 1, 0, 0]))
    assert (together.of_row.tolist(), together.first_row.tolist()) == ([1, 1, 0, 0], [2, 0])


def test_groups_of_one_unit_are_joined_into_the_last() -> None:
    units = permutation_units(design_of([0, 1] * 4, [[0, 1] * 4]))
    (candidate,) = [make_candidate([np.array([3, 1, 0, 1, 2, 4, 4, 1])], units)]
    assert (candidate.n_groups, candidate.between) == (3, (True,))
    assert candidate.parts[0].tolist() == [2, 0, 2, 0, 2, 1, 1, 0]
    clustered = permutation_units(design_of([0, 1] * 4, [[0, 0, 1, 1] * 2], [0, 0, 1, 1, 2, 2, 3, 3]))
    within = make_candidate([np.array([0, 1, 0, 1, 2, 3, 4, 4])], clustered)
    assert (within.between, within.n_groups) == ((False,), 4)
    assert within.parts[0].tolist() == [0, 1, 0, 1, 3, 3, 2, 2]
    between = make_candidate([np.array([0, 0, 1, 1, 0, 0, 2, 2])], clustered)
    assert (between.between, between.n_groups) == ((True,), 2)
    assert between.parts[0].tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    mixed = make_candidate([np.array([0, 0, 1, 1, 0, 0, 2, 2]), np.array([0, 1] * 4)], clustered)
    assert (mixed.between, mixed.n_groups, len(mixed.parts)) == ((True, False), None, 2)


def test_the_null_is_that_of_the_permutations_without_the_observed_score() -> None:
    drawn = np.array([[[0.9, 0.5]], [[0.4, 0.1]], [[0.5, 0.5]], [[0.6, 0.3]]])
    (null,) = summarise_nulls(drawn, ["rows"])
    assert (null.permutations, null.scheme) == (3, "rows")
    assert (null.mean, null.gain_mean) == pytest.approx((0.5, 0.3))
    assert (null.excess, null.gain_excess) == pytest.approx((0.4, 0.2))
    assert (null.p, null.gain_p) == (0.25, 0.5)  # the observed score counts, and so does a tie with it
    assert null.p_adjusted == 0.25


def test_the_adjusted_p_is_never_below_p() -> None:
    """Scores within a rounding error of each other are ties for p, but not once they are standardised."""
    drawn = np.zeros((100, 1, 2))
    drawn[0], drawn[1:60] = 9.5e-10, 9e-10
    (null,) = summarise_nulls(drawn, ["rows"])
    assert (null.p, null.gain_p) == (0.6, 0.6)
    assert (null.p_adjusted, null.gain_p_adjusted) == (0.6, 0.6)
    (flat,) = summarise_nulls(np.full((100, 1, 2), 0.5), ["rows"])
    assert (flat.p, flat.p_adjusted, flat.excess) == (1.0, 1.0, 0.0)


def test_scores_do_not_depend_on_how_many_groups_are_processed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    design, groups, others, _ = _small(5)
    units = permutation_units(design)
    candidates = [make_candidate([groups], units), make_candidate([groups, others], units)]
    whole = permuted_scores(design, candidates, units, permutations=3, seed=1)
    for cells in (1, 100):
        monkeypatch.setattr("espress.shortcut_audit.permutation.CELLS", cells)
        assert permuted_scores(design, candidates, units, permutations=3, seed=1) == pytest.approx(whole)


def test_a_label_that_only_test_rows_have_gains_nothing() -> None:
    labels = [0, 1] * 10 + [2] * 2
    design = design_of(labels, [[-1] * 16 + [0] * 6])
    groups = np.array([0, 1] * 11)
    units = permutation_units(design)
    drawn = permuted_scores(design, [make_candidate([groups], units)], units, permutations=0, seed=0)
    fold = [-1] * 16 + [0] * 6
    expected = [plain.pooled(groups.tolist(), labels, [fold], 3), plain.gain(groups.tolist(), labels, fold, 3)]
    assert drawn[0, 0] == pytest.approx(expected)


def test_there_are_as_many_arrangements_as_are_different_up_to_a_million() -> None:
    units = PermutationUnits(np.arange(30), np.zeros(30, dtype=np.intp), np.arange(30))
    assert count_arrangements([np.arange(30) // 29], units) == 30
    assert count_arrangements([np.arange(30) // 25], units) == 142_506
    assert count_arrangements([np.arange(30) // 20], units) == np.inf
    assert count_arrangements([np.zeros(30, dtype=np.intp), np.arange(30) // 29], units) == 30
    assert count_arrangements([np.arange(30)], units) == 1
