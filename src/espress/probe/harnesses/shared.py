"""Tasks on natural articles and questions of the constructed sets in one form, and the probe's score, for harnesses."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import UnknownNameError
from espress.probe.classes import choose_classes, classes, name_metric
from espress.probe.constructed.items import choose_items, kept_items, read_items
from espress.probe.constructed.questions import ENGLISH, find_set_of, questions
from espress.probe.items import items
from espress.probe.tasks import tasks
from espress.stats import classification_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.items import Item
    from espress.probe.tasks import Task


_SPLITS = {
    False: "Test items only; there is no training split.",
    True: "Constructed texts; English items of the split test.",
}
NO_LABEL = -1  # position of an answer that is not a label


def find_likeliest(scores: Sequence[float]) -> int:
    """Return the position of the highest score, the first in a tie; `NO_LABEL` if a score is not a number."""
    return NO_LABEL if any(map(math.isnan, scores)) else list(scores).index(max(scores))


def read_answer(said: str) -> str:
    """Return the first line of a model's answer that is not blank."""
    return next((line.strip() for line in said.split("\n") if line.strip()), "")


def list_tasks() -> tuple[Task, ...]:
    """Return the tasks on natural articles, then the questions of the constructed sets."""
    return (*tasks(), *questions())


def find_any(given: Task | str) -> Task:
    """Return a task or question by its name; raises UnknownNameError, which lists the known ones."""
    if not isinstance(given, str):
        return given
    for one in list_tasks():
        if one.name == given:
            return one
    raise UnknownNameError("task", given, [one.name for one in list_tasks()])


def make_name(task: Task) -> str:
    """Return the name of a task in MTEB, such as EspressCheckPosition."""
    return "Espress" + "".join(word.capitalize() for word in task.name.split("-"))


def is_constructed(task: Task) -> bool:
    """Return whether a task is a question of a constructed set."""
    return find_set_of(task) is not None


@cache
def list_items(task: Task) -> Sequence[Item]:
    """Return the items of a task; of a constructed set, the kept English items of the split `test`.

    Raises:
        InputError: no item of a constructed set is kept.
    """
    name = find_set_of(task)
    if name is None:
        return items(task)
    asked = [item for item in choose_items(read_items(name), "test") if item.task == task.name]
    return kept_items(asked, task.name, "test", ENGLISH)


def find_scored(task: Task) -> tuple[int, ...]:
    """Return the numbers of the classes over which the score is averaged."""
    return tuple(range(len(task.labels))) if is_constructed(task) else choose_classes(classes(task))


def name_score(task: Task) -> str:
    """Return the name of the score, such as `macro_f1[2 of 4]`."""
    number = len(task.labels)
    return f"macro_f1[{number} of {number}]" if is_constructed(task) else name_metric(classes(task))


def describe(task: Task) -> str:
    """Return what a task asks, and what may and may not be concluded from its score, as one paragraph."""
    return (
        f"ESPRESS-Probe, a diagnostic set, not a leaderboard. {task.question} {_SPLITS[is_constructed(task)]} "
        f"Labels: {', '.join(task.labels)}. "
        f"A score may be taken for: {'; '.join(task.may_claim)}. "
        f"A score may not be taken for: {'; '.join(task.may_not_claim)}."
    )


def score(task: Task, gold: Sequence[int], answers: Sequence[int]) -> float:
    """Return the probe's score, or NaN if there is none; `gold` and `answers` are positions among the task's labels.

    The order of the items does not matter. An answer of `NO_LABEL` counts as wrong.
    """
    scored = find_scored(task)
    if not scored:
        return float("nan")
    counts = classification_scores.tally(np.asarray(gold), np.asarray(answers), len(task.labels))
    return float(classification_scores.macro_f1(counts, scored)[0])
