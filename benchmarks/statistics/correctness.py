"""Compare our scores, intervals and tests with scikit-learn, SciPy and statsmodels.

Every comparison generates thousands of cases from a seed. They have ties, a single class, empty classes, missing
predictions, and clusters of unequal size or without rows. The largest difference of each goes into correctness.json;
`--cases 100` is a trial that writes nothing. The exit code is 1 if a difference exceeds its limit.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.files import write_result
from benchmarks.statistics.outside_scores import SCORES
from benchmarks.statistics.outside_tests import TESTS

if TYPE_CHECKING:
    from benchmarks.statistics.comparison import Comparison

SEED = 0


def _measured(one: Comparison, cases: int | None) -> dict[str, Any]:
    record = {key: value for key, value in asdict(one).items() if key != "difference"}
    record |= {"version": importlib.metadata.version(one.library), "cases": cases or one.cases}
    record["largest"] = one.largest(record["cases"], SEED)
    print(
        f"{one.what}; {one.library} {one.theirs}; {record['cases']} cases: {record['largest']:.3g} {one.unit}",
        flush=True,
    )
    return record


def main() -> int:
    """Run all comparisons; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, help="number of cases of each comparison; nothing is written")
    cases = parser.parse_args().cases
    found = [_measured(one, cases) for one in SCORES + TESTS]
    if cases is None:
        write_result("correctness", {"seed": SEED, "comparisons": found})
    return int(any(one["largest"] > one["limit"] for one in found))


if __name__ == "__main__":
    sys.exit(main())
