"""Count how often intervals contain the true value, and how often tests reject if nothing differs.

For each number of articles, corpora with a known true macro-F1 are simulated, and each interval is compared with it.
Then two systems that do not differ are simulated, and the p of both tests is compared with the uniform distribution.
The results go into coverage.json; `--quick` makes few of each and writes nothing. It takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import numpy as np
from benchmarks.files import write_result
from benchmarks.statistics.nulls import nulls
from benchmarks.statistics.simulation import World, sample, truth_everywhere, truth_here

ARTICLES = (3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
SEED, CORPORA, RESAMPLES, ARTICLES_FOR_TRUTH, NULLS = 0, 2500, 1000, 200_000, 4000


def _intervals(rng: np.random.Generator, world: World, n_articles: int) -> tuple[list[tuple[float, float]], float]:
    """Return the intervals from one corpus (t, clusters, paragraphs), and the true score of its own articles."""
    from espress.stats import cluster_bootstrap, macro_f1, percentile_interval, t_interval

    drawn = sample(rng, world, n_articles)
    by_article = drawn.by_article()
    seed = int(rng.integers(2**32))
    clusters = cluster_bootstrap(by_article, resamples=RESAMPLES, seed=seed, score=macro_f1)
    paragraphs = cluster_bootstrap(drawn.tallies, drawn.article, resamples=RESAMPLES, seed=seed, score=macro_f1)
    found = [t_interval(macro_f1(by_article))[1:], percentile_interval(clusters), percentile_interval(paragraphs)]
    return found, float(macro_f1(truth_here(world, drawn)))


def coverage(corpora: int) -> dict[str, Any]:
    """Return, for each number of articles, how often each interval contains the true value and its mean width."""
    from espress.stats import macro_f1

    world = World()
    pooled = float(macro_f1(truth_everywhere(world)))
    many = sample(np.random.default_rng([SEED, 1]), world, ARTICLES_FOR_TRUTH)
    mean = float(macro_f1(many.by_article()).mean())
    rows = []
    for n_articles in ARTICLES:
        rng = np.random.default_rng([SEED, 2, n_articles])
        every, here = zip(*(_intervals(rng, world, n_articles) for _ in range(corpora)), strict=True)
        low, high = np.moveaxis(np.array(every), 0, -1).swapaxes(0, 1)  # each (3, corpora)
        truths = np.stack([np.full(corpora, mean), np.full(corpora, pooled), np.array(here)])
        held = ((low <= truths) & (truths <= high)).mean(axis=1)
        width = (high - low).mean(axis=1)
        misread = float(((low[2] <= pooled) & (pooled <= high[2])).mean())
        names = ("t", "clusters", "paragraphs")
        row: dict[str, Any] = {"articles": n_articles}
        row |= {name: {"held": float(h), "width": float(w)} for name, h, w in zip(names, held, width, strict=True)}
        rows.append(row | {"paragraphs_taken_for_new_articles": {"held": misread}})
        print(json.dumps(rows[-1]), flush=True)
    errors = [(share * (1 - share) / corpora) ** 0.5 for row in rows for share in (row[n]["held"] for n in names)]
    return {
        "level": 0.95, "corpora": corpora, "resamples": RESAMPLES, "world": world.to_dict(), "true_pooled": pooled,
        "true_mean_of_articles": mean, "largest_monte_carlo_error": max(errors), "rows": rows,
    }  # fmt: skip


def main() -> int:
    """Invent, count and write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few of each, nothing written")
    quick = parser.parse_args().quick
    found = {"seed": SEED, "coverage": coverage(20 if quick else CORPORA), "null": nulls(200 if quick else NULLS, SEED)}
    if not quick:
        write_result("coverage", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
