"""Time the cluster bootstrap beside a plain scikit-learn loop over the same draws.

The data are simulated: a thousand articles of twenty paragraphs of five units, with paragraphs drawn within articles.
The bootstrap and the loop score the same resamples in the same process, alternately. The loop takes minutes, so it is
timed on some of the resamples, and it receives its rows already drawn. The result goes into bootstrap.json; `--quick`
writes nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.files import write_result
from benchmarks.speed.record import machine
from benchmarks.statistics.draws import draw_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARTICLES, PARAGRAPHS, UNITS, CLASSES = 1000, 20, 5, 3
RESAMPLES, SEED, ROUNDS, LOOPED = 10_000, 0, 7, 40  # resamples that the loop scores in each round


def _predictions() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rng = np.random.default_rng(SEED)
    gold = rng.choice(CLASSES, size=ARTICLES * PARAGRAPHS * UNITS, p=[0.6, 0.3, 0.1])
    return gold, np.where(rng.random(gold.size) < 0.7, gold, rng.integers(CLASSES, size=gold.size))


def _plain(gold: NDArray[np.intp], predicted: NDArray[np.intp], resamples: list[NDArray[np.intp]]) -> list[float]:
    from sklearn.metrics import f1_score

    classes = list(range(CLASSES))
    return [
        float(f1_score(gold[rows], predicted[rows], labels=classes, average="macro", zero_division=0))
        for rows in resamples
    ]


def measure(resamples: int, rounds: int, looped: int) -> dict[str, Any]:
    """Return both times, their ratio and the largest difference of a score."""
    from espress.stats import cluster_bootstrap, macro_f1, tally

    gold, predicted = _predictions()
    clusters = np.arange(gold.size) // UNITS
    n_clusters = ARTICLES * PARAGRAPHS
    strata = np.arange(n_clusters) // PARAGRAPHS
    weights = draw_weights(n_clusters, strata, resamples=resamples, seed=SEED, first=rounds * looped)
    ours, theirs, differences = [], [], []
    for number in range(rounds):
        some = slice(number * looped, (number + 1) * looped)
        rows = [np.repeat(np.arange(gold.size), weight[clusters]) for weight in weights[some]]
        start = time.perf_counter()
        counted = tally(gold, predicted, CLASSES, clusters, n_clusters)
        scores = cluster_bootstrap(counted, strata, resamples=resamples, seed=SEED, score=macro_f1)
        between = time.perf_counter()
        plain = _plain(gold, predicted, rows)
        theirs.append((time.perf_counter() - between) / looped * resamples)
        ours.append(between - start)
        differences.append(float(np.abs(scores[some] - plain).max()))
    return {
        "predictions": gold.size, "articles": ARTICLES, "paragraphs": n_clusters, "classes": CLASSES,
        "resamples": resamples, "rounds": rounds, "looped": rounds * looped,
        "ours_s": round(statistics.median(ours), 3), "ours_most_s": round(max(ours), 3),
        "sklearn_s": round(statistics.median(theirs), 1), "sklearn_least_s": round(min(theirs), 1),
        "ratio": round(statistics.median(theirs) / statistics.median(ours), 1),
        "least_ratio": round(min(t / o for o, t in zip(ours, theirs, strict=True)), 1),
        "largest_difference": max(differences),
        "scikit_learn": importlib.metadata.version("scikit-learn"), "machine": machine(),
    }  # fmt: skip


def main() -> int:
    """Measure and write; return the exit code: 1 if the numbers differ or ours is not a hundred times as fast."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of few resamples, nothing written")
    quick = parser.parse_args().quick
    found = measure(1000, 1, 5) if quick else measure(RESAMPLES, ROUNDS, LOOPED)
    print(json.dumps(found, indent=1))
    if not quick:
        write_result("bootstrap", found)
    return int(found["largest_difference"] > 1e-12 or found["ratio"] < 100)


if __name__ == "__main__":
    sys.exit(main())
