"""Decide which classes of a task are scored, counted or only listed, by a rule fixed before any model was run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from espress.probe.items import items
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.tasks import Task

# Units, from at least FEWEST_ARTICLES; with fewer units, one unit changes the F1 of a class by several points.
FEWEST_TO_SCORE = 20
FEWEST_TO_COUNT = 10  # units; with fewer, not even hits of n are informative
FEWEST_ARTICLES = 3  # a class from fewer articles cannot be distinguished from those articles


@dataclass(frozen=True)
class Class:
    """One label: its gold items, their articles, and whether there are enough to score it."""

    label: str
    units: int
    articles: int

    @property
    def status(self) -> Literal["scored", "counted", "listed"]:
        """Scored (F1), counted (hits of n) or listed (no figure)."""
        if self.units >= FEWEST_TO_SCORE and self.articles >= FEWEST_ARTICLES:
            return "scored"
        return "counted" if self.units >= FEWEST_TO_COUNT else "listed"


def classes(task: Task | str) -> tuple[Class, ...]:
    """Return the classes of a task, in its fixed order; raises UnknownNameError if there is no such task."""
    one = find_task(task)
    pairs = Counter((item.gold, item.article_id) for item in items(one))
    sizes = {label: [n for (known, _), n in pairs.items() if known == label] for label in one.labels}
    return tuple(Class(label, sum(found), len(found)) for label, found in sizes.items())


def choose_classes(found: Sequence[Class]) -> tuple[int, ...]:
    """Return the numbers of the classes over which the score is averaged.

    These are the scored classes, if there are two or more. If there is only one, always answering it scores high,
    so the score is the F1 of the rarest class that has enough items to be counted, from enough articles. Without such a
    class there is no score.
    """
    scored = tuple(number for number, one in enumerate(found) if one.status == "scored")
    if len(scored) != 1:
        return scored
    rare = [n for n, one in enumerate(found) if one.status == "counted" and one.articles >= FEWEST_ARTICLES]
    return (min(rare, key=lambda number: found[number].units),) if rare else ()


def name_metric(found: Sequence[Class]) -> str:
    """Return the name of the score: `macro_f1[2 of 4]`, or `f1[LABEL]` for a rare class; "none" without a score."""
    chosen = choose_classes(found)
    if not chosen:
        return "none"
    return f"macro_f1[{len(chosen)} of {len(found)}]" if len(chosen) > 1 else f"f1[{found[chosen[0]].label}]"
