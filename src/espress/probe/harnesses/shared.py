"""The description of a task and the probe's score, for both harnesses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from espress.probe.classes import list_scored
from espress.stats import classification_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.tasks import Task


def describe(task: Task) -> str:
    """Return what a task asks, and what may and may not be concluded from its score, as one paragraph."""
    readings = ", ".join(reading.name for reading in task.readings)
    return (
        f"ESPRESS-Probe, a diagnostic set, not a leaderboard. {task.question} Test items only; there is no training "
        f"split. Labels: {', '.join(task.labels)}; readings: {readings}, none primary. "
        f"A score may be taken for: {'; '.join(task.may_claim)}. "
        f"A score may not be taken for: {'; '.join(task.may_not_claim)}."
    )


def name_metric(task: Task, reading: str) -> str:
    """Return the name of the score in one reading, with the number of scored classes and of all classes."""
    return f"{task.metric}[{len(list_scored(task, reading))} of {len(task.labels)}] {reading}"


NO_LABEL = -1  # position of an answer or gold value that is not a label


def find_likeliest(scores: Sequence[float]) -> int:
    """Return the position of the highest score, the first in a tie; `NO_LABEL` if a score is not a number."""
    return NO_LABEL if any(map(math.isnan, scores)) else list(scores).index(max(scores))


def read_answer(said: str) -> str:
    """Return the first line of a model's answer that is not blank."""
    return next((line.strip() for line in said.split("\n") if line.strip()), "")


def macro_f1(task: Task, reading: str, gold: Sequence[int], answers: Sequence[int]) -> float:
    """Return the probe's macro-F1 of items in any order; NaN if no class is large enough.

    Both sequences hold positions among the task's labels. In `gold`, -1 marks an item without gold in this reading,
    which is left out; in `answers`, -1 marks an answer that is not a label, which counts as wrong.
    """
    scored = list_scored(task, reading)
    if not scored:
        return float("nan")
    known = np.asarray(gold) >= 0
    counts = classification_scores.tally(np.asarray(gold)[known], np.asarray(answers)[known], len(task.labels))
    return float(classification_scores.macro_f1(counts, scored)[0])
