"""Write the committed predictions of the baselines on the constructed sets, trained on the split `train`.

Usage: python -m benchmarks.statistics.set_baselines [NAME ...]. Without a name it runs all that need no extra. It
writes predictions/sets/NAME.parquet: the split `test` in every language, items that are not kept too, so that votes
change no file of a baseline that is not trained. A file whose answers are unchanged keeps its date.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.files import ROOT
from benchmarks.statistics.baselines import keep_new

from espress.errors import InputError
from espress.probe.constructed.answers import read, write
from espress.probe.constructed.baselines import set_baselines
from espress.probe.constructed.questions import SETS
from espress.probe.constructed.runs import ask

if TYPE_CHECKING:
    from espress.probe.constructed.answers import SetAnswer

PREDICTIONS = ROOT / "predictions" / "sets"


def list_names() -> dict[str, str | None]:
    """Return the extra that each baseline needs, by name."""
    return {one.name: one.extra for name in SETS for one in set_baselines(name)}


def predictions(called: str, date: str | None) -> list[SetAnswer]:
    """Return the answers of a baseline to the sets that it has rules for."""
    chosen = [name for name in SETS if any(one.name == called for one in set_baselines(name))]
    return [
        answer
        for name in chosen
        for answer in ask(called, name, language=None, date=date, progress=False, only_kept=False)
    ]


def keep(called: str, found: list[SetAnswer]) -> bool:
    """Write answers unless the file holds the same ones; returns whether it was written."""
    return keep_new(found, PREDICTIONS / f"{called}.parquet", read, write)


def main() -> int:
    """Run what is asked for; returns 1 if a baseline could not be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="baselines; all that need no extra if left out")
    parser.add_argument("--date", help="date of the run, such as 2026-01-31; by default today")
    asked = parser.parse_args()
    failed = 0
    for called in asked.names or [name for name, extra in list_names().items() if extra is None]:
        start = time.perf_counter()
        try:
            found = predictions(called, asked.date)
        except InputError as error:
            print(f"{called}: {error}")
            failed = 1
            continue
        written = "written" if keep(called, found) else "kept"
        print(f"{called}: {time.perf_counter() - start:.2f} s, {len(found)} answers, {called}.parquet {written}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
