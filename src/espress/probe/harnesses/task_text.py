"""What both harnesses say of a task, and how both score it: the words of its file, the numbers of the probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.classes import classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.tasks import Task


def description(task: Task) -> str:
    """Return what a task asks and what its score may and may not be taken for, as one paragraph."""
    readings = ", ".join(reading.name for reading in task.readings)
    return (
        f"ESPRESS-Probe, a diagnostic set, not a leaderboard. {task.question} Test items only; there is no training "
        f"split. Labels: {', '.join(task.labels)}; readings: {readings}, none primary. "
        f"A score may be taken for: {'; '.join(task.may_claim)}. "
        f"A score may not be taken for: {'; '.join(task.may_not_claim)}."
    )


def scored(task: Task, reading: str) -> list[int]:
    """Return the places, among the task's labels, of the classes that are large enough to be scored."""
    return [place for place, one in enumerate(classes(task, reading)) if one.status == "scored"]


def metric(task: Task, reading: str) -> str:
    """Return the name of the score in one reading, which says how many classes of how many it is the mean of."""
    return f"{task.metric}[{len(scored(task, reading))} of {len(task.labels)}] {reading}"


def macro_f1(task: Task, reading: str, gold: Sequence[int], answers: Sequence[int]) -> float:
    """Return the probe's macro-F1 of items without regard to order, NaN where no class is large enough.

    Both hold places among the task's labels; -1 in gold is an item without gold in this reading, which is left out,
    and -1 in answers is an answer that is no label, which is wrong.
    """
    import numpy as np

    from espress.stats import scores

    places = scored(task, reading)
    if not places:
        return float("nan")
    known = np.asarray(gold) >= 0
    counts = scores.tally(np.asarray(gold)[known], np.asarray(answers)[known], len(task.labels))
    return float(scores.macro_f1(counts, places)[0])
