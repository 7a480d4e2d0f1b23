"""The audit's numbers once more, slowly and plainly: dicts and loops, nothing shared with the code tested."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from sklearn.metrics import f1_score

if TYPE_CHECKING:
    from collections.abc import Sequence

Answer = tuple[int, dict[int, Fraction], bool]


def look_up(groups: Sequence[object], labels: Sequence[int], folds: Sequence[int], k: int, m: int = 1) -> list[Answer]:
    """Answer each row: class, probabilities, whether its group was trained on; rows in folds below 0 get class -1."""
    answers: list[Answer] = []
    for group, fold in zip(groups, folds, strict=True):
        if fold < 0:
            answers.append((-1, {}, False))
            continue
        train = [(g, y) for g, y, f in zip(groups, labels, folds, strict=True) if f != fold]
        everyone = Counter(y for _, y in train)
        own = Counter(y for g, y in train if g == group)
        size = sum(own.values())
        p = {y: (own[y] + m * Fraction(everyone[y], len(train))) / (size + m) for y in range(k)}
        best = max(p.values())
        answers.append((min(y for y in p if p[y] == best), p, size > 0))
    return answers


def macro_f1(gold: Sequence[int], predicted: Sequence[int], k: int) -> float:
    """Return scikit-learn's mean over all k labels of F1, 0 where a label is neither gold nor predicted."""
    return float(f1_score(gold, predicted, labels=range(k), average="macro", zero_division=0))


def prior(labels: Sequence[int], folds: Sequence[int], fold: int, k: int) -> dict[int, float]:
    """Return the shares of the labels outside a fold."""
    train = [y for y, f in zip(labels, folds, strict=True) if f != fold]
    return {y: train.count(y) / len(train) for y in range(k)}


def gain(groups: Sequence[object], labels: Sequence[int], folds: Sequence[int], k: int) -> float:
    """Return the mean number of bits that the look-up saves on tested rows, against the prior of the training rows."""
    saved = []
    for (_, p, _), y, fold in zip(look_up(groups, labels, folds, k), labels, folds, strict=True):
        if fold < 0:
            continue
        before = prior(labels, folds, fold, k)[y]
        saved.append(math.log2(float(p[y]) / before) if before else 0.0)
    return sum(saved) / len(saved)


def entropy(labels: Sequence[int]) -> float:
    """Return H of the labels in bits."""
    return -sum(n / len(labels) * math.log2(n / len(labels)) for n in Counter(labels).values())


def drawing(labels: Sequence[int], all_folds: Sequence[Sequence[int]], k: int) -> float:
    """Return macro-F1 of expected counts, when each answer is drawn from the training prior."""
    hits, predicted, gold = ([0.0] * k for _ in range(3))
    for folds in all_folds:
        for y, fold in zip(labels, folds, strict=True):
            if fold < 0:
                continue
            shares = prior(labels, folds, fold, k)
            gold[y] += 1
            hits[y] += shares[y]
            for each in range(k):
                predicted[each] += shares[each]
    return sum(2 * h / (p + g) for h, p, g in zip(hits, predicted, gold, strict=True)) / k


def pooled(groups: Sequence[object], labels: Sequence[int], all_folds: Sequence[Sequence[int]], k: int) -> float:
    """Return macro-F1 of the look-up, answers of all repeats pooled."""
    gold, predicted = [], []
    for folds in all_folds:
        for (answer, _, _), y, fold in zip(look_up(groups, labels, folds, k), labels, folds, strict=True):
            if fold >= 0:
                gold.append(y)
                predicted.append(answer)
    return macro_f1(gold, predicted, k)
