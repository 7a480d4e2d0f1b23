"""Which classes of a task are scored, counted or only listed: a rule fixed before any model was run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from espress.probe.items import items, resolved

if TYPE_CHECKING:
    from espress.probe.tasks import Task

FEWEST_TO_SCORE = 20  # units, in at least FEWEST_ARTICLES: below, one unit moves a class's F1 by several points
FEWEST_TO_COUNT = 10  # units: below, even hits of n say nothing
FEWEST_ARTICLES = 3  # a class from fewer articles cannot be told from those articles

Status = Literal["scored", "counted", "listed"]


@dataclass(frozen=True)
class Class:
    """One label in one reading: its gold units, their articles, and what its size allows."""

    label: str
    units: int
    articles: int

    @property
    def status(self) -> Status:
        """Scored (F1), counted (hits of n) or listed (no figure)."""
        if self.units >= FEWEST_TO_SCORE and self.articles >= FEWEST_ARTICLES:
            return "scored"
        return "counted" if self.units >= FEWEST_TO_COUNT else "listed"


def classes(task: Task | str, reading: str) -> tuple[Class, ...]:
    """Return the classes of a reading, in the task's fixed order.

    Raises:
        UnknownNameError: there is no such task or reading.
    """
    one = resolved(task)
    place = one.place(reading)
    articles: dict[str, list[str]] = {label: [] for label in one.labels}
    for item in items(one):
        label = item.gold[place]
        if label is not None:
            articles[label].append(item.article_id)
    return tuple(Class(label, len(found), len(set(found))) for label, found in articles.items())
