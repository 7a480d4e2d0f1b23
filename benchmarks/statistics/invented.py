"""Invented gold labels and predictions, the same for the same seed, with the corners that real ones have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Answers:
    """Rows with a gold label and two systems' predictions, -1 where there is none, in blocks of unequal size."""

    gold: NDArray[np.intp]
    predicted: tuple[NDArray[np.intp], NDArray[np.intp]]
    blocks: NDArray[np.intp]
    n_classes: int
    n_blocks: int


def _predictions(rng: np.random.Generator, gold: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    skill, missing = rng.choice([0.0, 0.3, 0.6, 0.9, 1.0]), rng.choice([0.0, 0.0, 0.1, 0.5])
    guesses = rng.choice(n_classes, size=gold.size, p=_shares(rng, n_classes))
    answers = np.where(rng.random(gold.size) < skill, gold, guesses)
    return np.where(rng.random(gold.size) < missing, -1, answers)


def _shares(rng: np.random.Generator, n_classes: int) -> NDArray[np.float64]:
    """Return shares of classes; some may be zero, and in one case of ten one class is all there is."""
    held = rng.random(n_classes) < rng.choice([0.0, 0.7, 1.0], p=[0.1, 0.3, 0.6])
    held[rng.integers(n_classes)] = True
    weights = rng.dirichlet(np.ones(n_classes)) * held
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def answers(rng: np.random.Generator, *, blocks: tuple[int, int] = (1, 12), most_rows: int = 120) -> Answers:
    """Return a case: two to six classes, some perhaps empty; one block or more, of unequal size, some perhaps empty."""
    n_classes, n_blocks = int(rng.integers(2, 7)), int(rng.integers(blocks[0], blocks[1] + 1))
    n_rows = int(rng.integers(1, most_rows + 1))
    gold = rng.choice(n_classes, size=n_rows, p=_shares(rng, n_classes))
    places = rng.choice(n_blocks, size=n_rows, p=rng.dirichlet(np.ones(n_blocks)))
    predicted = (_predictions(rng, gold, n_classes), _predictions(rng, gold, n_classes))
    return Answers(gold, predicted, places, n_classes, n_blocks)
