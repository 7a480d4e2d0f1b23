"""Decide which classes of a task are scored, counted or only listed, by a rule fixed before any model was run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from espress.probe.items import items
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

# units, in at least FEWEST_ARTICLES; with fewer, one unit changes the F1 of a class by several points
FEWEST_TO_SCORE = 20
FEWEST_TO_COUNT = 10  # units; with fewer, not even hits of n are informative
FEWEST_ARTICLES = 3  # a class from fewer articles cannot be distinguished from those articles


@dataclass(frozen=True)
class Class:
    """One label in one reading: its gold units, their articles, and whether there are enough to score it."""

    label: str
    units: int
    articles: int

    @property
    def status(self) -> Literal["scored", "counted", "listed"]:
        """Scored (F1), counted (hits of n) or listed (no figure)."""
        if self.units >= FEWEST_TO_SCORE and self.articles >= FEWEST_ARTICLES:
            return "scored"
        return "counted" if self.units >= FEWEST_TO_COUNT else "listed"


def classes(task: Task | str, reading: str) -> tuple[Class, ...]:
    """Return the classes of a reading, in the task's fixed order.

    Raises:
        UnknownNameError: the task or reading does not exist.
    """
    one = find_task(task)
    number = one.number_of(reading)
    pairs = Counter((item.gold[number], item.article_id) for item in items(one))
    sizes = {label: [n for (known, _), n in pairs.items() if known == label] for label in one.labels}
    return tuple(Class(label, sum(found), len(found)) for label, found in sizes.items())


def list_scored(task: Task, reading: str) -> tuple[int, ...]:
    """Return the numbers, among the task's labels, of the classes that are large enough to be scored."""
    return tuple(number for number, one in enumerate(classes(task, reading)) if one.status == "scored")
