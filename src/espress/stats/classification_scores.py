"""Scores of tallies: whole numbers (hits, predicted, gold) by cluster and class, which add up over clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

HITS, PREDICTED, GOLD = range(3)  # the last axis of a tally
NAMED = 5  # rows that an error message lists; the others are only counted


def _check_codes(values: ArrayLike, what: str, least: int, below: int) -> NDArray[np.intp]:
    """Return whole numbers as an array; raise EspressError unless each is at least `least` and less than `below`."""
    codes = np.asarray(values)
    if codes.ndim != 1 or (codes.size and codes.dtype.kind not in "iu"):
        raise EspressError(
            f"{what}: an array of shape {codes.shape} and type {codes.dtype}, but a one-dimensional array of whole "
            "numbers is needed. Give each label as its position in the list of labels."
        )
    wrong = np.flatnonzero((codes < least) | (codes >= below))
    if wrong.size:
        rows = ", ".join(f"row {row}: {codes[row]}" for row in wrong[:NAMED])
        more = f" and {wrong.size - NAMED} more" if wrong.size > NAMED else ""
        raise EspressError(f"{what}: {rows}{more}; each must be from {least} to {below - 1}. Correct these rows.")
    return codes.astype(np.intp)


def tally(
    gold: ArrayLike, predicted: ArrayLike, n_classes: int, clusters: ArrayLike | None = None, n_clusters: int = 1
) -> NDArray[np.int64]:
    """Count hits, predictions and gold labels by cluster and class: the array (n_clusters, n_classes, 3).

    `gold` and `predicted` hold class numbers; a prediction of -1 (no answer, or not one of the labels) is wrong and
    counts for no class. `clusters` holds cluster numbers; None puts all rows into cluster 0. A cluster without rows has
    zeros.

    Raises:
        EspressError: the arrays differ in length, or a number is not a class or cluster; the message names the rows.
    """
    golds = _check_codes(gold, "gold", 0, n_classes)
    answers = _check_codes(predicted, "predicted", -1, n_classes)
    places = np.zeros_like(golds) if clusters is None else _check_codes(clusters, "clusters", 0, n_clusters)
    if not golds.size == answers.size == places.size:
        raise EspressError(
            f"There are {golds.size} gold labels, {answers.size} predictions and {places.size} clusters; "
            "each row needs one of each. Give arrays of one length."
        )
    counts = np.empty((n_clusters, n_classes, 3), dtype=np.int64)
    answered, right = answers >= 0, answers == golds
    for column, rows, classes in ((HITS, right, golds), (PREDICTED, answered, answers), (GOLD, ..., golds)):
        cells = places[rows] * n_classes + classes[rows]
        counts[..., column] = np.bincount(cells, minlength=n_clusters * n_classes).reshape(n_clusters, n_classes)
    return counts


def f1(tallies: NDArray[Any]) -> NDArray[np.float64]:
    """Return F1 of each class, (..., K) for tallies (..., K, 3): 2 * hits / (predicted + gold).

    A class that is neither predicted nor in gold scores 0, as in scikit-learn's `f1_score(zero_division=0)`.
    """
    rows = tallies[..., PREDICTED] + tallies[..., GOLD]
    scores: NDArray[np.float64] = np.divide(2.0 * tallies[..., HITS], rows, out=np.zeros(rows.shape), where=rows > 0)
    return scores


def macro_f1(tallies: NDArray[Any], classes: Sequence[int] | None = None) -> NDArray[np.float64]:
    """Return the mean F1, (...) for tallies (..., K, 3), over a fixed set of classes: all, or those numbered `classes`.

    The set is not reduced to the classes that occur in a resample, because resamples would then estimate a different
    quantity.
    """
    scores = f1(tallies)
    mean: NDArray[np.float64] = (scores if classes is None else scores[..., list(classes)]).mean(axis=-1)
    return mean


def balanced_accuracy(tallies: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean recall, (...) for tallies (..., K, 3), over the classes in gold; NaN if there are no rows.

    A rule that answers independently of the row scores 1 / K, whatever the shares of the K classes.
    """
    hits, rows = (np.asarray(tallies[..., column], dtype=np.float64) for column in (HITS, GOLD))
    recalls = np.divide(hits, rows, out=np.zeros_like(hits), where=rows > 0).sum(axis=-1)
    classes = np.asarray((rows > 0).sum(axis=-1))
    mean: NDArray[np.float64] = np.divide(recalls, classes, out=np.full_like(recalls, np.nan), where=classes > 0)
    return mean


def accuracy(tallies: NDArray[Any]) -> NDArray[np.float64]:
    """Return the share of correct rows, (...) for tallies (..., K, 3); NaN if there are no rows."""
    hits, rows = (np.asarray(tallies[..., column].sum(axis=-1), dtype=np.float64) for column in (HITS, GOLD))
    share: NDArray[np.float64] = np.divide(hits, rows, out=np.full_like(hits, np.nan), where=rows > 0)
    return share
