"""Compare the duplicate groups of a build with the planted ones.

Usage: python -m benchmarks.speed.score_duplicates PROJECT BUILT
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from benchmarks.speed.generate_articles import PLANTED

from espress_build.inputs.params import read_params
from espress_build.pipeline.link import shingles

if TYPE_CHECKING:
    from collections.abc import Iterable

    Pairs = set[tuple[str, str]]


def _pairs(group_of: Iterable[tuple[str, str]]) -> Pairs:
    """Return all pairs of members of one group."""
    members: dict[str, list[str]] = defaultdict(list)
    for article, group in group_of:
        members[group].append(article)
    return {pair for group in members.values() for pair in combinations(sorted(group), 2)}


def _overlap(first: str, second: str) -> float:
    """Return the exact Jaccard similarity of the word sequences of two texts."""
    params = read_params().link
    one, other = (set(shingles(text, params)) for text in (first, second))
    return len(one & other) / max(1, len(one | other))


def _near(planted: list[dict[str, str]], texts: dict[str, str], found: Pairs) -> dict[str, Any]:
    """Return the similarity of the planted near copies, and how many were found above and below the threshold."""
    threshold = read_params().link.near_threshold
    pairs = [(row["article_id"], row["original"]) for row in planted if row["kind"] == "near"]
    overlaps = [_overlap(texts[copy], texts[original]) for copy, original in pairs]
    hits = [(min(pair), max(pair)) in found for pair in pairs]
    above = [hit for hit, overlap in zip(hits, overlaps, strict=True) if overlap >= threshold]
    below = [hit for hit, overlap in zip(hits, overlaps, strict=True) if overlap < threshold]
    return {
        "planted": len(pairs),
        "found": sum(hits),
        "threshold": threshold,
        "planted_at_or_above_threshold": len(above),
        "found_at_or_above_threshold": sum(above),
        "planted_below_threshold": len(below),
        "found_below_threshold": sum(below),
        "overlap_least_median_most": [
            round(value, 3) for value in (min(overlaps), statistics.median(overlaps), max(overlaps))
        ],
    }


def score(project: Path, built: str) -> dict[str, Any]:
    """Return precision and recall over pairs of articles in one group, and the same for each kind of copy."""
    with (project / PLANTED).open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    columns = ["article_id", "duplicate_group", "text"]
    table = pq.read_table(project / built / "data" / "articles.parquet", columns=columns)
    ids, groups, texts = (table[name].to_pylist() for name in columns)
    found = _pairs(zip(ids, groups, strict=True))
    meant = _pairs((row["article_id"], row["original"]) for row in planted)
    exact = [tuple(sorted((row["article_id"], row["original"]))) for row in planted if row["kind"] == "exact"]
    return {
        "pairs_planted": len(meant),
        "pairs_found": len(found),
        "precision": round(len(found & meant) / max(1, len(found)), 4),
        "recall": round(len(found & meant) / max(1, len(meant)), 4),
        "exact": {"planted": len(exact), "found": sum(pair in found for pair in exact)},
        "near": _near(planted, dict(zip(ids, texts, strict=True)), found),
    }


if __name__ == "__main__":
    print(json.dumps(score(Path(sys.argv[1]), sys.argv[2])))
