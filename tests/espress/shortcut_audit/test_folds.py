"""Folds keep clusters whole and labels even, and a given split is taken as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress.shortcut_audit.made import encoded

from espress.errors import InputError
from espress.shortcut_audit.folds import Design, make_design, stratify


@given(st.integers(0, 10_000), st.integers(5, 60), st.integers(60, 400))
@settings(max_examples=60)
def test_no_cluster_straddles_folds_and_no_fold_is_empty(seed: int, n_clusters: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    clusters = np.append(np.arange(n_clusters), rng.integers(0, n_clusters, n))
    labels = rng.integers(0, 3, len(clusters))
    folds = stratify(labels, clusters, 5, rng)
    assert all(len(set(folds[clusters == cluster])) == 1 for cluster in range(n_clusters))
    assert set(folds) == {0, 1, 2, 3, 4}


def test_rows_that_are_their_own_clusters_are_spread_evenly() -> None:
    labels = np.repeat([0, 1, 2], [101, 57, 12])
    folds = stratify(labels, np.arange(170), 5, np.random.default_rng(1))
    for label in range(3):
        assert np.ptp(np.bincount(folds[labels == label], minlength=5)) <= 1
    assert np.ptp(np.bincount(folds)) <= 1


def test_clusters_are_spread_as_evenly_as_scikit_learn_does() -> None:
    from sklearn.model_selection import StratifiedGroupKFold

    ours, theirs = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        clusters = rng.integers(0, 80, 1000) ** 2 // 80
        clusters = np.unique(clusters, return_inverse=True)[1]
        labels = (rng.random(1000) < rng.beta(1, 1, clusters.max() + 1)[clusters]).astype(np.intp)
        ours.append(_unevenness(labels, stratify(labels, clusters, 5, rng)))
        cut = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(labels, labels, clusters)
        folds = np.zeros(1000, dtype=np.intp)
        for fold, (_, tested) in enumerate(cut):
            folds[tested] = fold
        theirs.append(_unevenness(labels, folds))
    assert np.mean(ours) <= np.mean(theirs)


def _unevenness(labels: np.ndarray, folds: np.ndarray) -> float:
    """Return the spread over folds of the share of each label's rows."""
    shares = [np.bincount(folds[labels == label], minlength=5) / (labels == label).sum() for label in (0, 1)]
    return float(np.std(shares))


def _cut(split: list[str | None] | None = None, clusters: list[str] | None = None) -> Design:
    return make_design(encoded(["x"] * len(split or clusters or []), split=split, clusters=clusters), 0)


def test_a_given_split_is_tested_on_test_else_on_validation_and_trained_on_the_rest() -> None:
    cut = _cut(["train", "train", "test", "Test", "validation"])
    assert cut.folds.tolist() == [[-1, -1, 0, 0, -1]]
    assert "'train', 'validation' -> 'Test', 'test'" in cut.description
    assert _cut(["train", "train", "dev", "dev"]).folds.tolist() == [[-1, -1, 0, 0]]


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (["a", "b", "a", "b"], "split column 's' holds 'a', 'b'"),
        (["test"] * 4, "split column 's' holds 'test'"),
        (["train", None, "test", "train"], "split column 's' has no value in row 2"),
    ],
)
def test_a_split_without_two_sides_is_refused_with_its_values(split: list[str | None], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _cut(split)


def test_fewer_clusters_make_fewer_folds_and_one_none() -> None:
    assert _cut(clusters=["a", "a", "b", "b", "c", "c", "c", "c"]).n_folds == 3
    with pytest.raises(InputError, match="all 4 rows are of one cluster"):
        _cut(clusters=["a"] * 4)
