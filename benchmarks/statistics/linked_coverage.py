"""Count how often the probe's printed intervals contain the true value if articles are linked, as in this corpus.

Five articles in three blocks are simulated; the articles of a block have more and more in common. Intervals are those
that the probe prints: paragraphs resampled within articles, Student's t over articles, and Wilson's for a rare class.
The results go into linked_coverage.json; `--quick` makes few of each and writes nothing. It takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.files import write_result
from benchmarks.statistics.simulation import World, sample, truth_here

if TYPE_CHECKING:
    from benchmarks.statistics.simulation import Sample
    from numpy.typing import NDArray

    Interval = tuple[float, float]

BLOCKS = (2, 2, 1)
SHARED = (0.0, 0.25, 0.5, 0.75, 1.0)
SEED, CORPORA, RESAMPLES, ARTICLES_FOR_TRUTH = 0, 4000, 1000, 200_000
WORLD = World(blocks=BLOCKS)
# Entries as of the task `position`: one in seven is of the rare class, and each unit has one row.
RARE = World(blocks=BLOCKS, rows_a_unit=1, positive=-1.8, right_negative=2.5, right_positive=0.8)
NAMES = ("these_articles", "new_articles", "recall", "precision", "f1")


def _class_scores(counts: NDArray[Any]) -> tuple[float, float, float]:
    """Return recall, precision and F1 of one class from its hits, predictions and gold labels."""
    hits, predicted, gold = map(float, counts)
    return hits / gold, hits / predicted, 2 * hits / (predicted + gold)


def _rare_intervals(drawn: Sample) -> list[Interval] | None:
    """Return Wilson's intervals of recall, precision and F1 of the rare class; None if it is absent or not found."""
    from espress.stats import wilson_f1_interval, wilson_interval

    hits, predicted, gold = map(float, drawn.tallies.sum(axis=0)[1])
    if not predicted or not gold:
        return None
    return [wilson_interval(hits, gold), wilson_interval(hits, predicted), wilson_f1_interval(hits, predicted, gold)]


def _corpus(rng: np.random.Generator, shared: float, mean: float) -> list[tuple[Interval, float]]:
    """Return each interval of one simulated corpus with its true value."""
    from espress.stats import cluster_bootstrap, macro_f1, percentile_interval, t_interval

    world = replace(WORLD, shared=shared)
    drawn = sample(rng, world, sum(BLOCKS))
    seed = int(rng.integers(2**32))
    paragraphs = cluster_bootstrap(drawn.tallies, drawn.article, resamples=RESAMPLES, seed=seed, score=macro_f1)
    found = [
        (percentile_interval(paragraphs), float(macro_f1(truth_here(world, drawn)))),
        (t_interval(macro_f1(drawn.by_article()))[1:], mean),
    ]
    rare_world = replace(RARE, shared=shared)
    drawn_rare = sample(rng, rare_world, sum(BLOCKS))
    while (intervals := _rare_intervals(drawn_rare)) is None:  # the probe gives no score without such items
        drawn_rare = sample(rng, rare_world, sum(BLOCKS))
    truths = _class_scores(truth_here(rare_world, drawn_rare)[1])
    return [*found, *zip(intervals, truths, strict=True)]


def coverage(corpora: int) -> dict[str, Any]:
    """Return, for each share of common variance, how often each interval contains the true value, and its width."""
    from espress.stats import macro_f1

    many = sample(np.random.default_rng([SEED, 1]), World(), ARTICLES_FOR_TRUTH)
    mean = float(macro_f1(many.by_article()).mean())
    rows = []
    for number, shared in enumerate(SHARED):
        rng = np.random.default_rng([SEED, 2, number])
        found = [_corpus(rng, shared, mean) for _ in range(corpora)]
        low, high, truth = np.array([[(*ends, value) for ends, value in one] for one in found]).transpose(2, 0, 1)
        held, width = ((low <= truth) & (truth <= high)).mean(axis=0), (high - low).mean(axis=0)
        row = {name: {"held": float(h), "width": float(w)} for name, h, w in zip(NAMES, held, width, strict=True)}
        rows.append({"shared": shared, **row})
        print(json.dumps(rows[-1]), flush=True)
    shares = [row[name]["held"] for row in rows for name in NAMES]  # type: ignore[index]
    error = max((share * (1 - share) / corpora) ** 0.5 for share in shares)
    return {
        "level": 0.95, "corpora": corpora, "resamples": RESAMPLES, "blocks": list(BLOCKS), "world": WORLD.to_dict(),
        "rare_world": RARE.to_dict(), "true_mean_of_articles": mean, "largest_monte_carlo_error": error, "rows": rows,
    }  # fmt: skip


def main() -> int:
    """Simulate, count and write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few of each, nothing written")
    quick = parser.parse_args().quick
    found = coverage(50 if quick else CORPORA)
    if not quick:
        write_result("linked_coverage", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
