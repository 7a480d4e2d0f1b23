"""Predictions against gold as tallies by paragraph block, from which every score, interval and test is taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from espress.probe.classes import classes
from espress.probe.folds import folds
from espress.probe.items import items
from espress.stats import macro_f1, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.probe.items import Item
    from espress.probe.predictions import Prediction
    from espress.probe.tasks import Task


@dataclass(frozen=True)
class Counts:
    """A system in one reading: tallies (runs, blocks, classes, 3), and what each block belongs to.

    A block is a paragraph of an article, or the units of one role outside its body.
    """

    tallies: NDArray[np.int64]
    articles: tuple[str, ...]  # of each block
    clusters: tuple[str, ...]  # of each block: its fold in the split
    scored: tuple[int, ...]  # places of the classes that are scored
    kept: tuple[Item, ...]  # items with gold in this reading, in order
    gold: NDArray[np.intp]  # class of each
    predicted: NDArray[np.intp]  # (runs, items), -1 where the answer was no label

    def score(self, tallies: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return macro-F1 over the scored classes, for tallies (..., classes, 3)."""
        return macro_f1(tallies, self.scored)

    def strata(self) -> NDArray[np.intp]:
        """Return a number of the article for each block."""
        return np.unique(self.articles, return_inverse=True)[1]


def runs_of(predictions: Sequence[Prediction]) -> tuple[str, ...]:
    """Return the names of the runs, sorted."""
    return tuple(sorted({one.run for one in predictions}))


def _predicted(predictions: Sequence[Prediction], kept: Sequence[Item], labels: tuple[str, ...]) -> NDArray[np.intp]:
    by_run: defaultdict[str, dict[str, str | None]] = defaultdict(dict)
    for one in predictions:
        by_run[one.run][one.item_id] = one.prediction
    code = {label: place for place, label in enumerate(labels)}
    answers = ([by_run[run][item.item_id] for item in kept] for run in runs_of(predictions))
    return np.array([[code.get(label or "", -1) for label in run] for run in answers], dtype=np.intp)


def count(predictions: Sequence[Prediction], task: Task, split: str, reading: str) -> Counts:
    """Count one system's checked predictions of a task and split in one reading."""
    place, fold = task.place(reading), folds(split)
    kept = tuple(item for item in items(task) if item.gold[place] is not None and item.article_id in fold)
    gold = np.array([task.labels.index(item.gold[place] or "") for item in kept], dtype=np.intp)
    predicted = _predicted(predictions, kept, task.labels)
    names = sorted({(item.article_id, item.paragraph) for item in kept})
    where = {name: number for number, name in enumerate(names)}
    blocks = np.array([where[item.article_id, item.paragraph] for item in kept], dtype=np.intp)
    n_classes = len(task.labels)
    return Counts(
        tallies=np.stack([tally(gold, answers, n_classes, blocks, len(names)) for answers in predicted]),
        articles=tuple(article for article, _ in names),
        clusters=tuple(fold[article] for article, _ in names),
        scored=tuple(n for n, one in enumerate(classes(task, reading)) if one.status == "scored"),
        kept=kept,
        gold=gold,
        predicted=predicted,
    )


def cluster_tallies(counts: Counts) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the clusters of the split, sorted, and their tallies (runs, clusters, classes, 3)."""
    names = tuple(sorted(set(counts.clusters)))
    where = np.array(counts.clusters)
    return names, np.stack([counts.tallies[:, where == name].sum(axis=1) for name in names], axis=1)


def present_macro_f1(tallies: NDArray[np.int64], scored: tuple[int, ...]) -> float | None:
    """Return macro-F1 over the scored classes with gold here, averaged over runs (runs, classes, 3); None if none."""
    here = [place for place in scored if tallies[0, place, 2] > 0]
    return float(macro_f1(tallies, here).mean()) if here else None
