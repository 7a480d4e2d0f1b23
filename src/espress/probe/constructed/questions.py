"""The constructed sets, and the questions that each asks: one TOML file each, of the same form as the probe's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import UnknownNameError
from espress.probe.tasks import read_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

SPLITS = ("train", "dev", "test")
ENGLISH = "en"
_FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class ConstructedSet:
    """One set: its table, the columns of the id and of the resampling unit, and its questions."""

    name: str
    table: str
    key: str
    cluster: str
    questions: tuple[str, ...]


SETS = {
    "check": ConstructedSet(
        name="check",
        table="check",
        key="case_id",
        cluster="frame_id",
        questions=("check-relevance", "check-position", "check-attribution", "check-cue-strength"),
    ),
    "stance": ConstructedSet(
        name="stance", table="stance_articles", key="article_id", cluster="sheet_id", questions=("stance",)
    ),
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
