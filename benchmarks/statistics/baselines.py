"""Write the committed predictions of the baselines, and measure how long each takes on the tasks on natural articles.

Usage: python -m benchmarks.statistics.baselines [NAME ...]. Without a name it runs all baselines that need no extra. It
writes predictions/NAME.parquet, and the times to results/baselines.json, where the times of other baselines stay. On
the constructed sets, it writes predictions/sets/NAME.parquet: the split `test` in every language. This includes items
that are not kept, so that new votes do not change the files of untrained baselines. A file whose answers are unchanged
is left as it is, with the date on which they were first given.
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
from espress.probe import SetAnswer, read, write
from espress.probe.baselines import baselines
from espress.probe.constructed.answers import read as read_set
from espress.probe.constructed.baselines import set_baselines
from espress.probe.constructed.questions import SETS
from espress.probe.constructed.runs import ask as ask_set
from espress.probe.folds import SPLITS
from espress.probe.model_runs import ask
from espress.probe.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from espress.probe.baselines import Baseline
    from espress.probe.predictions import Prediction

    Answer = TypeVar("Answer", Prediction, SetAnswer)

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


def set_predictions(name: str, date: str | None) -> list[SetAnswer]:
    """Return the answers of a baseline to the constructed sets that it has rules for."""
    return [
        answer
        for own in SETS
        if any(one.name == name for one in set_baselines(own))
        for answer in ask_set(name, own, language=None, date=date, progress=False, only_kept=False)
    ]


def undated(found: Iterable[Answer]) -> set[Answer]:
    """Return the answers without their dates, to compare."""
    return {replace(answer, ran_on="") for answer in found}


def keep(found: Sequence[Prediction] | Sequence[SetAnswer], path: Path) -> bool:
    """Write answers unless the file holds the same ones; returns whether it was written."""
    try:
        held: Any = read_set(path) if isinstance(found[0], SetAnswer) else read(path)
        if undated(held) == undated(found):  # type: ignore[type-var]
            return False
    except InputError:  # no file yet, or not a predictions file
        path.parent.mkdir(parents=True, exist_ok=True)
    write(found, path)
    return True


def run(name: str, date: str | None, one: Baseline | None = None) -> float:
    """Run a baseline on the tasks or, without `one`, on the sets; keep its answers, and return the seconds it took."""
    start = time.perf_counter()
    found: Any = predictions(one, date) if one else set_predictions(name, date)
    seconds = time.perf_counter() - start
    path = (PREDICTIONS if one else PREDICTIONS / "sets") / f"{name}.parquet"
    kept = "written" if keep(found, path) else "kept"
    print(f"{name}: {seconds:.2f} s, {len(found)} answers, {path.relative_to(PREDICTIONS)} {kept}")
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
    """Run what is asked for; returns 1 if a baseline could not be run on the sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="baselines; all that need no extra if left out")
    parser.add_argument("--date", help="date of the run, such as 2026-01-31; by default today")
    asked = parser.parse_args()
    of_sets = {one.name: one for name in SETS for one in set_baselines(name)}
    if unknown := {*asked.names} - {*of_sets, *(one.name for one in baselines())}:
        parser.error(f"there is no baseline {', '.join(sorted(unknown))}")
    start = time.perf_counter()
    chosen = [one for one in baselines() if (one.name in asked.names if asked.names else one.extra is None)]
    seconds = {one.name: run(one.name, asked.date, one) for one in chosen}
    record(seconds, whole=None if asked.names else time.perf_counter() - start)
    failed = 0
    for name in asked.names or [name for name, one in of_sets.items() if one.extra is None]:
        try:
            if name in of_sets:
                run(name, asked.date)
        except InputError as error:
            print(f"{name}: {error}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
