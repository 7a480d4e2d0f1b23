"""Scores of a system with intervals under two named estimands: these articles, or new articles.

Intervals for these articles come from resampling paragraphs within each article; intervals for new articles from
Student's t over the scores of the held-out folds of the split, which are articles or blocks of linked articles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from espress.probe.classes import choose_classes, classes
from espress.probe.folds import folds
from espress.probe.items import items
from espress.probe.result import Estimate, RareScore, Share
from espress.stats import (
    cluster_bootstrap,
    macro_f1,
    percentile_interval,
    t_interval,
    tally,
    wilson_f1_interval,
    wilson_interval,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.probe.items import UnitItem
    from espress.probe.predictions import Prediction
    from espress.probe.tasks import Task

RESAMPLES = 10_000
SEED = 20_260  # any fixed number; it changes intervals only within the resampling error
FEWEST_FOLDS = 5  # with fewer folds, the true coverage of an interval is far below its level
FEWEST_TO_INFER = 10  # with fewer folds, the interval is only descriptive
NEW = "new articles"
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Counts:
    """A system on a task: tallies (runs, paragraphs, classes, 3), and the article and fold of each paragraph.

    Units outside the body of an article count as one paragraph for each role.
    """

    tallies: NDArray[np.int64]
    articles: tuple[str, ...]  # of each paragraph
    folds: tuple[str, ...]  # of each paragraph
    scored: tuple[int, ...]  # numbers of the classes over which the score is averaged
    kept: tuple[UnitItem, ...]  # the items of the split, in order
    gold: NDArray[np.intp]  # gold class of each item
    predicted: NDArray[np.intp]  # (runs, items); -1 if the answer was not a label

    def score(self, tallies: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean F1 of the scored classes, for tallies (..., classes, 3)."""
        return macro_f1(tallies, self.scored)

    def pooled_score(self) -> float:
        """Return the mean F1 of the scored classes from pooled predictions, averaged over runs."""
        return float(self.score(self.tallies.sum(axis=1)).mean())

    def strata(self) -> NDArray[np.intp]:
        """Return the number of each paragraph's article."""
        return np.unique(self.articles, return_inverse=True)[1]


def run_names(predictions: Sequence[Prediction]) -> tuple[str, ...]:
    """Return the names of the runs, sorted."""
    return tuple(sorted({one.run for one in predictions}))


def count(predictions: Sequence[Prediction], task: Task, split: str) -> Counts:
    """Count one system's checked predictions of a task and split."""
    fold = folds(split)
    kept = tuple(item for item in items(task) if item.article_id in fold)
    code: dict[str | None, int] = {label: n for n, label in enumerate(task.labels)}
    gold = np.array([code[item.gold] for item in kept], dtype=np.intp)
    given = {(one.run, one.item_id): one.prediction for one in predictions}
    runs = ([given[run, item.item_id] for item in kept] for run in run_names(predictions))
    predicted = np.array([[code.get(label, -1) for label in run] for run in runs], dtype=np.intp)
    names = sorted({(item.article_id, item.paragraph) for item in kept})
    where = {name: n for n, name in enumerate(names)}
    paragraphs = np.array([where[item.article_id, item.paragraph] for item in kept], dtype=np.intp)
    return Counts(
        tallies=np.stack([tally(gold, run, len(code), paragraphs, len(names)) for run in predicted]),
        articles=tuple(article for article, _ in names),
        folds=tuple(fold[article] for article, _ in names),
        scored=choose_classes(classes(task)),
        kept=kept,
        gold=gold,
        predicted=predicted,
    )


def score_present(tallies: NDArray[np.int64], scored: tuple[int, ...]) -> float | None:
    """Return the mean F1 of the scored classes that have gold, averaged over runs; None without such classes."""
    here = [number for number in scored if tallies[0, number, 2] > 0]
    return float(macro_f1(tallies, here).mean()) if here else None


def score_folds(counts: Counts) -> dict[str, float]:
    """Return the score of each fold that has gold of a scored class."""
    where = np.array(counts.folds)
    names = sorted(set(counts.folds))
    found = {name: score_present(counts.tallies[:, where == name].sum(axis=1), counts.scored) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def bootstrap(counts: Counts, *others: Counts) -> NDArray[np.float64]:
    """Return scores (resamples, systems), averaged over the runs of each system, on the same resampled paragraphs."""
    systems = (counts, *others)
    stacked = np.concatenate([one.tallies for one in systems])
    draws = cluster_bootstrap(stacked, counts.strata(), resamples=RESAMPLES, seed=SEED, score=counts.score)
    edges = np.cumsum([0, *(len(one.tallies) for one in systems)])
    return np.stack([draws[:, a:b].mean(axis=1) for a, b in pairwise(edges)], axis=1)


def spell(number: int) -> str:
    """Return a small number in words, a large one in digits."""
    return _WORDS[number] if number < len(_WORDS) else str(number)


def name_estimand(counts: Counts) -> str:
    """Return the name of the estimand for the articles of the corpus, such as "these five articles"."""
    n = len(set(counts.articles))
    return "this one article" if n == 1 else f"these {spell(n)} articles"


def estimate_here(value: float, draws: NDArray[np.float64], counts: Counts) -> Estimate:
    """Return a value for the articles of the corpus with the percentile interval of its resamples."""
    these = name_estimand(counts)
    note = (
        f"Paragraphs are resampled within each of {these}, {RESAMPLES} times. The interval shows how much the value "
        "depends on which paragraphs these articles contain; it says nothing about other articles."
    )
    return Estimate(these, value, *percentile_interval(draws), note, "if paragraphs are independent")


def estimate_rare_here(rare: RareScore, counts: Counts) -> Estimate:
    """Return the F1 of the rare class for the articles of the corpus, with Wilson's interval."""
    these = name_estimand(counts)
    note = (
        "Wilson's interval of F1, because a class with few items has too few resamples that differ. It takes the "
        f"items as independent of each other; it says nothing about articles other than {these}."
    )
    return Estimate(these, *rare.f1, note, "if items are independent")


def score_rare(counts: Counts, label: str) -> RareScore:
    """Return recall, precision and F1 of the one scored class with Wilson's intervals, over all runs."""
    (number,) = counts.scored
    hits, predicted, gold = map(float, counts.tallies[:, :, number].sum(axis=1).mean(axis=0))
    precision = Share(hits / predicted, *wilson_interval(hits, predicted)) if predicted else None
    f1 = Share(2 * hits / (predicted + gold), *wilson_f1_interval(hits, predicted, gold))
    return RareScore(label, hits, predicted, gold, Share(hits / gold, *wilson_interval(hits, gold)), precision, f1)


def explain_new(n_folds: int, what: str) -> str:
    """Return what an interval for new articles over this number of folds means, or why none can be given."""
    if n_folds < FEWEST_FOLDS:
        return f"No interval: there are {spell(n_folds)} {what}, and at least {spell(FEWEST_FOLDS)} are needed."
    descriptive = (
        f" Descriptive only: with fewer than {spell(FEWEST_TO_INFER)} {what} it relies on normally distributed scores."
        if n_folds < FEWEST_TO_INFER
        else ""
    )
    return (
        f"Student's t over the scores of {spell(n_folds)} {what}, each the mean F1 of the scored classes with gold in "
        f"it; their mean is not the pooled score.{descriptive} It takes {what} as independent, which articles of "
        "one outlet or event are not, and new ones as drawn in the same way as these; how these were drawn is not "
        "known. It may extend beyond 0 or 1."
    )


def estimate_new(scores: Sequence[float], split: str) -> Estimate:
    """Return the mean of the folds' scores, with an interval if there are enough folds."""
    what = "articles" if split == "article" else "blocks of linked articles"
    note = explain_new(len(scores), what)
    if len(scores) < FEWEST_FOLDS:
        return Estimate(NEW, sum(scores) / len(scores) if scores else None, None, None, note)
    return Estimate(NEW, *t_interval(scores), note, f"if {what} are independent")


def estimate(counts: Counts, split: str, rare: RareScore | None) -> tuple[Estimate, Estimate]:
    """Return a system's score under both estimands; both have no value if no class is scored."""
    if not counts.scored:
        note = "No class has enough items to be scored."
        return Estimate(name_estimand(counts), None, None, None, note), Estimate(NEW, None, None, None, note)
    if rare:
        here = estimate_rare_here(rare, counts)
    else:
        here = estimate_here(counts.pooled_score(), bootstrap(counts)[:, 0], counts)
    return here, estimate_new(list(score_folds(counts).values()), split)
