"""Compare our scores, intervals and tests with scikit-learn, SciPy and statsmodels: python benchmarks/correctness.py.

Every comparison makes thousands of cases from a seed: ties, one class, empty classes, missing predictions, blocks of
unequal size and empty ones. The largest difference of each goes into correctness.json; `--cases 100` tries it out and
writes nothing. The exit code is 1 if a difference is larger than it may be.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.comparison import Comparison

ROOT = Path(__file__).resolve().parents[1]
SEED = 0


def _measured(one: Comparison, cases: int | None) -> dict[str, Any]:
    told = {key: value for key, value in asdict(one).items() if key != "difference"}
    told |= {"version": importlib.metadata.version(one.library), "cases": cases or one.cases}
    told["largest"] = one.largest(told["cases"], SEED)
    print(
        f"{one.what}; {one.library} {one.theirs}; {told['cases']} cases: {told['largest']:.3g} {one.unit}", flush=True
    )
    return told


def main() -> int:
    """Run all comparisons; returns the exit code."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.outside_scores import SCORES
    from benchmarks.outside_tests import TESTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, help="so many of each, and nothing written")
    cases = parser.parse_args().cases
    found = [_measured(one, cases) for one in SCORES + TESTS]
    if cases is None:
        text = json.dumps({"seed": SEED, "comparisons": found}, indent=1) + "\n"
        (ROOT / "benchmarks" / "correctness.json").write_text(text, encoding="utf-8", newline="\n")
    return int(any(one["largest"] > one["limit"] for one in found))


if __name__ == "__main__":
    sys.exit(main())
