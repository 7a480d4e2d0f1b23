"""The smoothed look-up: what a table of label counts by group predicts, out of fold, without reading a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from espress.errors import EspressError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# The prior weighs as much as one row. That is the most that still lets any lead in a group's own counts decide
# (n_a >= n_b + 1 outweighs p_b - p_a < 1), so the prior settles ties and unseen groups only, and the least that keeps
# the log-loss of a group seen once finite.
M = 1.0


class Prediction(NamedTuple):
    """What the look-up says of each row: class (-1: not tested), probabilities (NaN: not tested), group trained on."""

    predicted: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    seen: NDArray[np.bool_]


def predict(  # noqa: PLR0913 - four columns and two settings
    groups: ArrayLike,
    labels: ArrayLike,
    folds: ArrayLike,
    *,
    n_classes: int,
    m: float = M,
    weights: ArrayLike | None = None,
) -> Prediction:
    """Predict each row from the label counts of its group in the other folds.

    p(y | g) = (n_gy + m * prior_y) / (n_g + m), where counts and prior are of the training rows alone: those in other
    folds. A group without training rows gets the prior. The class predicted is the most probable, the lowest of them in
    a tie. `groups`, `labels` and `folds` are whole numbers (n,), groups and labels from 0; a missing value is a group
    of its own. Rows in folds below 0 are trained on and never tested. With `weights` (n,) a row stands for so many.

    Raises:
        EspressError: arrays of unequal length, a negative group or label, or a fold that leaves nothing to train on.
    """
    codes, golds, places = (np.asarray(values, dtype=np.intp) for values in (groups, labels, folds))
    counted = np.ones(len(golds)) if weights is None else np.asarray(weights, dtype=np.float64)
    _check(codes, golds, places, counted, n_classes)
    cells = codes * n_classes + golds
    everything = np.bincount(cells, counted, minlength=(int(codes.max(initial=-1)) + 1) * n_classes)
    predicted, seen = np.full(len(golds), -1, dtype=np.intp), np.zeros(len(golds), dtype=np.bool_)
    probabilities = np.full((len(golds), n_classes), np.nan)
    for fold in np.unique(places[places >= 0]):
        tested = np.flatnonzero(places == fold)
        trained = everything - np.bincount(cells[tested], counted[tested], minlength=everything.size)
        if trained.sum() <= 0:
            raise EspressError(f"Fold {fold} holds every row, so nothing is left to train on. Give two folds or more.")
        predicted[tested], probabilities[tested], seen[tested] = _looked_up(
            trained.reshape(-1, n_classes), codes[tested], m
        )
    return Prediction(predicted, probabilities, seen)


def _looked_up(trained: NDArray[np.number], codes: NDArray[np.intp], m: float) -> Prediction:
    """Predict rows of these groups from counts (groups, classes) of the training rows."""
    by_class = trained.sum(axis=0)
    rows = by_class.sum()
    own = trained[codes]
    size = own.sum(axis=1)
    # Whole numbers up to here, so that ties are ties: compared are n_gy * N + m * n_y.
    predicted = (own * rows + m * by_class).argmax(axis=1)
    return Prediction(predicted, (own + m * by_class / rows) / (size + m)[:, None], size > 0)


def _check(
    codes: NDArray[np.intp],
    golds: NDArray[np.intp],
    places: NDArray[np.intp],
    counted: NDArray[np.float64],
    n_classes: int,
) -> None:
    """Refuse what would be counted wrongly."""
    sizes = {values.shape for values in (codes, golds, places, counted)}
    if len(sizes) > 1 or codes.ndim != 1:
        raise EspressError(f"Groups, labels, folds and weights have shapes {sorted(sizes)}. Give arrays of one length.")
    wrong = np.flatnonzero((codes < 0) | (golds < 0) | (golds >= n_classes))
    if wrong.size:
        raise EspressError(
            f"Row {wrong[0]} (and {wrong.size - 1} more) has group {codes[wrong[0]]} and label {golds[wrong[0]]}; "
            f"groups are numbered from 0, labels from 0 to {n_classes - 1}. A missing value is a group, too."
        )
