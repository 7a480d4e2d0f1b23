"""How predictors did, as tallies by block of clusters: they add up, so that intervals are arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from espress.shortcut_audit.lookup import M, predict
from espress.shortcut_audit.result import Scores
from espress.stats import accuracy, macro_f1, tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.folds import Design

BLOCKS = 10_000  # more clusters than this are put together at random: sums of whole clusters vary alike


@dataclass(frozen=True)
class Frame:
    """What every predictor is scored on: labels (n,), the cut, and the block (n,) in which a row is resampled."""

    labels: NDArray[np.intp]
    n_classes: int
    design: Design
    blocks: NDArray[np.intp]
    n_blocks: int
    n_clusters: int

    def only(self, rows: NDArray[np.bool_]) -> Frame:
        """Return the frame of some rows (n,), with the same folds and blocks."""
        cut = replace(
            self.design,
            folds=self.design.folds[:, rows],
            sides=self.design.sides[rows],
            clusters=self.design.clusters[rows],
        )
        return replace(self, labels=self.labels[rows], design=cut, blocks=self.blocks[rows])


@dataclass(frozen=True)
class Answers:
    """One predictor's out-of-fold answers: classes (R, n), -1 where it has none; `seen` (R, n) for a look-up.

    `bits` (n,) is the log-loss below the prior's in bits, the mean of the repeats; None without probabilities.
    """

    predicted: NDArray[np.int32]
    bits: NDArray[np.float64] | None
    seen: NDArray[np.bool_]


def frame(labels: NDArray[np.intp], n_classes: int, design: Design, seed: int) -> Frame:
    """Number the tested clusters as blocks, at most 10,000 of them."""
    found, where = np.unique(design.clusters[design.tested], return_inverse=True)
    n_clusters, places = len(found), np.arange(len(found))
    if n_clusters > BLOCKS:
        places = np.random.default_rng(seed).permutation(n_clusters) % BLOCKS
    blocks = np.full(len(labels), -1, dtype=np.intp)
    blocks[design.tested] = places[where]
    return Frame(labels, n_classes, design, blocks, min(n_clusters, BLOCKS), n_clusters)


def look_up(frame: Frame, groups: NDArray[np.intp]) -> Answers:
    """Answer every tested row by the smoothed look-up of its group, in each repeat."""
    repeats, n = frame.design.folds.shape
    predicted, seen = np.empty((repeats, n), dtype=np.int32), np.empty((repeats, n), dtype=np.bool_)
    bits, rows = np.zeros(n), np.arange(n)
    for repeat, folds in enumerate(frame.design.folds):
        found = predict(groups, frame.labels, folds, n_classes=frame.n_classes)
        predicted[repeat], seen[repeat] = found.predicted, found.seen
        bits += bits_saved(found.probabilities[rows, frame.labels], frame, folds)
    return Answers(predicted, bits / repeats, seen)


def in_sample(frame: Frame, groups: NDArray[np.intp]) -> float:
    """Return macro-F1 of the look-up on the very rows that it was counted on."""
    cells = groups * frame.n_classes + frame.labels
    counts = np.bincount(cells, minlength=(int(groups.max()) + 1) * frame.n_classes).reshape(-1, frame.n_classes)
    answers = (counts * len(groups) + M * counts.sum(axis=0)).argmax(axis=1)[groups]
    return float(macro_f1(tally(frame.labels, answers, frame.n_classes))[0])


def priors(frame: Frame, folds: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the share of each label among the training rows of each fold, (F, K)."""
    n_folds, n_classes = frame.design.n_folds, frame.n_classes
    everything = np.bincount(frame.labels, minlength=n_classes)
    cells = (folds * n_classes + frame.labels)[folds >= 0]
    trained = everything - np.bincount(cells, minlength=n_folds * n_classes).reshape(n_folds, n_classes)
    shares: NDArray[np.float64] = trained / trained.sum(axis=1, keepdims=True)
    return shares


def bits_saved(probabilities: NDArray[np.float64], frame: Frame, folds: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return log2(p(label) / prior(label)) for each row (n,), given p of its own label.

    Nought where the row is not tested, and where its label was never trained on: there neither can be scored.
    """
    prior = np.where(folds >= 0, priors(frame, folds)[folds, frame.labels], 0.0)
    ratio = np.divide(probabilities, prior, out=np.ones_like(prior), where=prior > 0)
    return np.log2(ratio)


def tallies(frame: Frame, predicted: NDArray[np.integer], rows: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Count (blocks, K, 3) over the repeats, on tested rows: all, or those of `rows` (n,) or, by repeat, (R, n)."""
    masks = np.broadcast_to(frame.design.tested if rows is None else frame.design.tested & rows, predicted.shape)
    counted = np.zeros((frame.n_blocks, frame.n_classes, 3), dtype=np.int64)
    for answers, mask in zip(predicted, masks, strict=True):
        counted += tally(frame.labels[mask], answers[mask], frame.n_classes, frame.blocks[mask], frame.n_blocks)
    return counted


def scores(counted: NDArray[np.int64], repeats: int, bits: float | None = None, entropy: float | None = None) -> Scores:
    """Score tallies over `repeats` repeats; `bits` is the mean log-loss saved, `entropy` that of the tested labels."""
    total = counted.sum(axis=0)
    rows = int(total[:, 2].sum())
    if not rows:
        return Scores(0, None, None)
    share = bits / entropy if bits is not None and entropy else None
    return Scores(round(rows / repeats), float(macro_f1(total)), float(accuracy(total)), bits, share)


def entropy(labels: NDArray[np.intp]) -> float:
    """Return H(Y) in bits of the labels as they are distributed in these rows."""
    shares = np.bincount(labels) / len(labels)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def majority(frame: Frame) -> NDArray[np.int32]:
    """Return the answers (R, n) of the rule that always gives the commonest training label; lowest in a tie."""
    answers = [priors(frame, folds).argmax(axis=1)[folds] for folds in frame.design.folds]
    return np.where(frame.design.folds >= 0, np.stack(answers), -1).astype(np.int32)


def drawing(frame: Frame) -> NDArray[np.float64]:
    """Return the expected tallies (blocks, K, 3) of the rule that draws each answer from the training prior.

    Expected counts are exact: a row of label y in fold f adds prior_fy to the hits of y and prior_fk to the predictions
    of each k. Their macro-F1 is that of drawing over and over and pooling. If training and test prior agree, no other
    rule that draws without looking does better: drawing by q scores mean_k 2 p_k q_k / (p_k + q_k), which is concave in
    q, and its slope 2 p_k**2 / (p_k + q_k)**2 is the same for all k just where q = p. (Always answering j is such a
    rule, too.) That best score is 1 / K.
    """
    n_blocks, n_classes = frame.n_blocks, frame.n_classes
    expected = np.zeros((n_blocks, n_classes, 3))
    rows = frame.design.tested
    labels, blocks = frame.labels[rows], frame.blocks[rows]
    cells = blocks * n_classes + labels
    for folds in frame.design.folds:
        prior, own = priors(frame, folds), folds[rows]
        met = np.bincount(blocks * len(prior) + own, minlength=n_blocks * len(prior)).reshape(n_blocks, -1)
        hits = np.bincount(cells, prior[own, labels], minlength=n_blocks * n_classes)
        gold = np.bincount(cells, minlength=n_blocks * n_classes)
        expected += np.stack([hits.reshape(n_blocks, -1), met @ prior, gold.reshape(n_blocks, -1)], axis=-1)
    return expected
