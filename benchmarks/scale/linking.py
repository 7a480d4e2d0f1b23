"""Time and memory of linking from files and in memory, and what banding misses."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from itertools import combinations
from math import log
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.scale.sketches import EVENT_TABLE, write_sketches
from benchmarks.speed.timing import Command, run

from espress import near_duplicates
from espress_build.inputs.params import read_params
from espress_build.pipeline.link import find_links
from espress_build.tables import SKETCHES

WAYS = {"disk": "from files, band by band", "memory": "all sketches in memory"}
SHINGLES = 300


def fit_exponent(sizes: list[int], values: list[float]) -> float:
    """Return the slope of the logarithms by least squares: 1 if values grow in proportion to sizes."""
    places = [log(size) for size in sizes]
    heights = [log(max(value, 1e-9)) for value in values]
    middle, level = sum(places) / len(places), sum(heights) / len(heights)
    over = sum((x - middle) * (y - level) for x, y in zip(places, heights, strict=True))
    return round(over / sum((x - middle) ** 2 for x in places), 2)


def measure_linking(sizes: tuple[int, ...], largest_in_memory: int) -> dict[str, Any]:
    """Link sketches of each size in a process of its own in both ways, and compare the relations.

    Memory is the peak of the whole process, mapped files included, less that of a process that links nothing.
    """
    found: dict[str, Any] = {way: {} for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        empty = Path(home) / "empty" / "sketches"
        write_sketches(empty, 0)
        base = run(Command("empty", "scale/link_sketches.py", (str(empty), "disk")))
        for size in sizes:
            folder = Path(home) / str(size) / "sketches"
            write_sketches(folder, size)
            ways = [way for way in WAYS if way == "disk" or size <= largest_in_memory]
            for way in ways:
                taken = run(Command(way, "scale/link_sketches.py", (str(folder), way)))
                found[way][str(size)] = {
                    "seconds": json.loads((folder.parent / f"{way}.json").read_text("utf-8")),
                    "mib": round(max(taken.peak_mib - base.peak_mib, 0.1), 1),
                }
                print(f"  {size} sketches, {way}: {found[way][str(size)]}", file=sys.stderr)
            tables = [pq.read_table(folder.parent / f"{way}.parquet") for way in ways]
            if any(not table.equals(tables[0]) for table in tables):
                raise AssertionError(f"{size} sketches: the relations found from files differ from those in memory")
    exponents = {
        way: {
            name: fit_exponent([int(size) for size in runs], [one[name] for one in runs.values()])
            for name in ("seconds", "mib")
        }
        for way, runs in found.items()
        if len(runs) > 1
    }
    return {"base_mib": round(base.peak_mib), "sizes": found, "exponents": exponents}


def _draw_sets(articles: int) -> list[set[str]]:
    """Return sets of shingles; each second set shares a random part of its shingles with the set before it."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    sets: list[set[str]] = []
    for number in range(articles):
        new = {f"{number}-{at}" for at in range(SHINGLES)}
        if number % 2:
            kept = rng.randint(SHINGLES // 2, SHINGLES)
            new = set(sorted(sets[-1])[:kept]) | set(sorted(new)[: SHINGLES - kept])
        sets.append(new)
    return sets


def measure_recall(articles: int) -> dict[str, Any]:
    """Compare the pairs that linking finds among sets of shingles with all pairs and their exact similarity."""
    params, sets = read_params(), _draw_sets(articles)
    minhash = near_duplicates.sketch([sorted(one) for one in sets], params.link.permutations)
    rows = [
        {
            "article_id": f"{number:08d}",
            "text_sha256": str(number),
            "minhash": digest,
            "outlet_id": "outlet",
            "event_ids": ["event-1"],
        }
        for number, digest in enumerate(minhash)
    ]
    tables = {"sketches": pa.Table.from_pylist(rows, schema=SKETCHES), "events": EVENT_TABLE}
    groups = find_links(tables, params).kept["relations"]["duplicate_group"].to_pylist()
    bands = {"found_alike": 0, "alike": 0, "found": 0, "clearly_alike": 0, "found_clearly_alike": 0}
    for one, other in combinations(range(articles), 2):
        common = len(sets[one] & sets[other])
        similarity = common / (2 * SHINGLES - common)
        linked, alike = groups[one] == groups[other], similarity >= params.link.near_threshold
        clearly = similarity >= params.link.near_threshold + 0.1
        bands["found"] += linked
        bands["alike"] += alike
        bands["found_alike"] += alike and linked
        bands["clearly_alike"] += clearly
        bands["found_clearly_alike"] += clearly and linked
    return {
        "articles": articles,
        "threshold": params.link.near_threshold,
        **bands,
        "recall": round(bands["found_alike"] / bands["alike"], 3),
        "recall_clear": round(bands["found_clearly_alike"] / bands["clearly_alike"], 3),
        "precision": round(bands["found_alike"] / bands["found"], 3),
    }
