"""Measure speed and memory, compared with plain scripts.

Usage: python -m benchmarks.speed.run [import load datasets build memory language]. Without a part it measures all.
Results go to results/speed.json and docs/generated/benchmarks.md; `--quick` writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.files import ROOT
from benchmarks.speed import measure, record, report

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, BUILD_ROUNDS, BUILD_ARTICLES, MEMORY_ARTICLES = 15, 3, 10_000, (1_000, 10_000)
QUICK_ROUNDS, QUICK_ARTICLES, LANGUAGE_ARTICLES = 3, 200, 1_000


def _parts(given: argparse.Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the function that measures each part, with the numbers of rounds and articles of the command line."""
    quick = given.quick
    rounds = given.rounds or (QUICK_ROUNDS if quick else ROUNDS)
    build_rounds = given.rounds or (1 if quick else BUILD_ROUNDS)
    articles = given.articles or (QUICK_ARTICLES if quick else None)
    return {
        "import": lambda: measure.measure_import(rounds),
        "load": lambda: measure.measure_load(rounds),
        "datasets": lambda: measure.measure_datasets(rounds),
        "build": lambda: measure.measure_build(build_rounds, articles or BUILD_ARTICLES),
        "memory": lambda: measure.measure_memory((articles,) if articles else MEMORY_ARTICLES),
        "language": lambda: measure.measure_language(articles or LANGUAGE_ARTICLES),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="import, load, datasets, build, memory, language, all")
    parser.add_argument("--quick", action="store_true", help="few rounds, few articles, nothing written")
    parser.add_argument("--rounds", type=int, help="number of runs of each process")
    parser.add_argument("--articles", type=int, help="number of articles, in the parts that build")
    parser.add_argument("--note", help="other work of the machine meanwhile; printed below the results")
    return parser.parse_args()


def main() -> int:
    """Measure the parts that the command line names, and return the exit code."""
    given = _arguments()
    parts = _parts(given)
    chosen = list(parts) if given.parts in ([], ["all"]) else given.parts
    if unknown := sorted(set(chosen) - set(parts)):
        print(f"There is no part {', '.join(unknown)}. Parts: {', '.join(parts)}, all.", file=sys.stderr)
        return 2
    if not (ROOT / "dataset" / "data").is_dir():
        print("There is no dataset/ to measure with. Type: make corpus", file=sys.stderr)
        return 2
    for name in chosen:
        measured = parts[name]()
        print(f"\n{report.section(name, measured)}\n", flush=True)
        if not given.quick:
            report.PAGE.parent.mkdir(exist_ok=True)
            held = record.keep(name, measured, given.note)
            report.PAGE.write_text(report.page(held), encoding="utf-8", newline="\n")
    for script, digest in record.scripts().items():
        print(f"{digest}  benchmarks/speed/{script}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
