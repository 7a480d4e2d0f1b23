"""Compare our scores with scikit-learn on the same generated answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from benchmarks.statistics.cases import answers
from benchmarks.statistics.comparison import Comparison, largest
from benchmarks.statistics.draws import draw_weights

from espress.stats import accuracy, cluster_bootstrap, f1, macro_f1, tally

if TYPE_CHECKING:
    from benchmarks.statistics.cases import Answers
    from numpy.typing import NDArray


def _tallies(case: Answers, system: int = 0) -> NDArray[np.int64]:
    return tally(case.gold, case.predicted[system], case.n_classes, case.clusters, case.n_clusters)


def _theirs(gold: NDArray[np.intp], predicted: NDArray[np.intp], classes: list[int]) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(gold, predicted, labels=classes, average="macro", zero_division=0))


def _counts(rng: np.random.Generator) -> float:
    from sklearn.metrics import confusion_matrix

    case = answers(rng)
    found = confusion_matrix(case.gold, case.predicted[0], labels=range(-1, case.n_classes))
    theirs = np.stack([found.diagonal(), found.sum(axis=0), found.sum(axis=1)], axis=-1)[1:]
    return largest(_tallies(case).sum(axis=0), theirs)


def _f1(rng: np.random.Generator) -> float:
    from sklearn.metrics import f1_score

    case = answers(rng)
    theirs = f1_score(case.gold, case.predicted[0], labels=range(case.n_classes), average=None, zero_division=0)
    return largest(f1(_tallies(case).sum(axis=0)), theirs)


def _macro(rng: np.random.Generator) -> float:
    case = answers(rng)
    theirs = _theirs(case.gold, case.predicted[0], list(range(case.n_classes)))
    return largest(macro_f1(_tallies(case).sum(axis=0)), theirs)


def _some_classes(rng: np.random.Generator) -> float:
    case = answers(rng)
    classes = sorted(rng.choice(case.n_classes, size=rng.integers(1, case.n_classes + 1), replace=False).tolist())
    return largest(macro_f1(_tallies(case).sum(axis=0), classes), _theirs(case.gold, case.predicted[0], classes))


def _accuracy(rng: np.random.Generator) -> float:
    from sklearn.metrics import accuracy_score

    case = answers(rng)
    return largest(accuracy(_tallies(case).sum(axis=0)), accuracy_score(case.gold, case.predicted[0]))


def _by_cluster(rng: np.random.Generator) -> float:
    case = answers(rng)
    ours, every = macro_f1(_tallies(case)), list(range(case.n_classes))
    masks = {cluster: case.clusters == cluster for cluster in np.unique(case.clusters).tolist()}
    return max(largest(ours[b], _theirs(case.gold[m], case.predicted[0][m], every)) for b, m in masks.items())


def _resampled(rng: np.random.Generator) -> float:
    """Score rows of resamples, put together row by row, two systems on the same draws."""
    case = answers(rng)
    tallies = np.stack([_tallies(case, system) for system in range(2)])
    strata = rng.integers(3, size=case.n_clusters)
    seed, every = int(rng.integers(2**32)), list(range(case.n_classes))
    ours = cluster_bootstrap(tallies, strata, resamples=60, seed=seed, score=macro_f1)
    weights = draw_weights(case.n_clusters, strata, resamples=60, seed=seed, first=3)
    differences = [0.0]
    for row, weight in enumerate(weights):
        rows = np.repeat(np.arange(case.gold.size), weight[case.clusters])
        if rows.size:  # a resample of empty clusters alone has no rows, and scikit-learn no score for it
            theirs = [_theirs(case.gold[rows], predicted[rows], every) for predicted in case.predicted]
            differences.append(largest(ours[row], theirs))
    return max(differences)


SCORES = (
    Comparison("counts of hits, predicted, gold", "tally", "scikit-learn", "confusion_matrix", 4000, _counts),
    Comparison("F1 of each class", "f1", "scikit-learn", "f1_score(average=None)", 4000, _f1),
    Comparison("macro-F1", "macro_f1", "scikit-learn", "f1_score(average='macro')", 4000, _macro),
    Comparison("macro-F1 of some classes", "macro_f1", "scikit-learn", "f1_score(labels=...)", 4000, _some_classes),
    Comparison("macro-F1 of each cluster", "macro_f1", "scikit-learn", "f1_score by cluster", 1000, _by_cluster),
    Comparison("accuracy", "accuracy", "scikit-learn", "accuracy_score", 4000, _accuracy),
    Comparison(
        "scores of resamples", "cluster_bootstrap", "scikit-learn", "f1_score of the rows drawn", 1000, _resampled
    ),
)
