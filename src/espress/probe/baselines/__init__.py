"""Baselines of the probe: each file in this folder is one baseline, so to add a baseline, add a file.

A file has a docstring, whose first line the tables print, and:

- `NAME`, the name of the baseline;
- `TRAINED`, whether it learns from the training folds;
- `READS_TEXT`, whether it reads any text;
- `make(task)`, which returns a function `predict(rows)` or an object with `fit(rows, labels)` and `predict(rows)`;
- optionally `NEEDS`, columns of the task's table that the baseline reads besides the inputs; `TASKS`, the tasks for
  which it has rules, if not all; `EXTRA`, the extra of the package that it needs.

Files whose names begin with an underscore are shared by several baselines.
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
    """One baseline: its description, and a function that makes a model."""

    name: str
    about: str  # first line of the file's docstring
    trained: bool
    reads_text: bool
    make: Callable[[Task], Any]
    needs: tuple[str, ...] = ()  # columns of the table, besides the task's inputs
    tasks: tuple[str, ...] | None = None  # None means any task
    extra: str | None = None  # the extra of the package that it needs

    def fits(self, task: Task) -> bool:
        """Return whether the baseline has an answer for the task."""
        return self.tasks is None or task.name in self.tasks

    @property
    def is_blind_when_held_out(self) -> bool:
        """Return whether its only input is the item's article, so that it knows nothing of a held-out article."""
        return not self.reads_text and self.needs == ("article_id",)


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
    """Return every baseline, sorted by name; optional libraries are not imported."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    found = [_read(importlib.import_module(f"{__name__}.{name}")) for name in names]
    return tuple(sorted(found, key=lambda one: one.name))


def baseline(name: str) -> Baseline:
    """Return the baseline of that name; raises UnknownNameError, which lists the known ones."""
    for one in baselines():
        if one.name == name:
            return one
    raise UnknownNameError("baseline", name, [one.name for one in baselines()])
