"""Generated gold labels and predictions with edge cases; the same seed gives the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Answers:
    """Rows with a gold label and two systems' predictions (-1: none), in clusters of unequal size."""

    gold: NDArray[np.intp]
    predicted: tuple[NDArray[np.intp], NDArray[np.intp]]
    clusters: NDArray[np.intp]
    n_classes: int
    n_clusters: int


def _predictions(rng: np.random.Generator, gold: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    skill, missing = rng.choice([0.0, 0.3, 0.6, 0.9, 1.0]), rng.choice([0.0, 0.0, 0.1, 0.5])
    guesses = rng.choice(n_classes, size=gold.size, p=_shares(rng, n_classes))
    answers = np.where(rng.random(gold.size) < skill, gold, guesses)
    return np.where(rng.random(gold.size) < missing, -1, answers)


def _shares(rng: np.random.Generator, n_classes: int) -> NDArray[np.float64]:
    """Return shares of classes; some may be zero, and in one case of ten there is only one class."""
    held = rng.random(n_classes) < rng.choice([0.0, 0.7, 1.0], p=[0.1, 0.3, 0.6])
    held[rng.integers(n_classes)] = True
    weights = rng.dirichlet(np.ones(n_classes)) * held
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def answers(rng: np.random.Generator, *, clusters: tuple[int, int] = (1, 12), most_rows: int = 120) -> Answers:
    """Return a case: two to six classes and one or more clusters of unequal size; classes and clusters may be empty."""
    n_classes, n_clusters = int(rng.integers(2, 7)), int(rng.integers(clusters[0], clusters[1] + 1))
    n_rows = int(rng.integers(1, most_rows + 1))
    gold = rng.choice(n_classes, size=n_rows, p=_shares(rng, n_classes))
    places = rng.choice(n_clusters, size=n_rows, p=rng.dirichlet(np.ones(n_clusters)))
    predicted = (_predictions(rng, gold, n_classes), _predictions(rng, gold, n_classes))
    return Answers(gold, predicted, places, n_classes, n_clusters)
