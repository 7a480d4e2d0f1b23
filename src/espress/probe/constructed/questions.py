"""The constructed sets, and the questions that each asks: one TOML file each, of the same form as the probe's tasks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from espress.errors import UnknownNameError
from espress.probe.tasks import read_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

SPLITS = ("train", "dev", "test")
ENGLISH = "en"
_FOLDER = Path(__file__).parent / "questions"


class ConstructedSet(NamedTuple):
    """One set: its table, its resampling unit, and its questions."""

    table: str
    cluster: str  # column of the resampling unit
    units: str  # what the resampling units are called
    questions: tuple[str, ...]


SETS = {
    "check": ConstructedSet(
        "check", "frame_id", "frames", ("check-relevance", "check-position", "check-attribution", "check-cue-strength")
    ),
    "stance": ConstructedSet("stance_articles", "sheet_id", "fact sheets", ("stance",)),
}


def find_set(name: str) -> ConstructedSet:
    """Return the set of that name; raises UnknownNameError, which lists the known ones."""
    if name not in SETS:
        raise UnknownNameError("constructed set", name, list(SETS))
    return SETS[name]


@cache
def questions(name: str | None = None) -> tuple[Task, ...]:
    """Return the questions of a set, or of all sets; raises UnknownNameError, or SchemaError if a file is not valid."""
    sets = SETS.values() if name is None else [find_set(name)]
    return tuple(read_task(_FOLDER / f"{question}.toml") for one in sets for question in one.questions)


def question(name: str) -> Task:
    """Return the question of that name; raises UnknownNameError, which lists the known ones."""
    for one in questions():
        if one.name == name:
            return one
    raise UnknownNameError("question", name, [one.name for one in questions()])


def find_set_of(task: Task) -> str | None:
    """Return the name of the set that asks a question; None for a task on natural articles."""
    return next((name for name, one in SETS.items() if task.name in one.questions), None)


def question_of(task: str) -> Task:
    """Return the question that the value `task` of a row names; raises UnknownNameError."""
    name = task.replace("_", "-")
    return question(name if name in SETS else f"check-{name}")
