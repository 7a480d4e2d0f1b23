"""Tests under the null: is p uniform, and how often do the tests reject, if two systems do not differ?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Test = tuple[str, str, Callable[[np.random.Generator, int], float], int, int]  # name, about, p, size, values of p

PERMUTATIONS = 999
PARAGRAPHS_EXCHANGED = (24, 60)  # paragraphs of unequal size, exchanged between the systems
OF_AN_ARTICLE = 12
FLIPPED = (5, 8, 12, 25)  # numbers of articles; with the largest, flips are drawn and not enumerated
SIMULATED = 4000  # number of simulated Kolmogorov-Smirnov distances under a discrete uniform p


def permuted_p(rng: np.random.Generator, n_clusters: int, of_an_article: int = 0, *, untied: bool = False) -> float:
    """Return the p of two equal systems, by exchanging paragraphs."""
    from benchmarks.statistics.simulation import World, equals

    from espress.stats import macro_f1, paired_permutation

    weights = rng.integers(1000, 2000, n_clusters)[:, None, None] if untied else 1
    a, b = (tallies * weights for tallies in equals(rng, World(), n_clusters, of_an_article))
    seed = int(rng.integers(2**32))
    return paired_permutation(a, b, permutations=PERMUTATIONS, seed=seed, score=macro_f1)[1]


def untied_p(rng: np.random.Generator, n_clusters: int) -> float:
    """Return the same p where each paragraph has a different weight, so that no two exchanges tie."""
    return permuted_p(rng, n_clusters, untied=True)


def misread_p(rng: np.random.Generator, n_clusters: int) -> float:
    """Return the same p if each system is better in some articles than in others, as on new articles."""
    return permuted_p(rng, n_clusters, OF_AN_ARTICLE)


def flips_p(rng: np.random.Generator, n_articles: int) -> float:
    """Return the p of differences around zero, larger in some articles than in others."""
    from espress.stats import sign_flip

    differences = rng.normal(size=n_articles) * rng.gamma(2.0, size=n_articles)
    return sign_flip(differences, permutations=PERMUTATIONS, seed=int(rng.integers(2**32))).p


def uniformity(p: NDArray[Any], steps: int, rng: np.random.Generator) -> dict[str, float]:
    """Return Kolmogorov-Smirnov distances of p from the uniform on 1/steps, 2/steps, ... 1, each with its p.

    `distance` is two-sided; `too_often` is one-sided: it measures by how much small p occur too often, which ties
    cannot explain. The distributions of both are simulated for the discrete uniform, because those for the continuous
    uniform would accept too much.
    """
    shares = np.arange(1, steps + 1) / steps

    def distances(counts: NDArray[Any]) -> NDArray[Any]:
        above = np.cumsum(counts, axis=-1) / p.size - shares
        return np.stack([np.abs(above).max(axis=-1), above.max(axis=-1)])

    observed = distances(np.bincount(np.rint(p * steps).astype(int) - 1, minlength=steps))
    simulated = distances(rng.multinomial(p.size, np.full(steps, 1 / steps), size=SIMULATED))
    either, often = (1 + (simulated >= observed[:, None] - 1e-12).sum(axis=1)) / (1 + SIMULATED)
    return {
        "distance": float(observed[0]), "p": float(either), "too_often": float(observed[1]), "too_often_p": float(often)
    }  # fmt: skip


def nulls(corpora: int, seed: int) -> list[dict[str, Any]]:
    """Return, for each test and size, how uniform p is and how often it is at most .05 and .01."""
    from espress.stats.permutation import ENUMERATED

    drawn = PERMUTATIONS + 1
    tests: list[Test] = [("paired_permutation", "these articles", permuted_p, n, drawn) for n in PARAGRAPHS_EXCHANGED]
    tests += [("paired_permutation", "these articles, no ties", untied_p, n, drawn) for n in PARAGRAPHS_EXCHANGED]
    tests += [("paired_permutation", "new articles", misread_p, PARAGRAPHS_EXCHANGED[-1], drawn)]
    tests += [("sign_flip", "new articles", flips_p, n, drawn if n > ENUMERATED else 1 << (n - 1)) for n in FLIPPED]
    found = []
    for number, (name, about, one_p, size, steps) in enumerate(tests):
        rng = np.random.default_rng([seed, 3, number])
        p = np.array([one_p(rng, size) for _ in range(corpora)])
        row: dict[str, Any] = {"test": name, "about": about, "size": size, "corpora": corpora, "values_of_p": steps}
        row |= {f"at_most_{level}": float((p <= level + 1e-12).mean()) for level in (0.05, 0.01)}
        row |= {f"possible_at_{level}": int(level * steps + 1e-9) / steps for level in (0.05, 0.01)}
        found.append(row | {"kolmogorov_smirnov": uniformity(p, steps, rng)})
        print(json.dumps(found[-1]), flush=True)
    return found
