"""The description of a task and the probe's score, for both harnesses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from espress.probe.classes import choose_classes, classes
from espress.stats import classification_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.tasks import Task


NO_LABEL = -1  # position of an answer that is not a label


def find_likeliest(scores: Sequence[float]) -> int:
    """Return the position of the highest score, the first in a tie; `NO_LABEL` if a score is not a number."""
    return NO_LABEL if any(map(math.isnan, scores)) else list(scores).index(max(scores))


def read_answer(said: str) -> str:
    """Return the first line of a model's answer that is not blank."""
    return next((line.strip() for line in said.split("\n") if line.strip()), "")


def describe(task: Task) -> str:
    """Return what a task asks, and what may and may not be concluded from its score, as one paragraph."""
    return (
        f"ESPRESS-Probe, a diagnostic set, not a leaderboard. {task.question} Test items only; there is no training "
        f"split. Labels: {', '.join(task.labels)}. "
        f"A score may be taken for: {'; '.join(task.may_claim)}. "
        f"A score may not be taken for: {'; '.join(task.may_not_claim)}."
    )


def score(task: Task, gold: Sequence[int], answers: Sequence[int]) -> float:
    """Return the probe's score of items in any order, from positions among the task's labels; NaN if it has none.

    An answer of `NO_LABEL` counts as wrong.
    """
    scored = choose_classes(classes(task))
    if not scored:
        return float("nan")
    counts = classification_scores.tally(np.asarray(gold), np.asarray(answers), len(task.labels))
    return float(classification_scores.macro_f1(counts, scored)[0])
