"""Baselines of the probe: each file in this folder is one, found by looking, so adding one touches nothing else.

A file holds a docstring, whose first line the tables print, and: `NAME`; `TRAINED`, whether it learns from the training
folds; `READS_TEXT`, whether it sees any text; `make(task)`, which returns a function `predict(rows)` or an object with
`fit(rows, labels)` and `predict(rows)`. It may hold `NEEDS`, columns of the task's table that its rows hold besides the
inputs; `TASKS`, the tasks that it has rules for, when not all; `EXTRA`, the extra that it needs installed. Files whose
name begins with an underscore are shared by several and are no baseline.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.probe.tasks import Task


@dataclass(frozen=True)
class Baseline:
    """One baseline: what it is and how a model is made of it."""

    name: str
    about: str  # first line of the file's docstring
    trained: bool
    reads_text: bool
    make: Callable[[Task], Any]
    needs: tuple[str, ...] = ()  # columns of the table, besides the task's inputs
    tasks: tuple[str, ...] | None = None  # None: any task
    extra: str | None = None  # what `pip install espress[...]` must name

    def fits(self, task: Task) -> bool:
        """Whether it has an answer for the task."""
        return self.tasks is None or task.name in self.tasks


def _read(module: Any) -> Baseline:
    return Baseline(
        name=module.NAME,
        about=str(module.__doc__).splitlines()[0],
        trained=module.TRAINED,
        reads_text=module.READS_TEXT,
        make=module.make,
        needs=getattr(module, "NEEDS", ()),
        tasks=getattr(module, "TASKS", None),
        extra=getattr(module, "EXTRA", None),
    )


@cache
def baselines() -> tuple[Baseline, ...]:
    """Return every baseline, sorted by name; no optional library is imported."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    found = [_read(importlib.import_module(f"{__name__}.{name}")) for name in names]
    return tuple(sorted(found, key=lambda one: one.name))


def baseline(name: str) -> Baseline:
    """Return the baseline of that name; raises UnknownNameError, which lists those that exist."""
    for one in baselines():
        if one.name == name:
            return one
    raise UnknownNameError("baseline", name, [one.name for one in baselines()])
