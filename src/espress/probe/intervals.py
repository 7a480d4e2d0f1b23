"""Intervals under the two named estimands: another draw of paragraphs from these articles, or new articles."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from espress.probe.result import Estimate
from espress.probe.tallies import cluster_tallies, present_macro_f1
from espress.stats import cluster_bootstrap, percentile_interval, t_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from espress.probe.tallies import Counts

RESAMPLES = 10_000
SEED = 20_260  # any fixed number; scores do not hang on it beyond the resampling error
FEWEST_CLUSTERS = 5  # below, an interval over clusters covers far less than it says
FEWEST_TO_INFER = 10  # below, it is descriptive
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NEW = "new articles"


def in_words(number: int) -> str:
    """Return a small number in words, a large one in digits."""
    return _WORDS[number] if number < len(_WORDS) else str(number)


def these(counts: Counts) -> str:
    """Return the name of the estimand that is about the articles at hand."""
    n = len(set(counts.articles))
    return "this one article" if n == 1 else f"these {in_words(n)} articles"


def drawn(counts: Counts, *others: Counts) -> NDArray[np.float64]:
    """Return bootstrap scores (resamples, systems), each averaged over its runs, all on the same draws of blocks."""
    import numpy as np

    systems = (counts, *others)
    stacked = np.concatenate([one.tallies for one in systems])
    draws = cluster_bootstrap(stacked, counts.strata(), resamples=RESAMPLES, seed=SEED, score=counts.score)
    edges = np.cumsum([0, *(len(one.tallies) for one in systems)])
    return np.stack([draws[:, a:b].mean(axis=1) for a, b in pairwise(edges)], axis=1)


def fixed_note(counts: Counts) -> str:
    """Say what an interval for the articles at hand is, and what it is not."""
    return (
        f"Paragraphs are drawn anew within each of {these(counts)}, {RESAMPLES} times. The interval says how far the "
        "value hangs on which paragraphs stand in them, and nothing of any other article."
    )


def new_note(n_clusters: int, clusters: str) -> str:
    """Say what an interval for new articles is over so many clusters, or why there is none."""
    if n_clusters < FEWEST_CLUSTERS:
        return f"No interval: {in_words(n_clusters)} {clusters}, and below {in_words(FEWEST_CLUSTERS)} none is given."
    descriptive = (
        f" Descriptive: with fewer than {in_words(FEWEST_TO_INFER)} clusters it leans on the values being normal."
        if n_clusters < FEWEST_TO_INFER
        else ""
    )
    return (
        f"Student's t over the values of {in_words(n_clusters)} {clusters}, each macro-F1 of the scored classes that "
        f"have gold there; their mean is not the pooled value.{descriptive} It holds for articles drawn like these, "
        "and how these were drawn is not known; it may pass the ends of the scale."
    )


def over_clusters(values: Sequence[float], split: str) -> Estimate:
    """Return the mean of the clusters' values, with an interval where there are clusters enough."""
    note = new_note(len(values), "articles" if split == "article" else "blocks of articles")
    if len(values) < FEWEST_CLUSTERS:
        return Estimate(NEW, sum(values) / len(values) if values else None, None, None, note)
    return Estimate(NEW, *t_interval(values), note)


def within(value: float, draws: NDArray[np.float64], counts: Counts) -> Estimate:
    """Return a value with the percentile interval of its draws."""
    return Estimate(these(counts), value, *percentile_interval(draws), fixed_note(counts))


def cluster_values(counts: Counts) -> dict[str, float]:
    """Return the value of each cluster that has gold of a scored class."""
    names, tallies = cluster_tallies(counts)
    found = {name: present_macro_f1(tallies[:, n], counts.scored) for n, name in enumerate(names)}
    return {name: value for name, value in found.items() if value is not None}


def value(counts: Counts) -> float:
    """Return macro-F1 over the scored classes from pooled predictions, averaged over runs."""
    return float(counts.score(counts.tallies.sum(axis=1)).mean())


def estimates(counts: Counts, split: str) -> tuple[Estimate, Estimate]:
    """Return a system's macro-F1 under both estimands; both without a value where no class is scored."""
    if not counts.scored:
        nothing = "No class has units enough to be scored."
        return Estimate(these(counts), None, None, None, nothing), Estimate(NEW, None, None, None, nothing)
    fixed = within(value(counts), drawn(counts)[:, 0], counts)
    return fixed, over_clusters(list(cluster_values(counts).values()), split)
