"""Tasks on natural articles and questions of the constructed sets in one form, and the probe's score, for harnesses."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import UnknownNameError
from espress.probe.classes import choose_classes, classes, name_metric
from espress.probe.constructed.items import choose_items, is_apart, kept_items, read_items
from espress.probe.constructed.prompts import prompt as set_prompt
from espress.probe.constructed.questions import ENGLISH, SETS, questions
from espress.probe.items import gold, rows
from espress.probe.prompts import prompt
from espress.probe.tasks import tasks
from espress.stats import classification_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.constructed.items import SetItem
    from espress.probe.items import Row
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
    return any(task.name in one.questions for one in SETS.values())


@cache
def _find_set_items(name: str) -> tuple[SetItem, ...]:
    own = next(one.name for one in SETS.values() if name in one.questions)
    asked = [item for item in choose_items(read_items(own), "test") if item.question == name]
    return tuple(kept_items(asked, name, "test", ENGLISH))


def list_rows(task: Task) -> list[Row]:
    """Return the rows that a model receives; of a constructed set, those of the kept English items of the split `test`.

    Raises:
        InputError: no item of a constructed set is kept.
    """
    return [item.row() for item in _find_set_items(task.name)] if is_constructed(task) else rows(task)


def read_gold(task: Task) -> dict[str, str]:
    """Return item_id -> right answer."""
    if is_constructed(task):
        return {item.item_id: item.gold for item in _find_set_items(task.name)}
    return gold(task)


def counts(task: Task) -> dict[str, bool]:
    """Return item_id -> whether the item is in the score; contrast cases, controls and copies are not.

    All items of natural articles are.
    """
    if is_constructed(task):
        return {item.item_id: not is_apart(item) for item in _find_set_items(task.name)}
    return dict.fromkeys(gold(task), True)


def find_scored(task: Task) -> tuple[int, ...]:
    """Return the numbers of the classes over which the score is averaged."""
    return tuple(range(len(task.labels))) if is_constructed(task) else choose_classes(classes(task))


def name_score(task: Task) -> str:
    """Return the name of the score, such as `macro_f1[2 of 4]`."""
    number = len(task.labels)
    return f"macro_f1[{number} of {number}]" if is_constructed(task) else name_metric(classes(task))


def make_prompt(task: Task, row: Row, number: int, draw: int | None) -> str:
    """Return a prompt, with the examples of a draw if one is given."""
    return set_prompt(row, number, draw) if is_constructed(task) else prompt(task, row, number, draw)


def describe(task: Task) -> str:
    """Return what a task asks, and what may and may not be concluded from its score, as one paragraph."""
    return (
        f"ESPRESS-Probe, a diagnostic set, not a leaderboard. {task.question} {_SPLITS[is_constructed(task)]} "
        f"Labels: {', '.join(task.labels)}. "
        f"A score may be taken for: {'; '.join(task.may_claim)}. "
        f"A score may not be taken for: {'; '.join(task.may_not_claim)}."
    )


def score(task: Task, gold: Sequence[int], answers: Sequence[int]) -> float:
    """Return the probe's score of items in any order, from positions among the task's labels; NaN if it has none.

    An answer of `NO_LABEL` counts as wrong.
    """
    scored = find_scored(task)
    if not scored:
        return float("nan")
    counts = classification_scores.tally(np.asarray(gold), np.asarray(answers), len(task.labels))
    return float(classification_scores.macro_f1(counts, scored)[0])
