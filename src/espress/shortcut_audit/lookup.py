"""The smoothed look-up, the rules that use neither text nor group, and the tallies and scores of any predictor.

Tallies are counts (hits, predicted, gold) for each resampling unit and class. Intervals need only their sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from espress.errors import EspressError
from espress.shortcut_audit.result import Scores
from espress.stats import accuracy, balanced_accuracy, macro_f1, tally

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from espress.shortcut_audit.folds import Design

# The prior has the weight of one row, so it decides only ties and unseen groups: a lead of one row in a group outweighs
# it (n_a >= n_b + 1, and p_b - p_a < 1). It also keeps the log-loss of a group with one row finite.
M = 1.0


class Prediction(NamedTuple):
    """The class (n,) and the probabilities (n, K) that the look-up gives to each row; -1 and NaN for untested rows.

    `seen` says whether the row's group occurs in the training rows. `matched` is the class at the prior-matched
    threshold: the one whose probability is highest relative to its prior.
    """

    predicted: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    seen: NDArray[np.bool_]
    matched: NDArray[np.intp]


def predict(
    groups: ArrayLike, labels: ArrayLike, folds: ArrayLike, *, n_classes: int, weights: ArrayLike | None = None
) -> Prediction:
    """Predict each row from the label counts of its group in the other folds.

    p(y | g) = (n_gy + M * prior_y) / (n_g + M), where counts and prior come only from the training rows, which are
    those in other folds. A group without training rows gets the prior. The predicted class is the most probable one; in
    a tie, the one with the lowest code. `groups`, `labels` and `folds` are whole numbers (n,), groups and labels from
    0; a missing value is a group of its own. Rows in folds below 0 are trained on and never tested. With `weights` (n,)
    a row counts that many times.

    Raises:
        EspressError: arrays have unequal lengths, a group or label is negative, or a fold leaves nothing to train on.
    """
    codes, golds, places = (np.asarray(values, dtype=np.intp) for values in (groups, labels, folds))
    counted = np.ones(len(golds)) if weights is None else np.asarray(weights, dtype=np.float64)
    _check(codes, golds, places, counted, n_classes)
    cells = codes * n_classes + golds
    everything = np.bincount(cells, counted, minlength=(int(codes.max(initial=-1)) + 1) * n_classes)
    predicted, matched = (np.full(len(golds), -1, dtype=np.intp) for _ in range(2))
    seen = np.zeros(len(golds), dtype=np.bool_)
    probabilities = np.full((len(golds), n_classes), np.nan)
    for fold in np.unique(places[places >= 0]):
        tested = np.flatnonzero(places == fold)
        trained = everything - np.bincount(cells[tested], counted[tested], minlength=everything.size)
        if trained.sum() <= 0:
            raise EspressError(f"Fold {fold} holds every row, so nothing is left to train on. Give at least two folds.")
        predicted[tested], probabilities[tested], seen[tested], matched[tested] = _predict_from_counts(
            trained.reshape(-1, n_classes), codes[tested]
        )
    return Prediction(predicted, probabilities, seen, matched)


def _predict_from_counts(trained: NDArray[np.number], codes: NDArray[np.intp]) -> Prediction:
    """Predict rows of these groups from counts (groups, classes) of the training rows."""
    by_class = trained.sum(axis=0)
    rows = by_class.sum()
    own = trained[codes]
    size = own.sum(axis=1)
    # Compare n_gy * N + M * n_y: whole numbers, so that ties are exact.
    predicted = (own * rows + M * by_class).argmax(axis=1)
    # The prior-matched class has the largest share of the label's rows in the group: n_gy / n_y; equal shares are ties.
    matched = np.divide(own, by_class, out=np.zeros(own.shape), where=by_class > 0).argmax(axis=1)
    return Prediction(predicted, (own + M * by_class / rows) / (size + M)[:, None], size > 0, matched)


def _check(
    codes: NDArray[np.intp],
    golds: NDArray[np.intp],
    places: NDArray[np.intp],
    counted: NDArray[np.float64],
    n_classes: int,
) -> None:
    """Raise EspressError for arrays of different lengths, and for codes outside their range."""
    sizes = {values.shape for values in (codes, golds, places, counted)}
    if len(sizes) > 1 or codes.ndim != 1:
        raise EspressError(f"Groups, labels, folds and weights have shapes {sorted(sizes)}. Give arrays of one length.")
    wrong = np.flatnonzero((codes < 0) | (golds < 0) | (golds >= n_classes))
    if wrong.size:
        raise EspressError(
            f"Row {wrong[0]} (and {wrong.size - 1} more) has group {codes[wrong[0]]} and label {golds[wrong[0]]}; "
            f"groups are numbered from 0, labels from 0 to {n_classes - 1}. A missing value is a group, too."
        )


@dataclass(frozen=True)
class Answers:
    """The answers of one predictor that was trained without the row's fold: classes (R, n), -1 for untested rows.

    `seen` (R, n) says for a look-up whether the row's group occurs in the training rows. `gain` (n,) is the reduction
    of log-loss compared with the prior in bits, averaged over the repeats. `matched` (R, n) holds the classes at the
    prior-matched threshold.
    """

    predicted: NDArray[np.int32]
    gain: NDArray[np.float64]
    seen: NDArray[np.bool_]
    matched: NDArray[np.int32]


def look_up(design: Design, groups: NDArray[np.intp]) -> Answers:
    """Predict every tested row by the smoothed look-up of its group, in each repeat."""
    repeats, n = design.folds.shape
    predicted, matched = (np.empty((repeats, n), dtype=np.int32) for _ in range(2))
    seen = np.empty((repeats, n), dtype=np.bool_)
    gain, rows = np.zeros(n), np.arange(n)
    for repeat, folds in enumerate(design.folds):
        found = predict(groups, design.labels, folds, n_classes=design.n_classes)
        predicted[repeat], seen[repeat], matched[repeat] = found.predicted, found.seen, found.matched
        gain += gain_in_bits(found.probabilities[rows, design.labels], design, folds)
    return Answers(predicted, gain / repeats, seen, matched)


def score_in_sample(design: Design, groups: NDArray[np.intp]) -> float:
    """Return macro-F1 of the look-up on the rows from which it was counted."""
    cells = groups * design.n_classes + design.labels
    counts = np.bincount(cells, minlength=(int(groups.max()) + 1) * design.n_classes).reshape(-1, design.n_classes)
    answers = (counts * len(groups) + M * counts.sum(axis=0)).argmax(axis=1)[groups]
    return float(macro_f1(tally(design.labels, answers, design.n_classes))[0])


def priors(design: Design, folds: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the share of each label among the training rows of each fold, (F, K)."""
    n_folds, n_classes = design.n_folds, design.n_classes
    everything = np.bincount(design.labels, minlength=n_classes)
    cells = (folds * n_classes + design.labels)[folds >= 0]
    trained = everything - np.bincount(cells, minlength=n_folds * n_classes).reshape(n_folds, n_classes)
    shares: NDArray[np.float64] = trained / trained.sum(axis=1, keepdims=True)
    return shares


def gain_in_bits(probabilities: NDArray[np.float64], design: Design, folds: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return log2(p(label) / prior(label)) for each row (n,), given p of its own label.

    It is 0 if the row is not tested or its label does not occur among the training rows, because such rows cannot be
    scored.
    """
    prior = np.where(folds >= 0, priors(design, folds)[folds, design.labels], 0.0)
    ratio = np.divide(probabilities, prior, out=np.ones_like(prior), where=prior > 0)
    return np.log2(ratio)


def answer_majority(design: Design) -> NDArray[np.int32]:
    """Return the answers (R, n) of the rule that always gives the commonest training label; lowest code in a tie."""
    answers = [priors(design, folds).argmax(axis=1)[folds] for folds in design.folds]
    return np.where(design.folds >= 0, np.stack(answers), -1).astype(np.int32)


def tally_drawing(design: Design) -> NDArray[np.float64]:
    """Return the expected tallies (units, K, 3) of the rule that draws each answer from the training prior.

    Expected counts are exact: a row of label y in fold f adds prior_fy to the hits of y and prior_fk to the predictions
    of each k. Their macro-F1 is the limit of repeated drawing and pooling. If training and test prior agree, no other
    rule that draws independently of the row does better: a rule that draws with the shares q has the score
    mean_k 2 p_k q_k / (p_k + q_k), which is concave in q, and its slope 2 p_k**2 / (p_k + q_k)**2 is the same for all k
    only if q = p. (Always answering j is such a rule, too.) The best score is 1 / K.
    """
    n_units, n_classes = design.n_units, design.n_classes
    expected = np.zeros((n_units, n_classes, 3))
    labels, units = design.labels[design.tested], design.units[design.tested]
    cells = units * n_classes + labels
    for folds in design.folds:
        prior, own = priors(design, folds), folds[design.tested]
        met = np.bincount(units * len(prior) + own, minlength=n_units * len(prior)).reshape(n_units, -1)
        hits = np.bincount(cells, prior[own, labels], minlength=n_units * n_classes)
        gold = np.bincount(cells, minlength=n_units * n_classes)
        expected += np.stack([hits.reshape(n_units, -1), met @ prior, gold.reshape(n_units, -1)], axis=-1)
    return expected


def tally_answers(
    design: Design, predicted: NDArray[np.integer], rows: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Count tallies (units, K, 3) over the repeats, on all tested rows or on `rows`, (n,) or (R, n)."""
    masks = np.broadcast_to(design.tested if rows is None else design.tested & rows, predicted.shape)
    counted = np.zeros((design.n_units, design.n_classes, 3), dtype=np.int64)
    for answers, mask in zip(predicted, masks, strict=True):
        counted += tally(design.labels[mask], answers[mask], design.n_classes, design.units[mask], design.n_units)
    return counted


def sum_gains(design: Design, gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (units, 1 + K): for each unit, the sum of the gains (n,) of its tested rows, and their number by label."""
    labels, units = design.labels[design.tested], design.units[design.tested]
    counts = np.bincount(units * design.n_classes + labels, minlength=design.n_units * design.n_classes)
    sums = np.bincount(units, gain[design.tested], minlength=design.n_units)
    return np.column_stack([sums, counts.reshape(design.n_units, -1)])


def share_gained(sums: NDArray[Any]) -> NDArray[np.float64]:
    """Return the gain divided by H(Y), or 0 if there is only one label.

    The sums, as `sum_gains` returns them, have the shape (..., 1 + K); the result has the shape (...).
    """
    rows = sums[..., 1:]
    shares = rows / rows.sum(axis=-1, keepdims=True)
    bits = -(shares * np.log2(shares, out=np.zeros(shares.shape), where=shares > 0)).sum(axis=-1)
    gain = sums[..., 0] / rows.sum(axis=-1)
    share: NDArray[np.float64] = np.divide(gain, bits, out=np.zeros_like(gain), where=bits > 0)
    return share


def score(
    tallies: NDArray[Any],
    design: Design,
    gain: NDArray[np.float64] | None = None,
    matched: NDArray[Any] | None = None,
) -> Scores:
    """Score tallies.

    Predictors that give probabilities also have `gain` (n,) and `matched`, the tallies at the prior-matched threshold.
    """
    total = tallies.sum(axis=0)
    rows = int(total[:, 2].sum())
    if not rows:
        return Scores(0, None, None)
    bits = share = None
    if gain is not None:
        bits = float(gain[design.tested].mean())
        bits_to_know = entropy(design.labels[design.tested])
        share = bits / bits_to_know if bits_to_know else None
    balanced = None if matched is None else float(balanced_accuracy(matched.sum(axis=0)))
    return Scores(
        round(rows / len(design.folds)), float(macro_f1(total)), float(accuracy(total)), bits, share, balanced
    )


def entropy(labels: NDArray[np.intp]) -> float:
    """Return H(Y), the entropy in bits of the labels of these rows."""
    shares = np.bincount(labels) / len(labels)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())
