"""Write the committed predictions of the probe's baselines, and measure how long each baseline takes.

Usage: python -m benchmarks.statistics.baselines [NAME ...]. Without a name it runs all baselines that need no extra. It
writes predictions/NAME.parquet and results/baselines.json, and keeps the times of other baselines there. A file
whose answers are unchanged is left as it is, with the date on which they were first given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.files import RESULTS, ROOT

from espress.errors import InputError
from espress.probe.baselines import baseline, baselines
from espress.probe.folds import SPLITS
from espress.probe.model_runs import ask
from espress.probe.predictions import read, write
from espress.probe.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from espress.probe.baselines import Baseline
    from espress.probe.constructed.answers import SetAnswer
    from espress.probe.predictions import Prediction

Answer = TypeVar("Answer", "Prediction", "SetAnswer")

PREDICTIONS, TIMES = ROOT / "predictions", RESULTS / "baselines.json"


def predictions(one: Baseline, date: str | None) -> list[Prediction]:
    """Return the answers of a baseline to every task that it has rules for, in both splits."""
    return [
        answer
        for task in tasks()
        if one.fits(task)
        for split in SPLITS
        for answer in ask(one, task, split, date=date, progress=False).predictions
    ]


def undated(found: Iterable[Answer]) -> set[Answer]:
    """Return the answers without their dates, to compare."""
    return {replace(answer, ran_on="") for answer in found}


def keep_new(
    found: list[Answer],
    path: Path,
    read_file: Callable[[Path], Iterable[Answer]],
    write_file: Callable[[list[Answer], Path], None],
) -> bool:
    """Write answers unless the file holds the same ones; returns whether it was written."""
    try:
        if undated(read_file(path)) == undated(found):
            return False
    except InputError:  # no file yet, or not a predictions file
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(found, path)
    return True


def keep(found: list[Prediction], path: Path) -> bool:
    """Write predictions unless the file holds the same answers; returns whether it was written."""
    return keep_new(found, path, read, write)


def measured(one: Baseline, date: str | None) -> float:
    """Run a baseline, keep its answers, and return the seconds that the running took."""
    start = time.perf_counter()
    found = predictions(one, date)
    seconds = time.perf_counter() - start
    path = PREDICTIONS / f"{one.name}.parquet"
    print(
        f"{one.name}: {seconds:.2f} s, {len(found)} answers, {path.name} {'written' if keep(found, path) else 'kept'}"
    )
    return seconds


def record(seconds: dict[str, float], *, whole: float | None) -> None:
    """Add times to baselines.json; `whole` is the seconds of a run of all, libraries and files included."""
    held: dict[str, Any] = json.loads(TIMES.read_text(encoding="utf-8")) if TIMES.is_file() else {"seconds": {}}
    held["seconds"] = dict(sorted({**held["seconds"], **{name: round(s, 2) for name, s in seconds.items()}}.items()))
    if whole is not None:
        held |= {"tasks": [task.name for task in tasks()], "splits": list(SPLITS)}
        held["all_that_need_no_extra"] = round(whole, 2)
    TIMES.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="baselines; all that need no extra if left out")
    parser.add_argument("--date", help="date of the run, such as 2026-01-31; by default today")
    asked = parser.parse_args()
    start = time.perf_counter()
    chosen = [baseline(name) for name in asked.names] or [one for one in baselines() if one.extra is None]
    seconds = {one.name: measured(one, asked.date) for one in chosen}
    record(seconds, whole=None if asked.names else time.perf_counter() - start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
