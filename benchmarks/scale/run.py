"""Measure how time and memory grow with the number of articles, and how fast pages are collected.

Usage: python -m benchmarks.scale.run [PART ...]. Without a part it measures all, in sizes that take minutes.
`--large` adds a million sketches, builds 10,000 articles, and collects more pages in three rounds. Results go to
results/scale.json.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.files import RESULTS, read_result, write_result
from benchmarks.scale import checking, collecting, incremental, linking
from benchmarks.speed.record import machine

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES, CHECKED, LARGE = (1_000, 10_000, 100_000), (100_000,), 1_000_000
RECALL_ARTICLES, SMALL_CORPUS, LARGE_CORPUS = 2_000, 1_000, 10_000
COLLECTED, COLLECTED_LARGE = (80, 1), (240, 3)  # pages, rounds


def _parts(large: bool) -> dict[str, Callable[[], dict[str, Any]]]:  # noqa: FBT001 - one switch of the command line
    sizes = (*SIZES, LARGE) if large else SIZES
    return {
        "links": lambda: linking.measure_linking(sizes, largest_in_memory=SIZES[-1]),
        "recall": lambda: linking.measure_recall(RECALL_ARTICLES),
        "checks": lambda: checking.measure_checking((*CHECKED, LARGE) if large else CHECKED, CHECKED[-1]),
        "collecting": lambda: collecting.measure_collecting(*(COLLECTED_LARGE if large else COLLECTED)),
        "incremental": lambda: incremental.measure_incremental(LARGE_CORPUS if large else SMALL_CORPUS),
    }


def main() -> int:
    """Measure what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="the parts to measure; all of them by default")
    parser.add_argument("--large", action="store_true", help="also the largest sizes: a quarter of an hour")
    parser.add_argument("--note", help="other load of the machine during the run; written to the results")
    given = parser.parse_args()
    parts = _parts(given.large)
    if unknown := sorted(set(given.parts) - set(parts)):
        print(f"There is no part {', '.join(unknown)}. Parts: {', '.join(parts)}.", file=sys.stderr)
        return 2
    for name in given.parts or parts:
        measured = parts[name]()
        held = read_result("scale") if (RESULTS / "scale.json").is_file() else {}
        command = " ".join(["python -m benchmarks.scale.run", name, *(["--large"] if given.large else [])])
        about = {"command": command, "machine": machine()} | ({"note": given.note} if given.note else {})
        write_result("scale", held | {name: measured | about})
    return 0


if __name__ == "__main__":
    sys.exit(main())
