"""The tasks in words: what goes in, which classes can be scored, what may be claimed, and what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.data.load import versions
from espress.probe.classes import classes
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import items
from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown

if TYPE_CHECKING:
    from espress.probe.tasks import Reading, Task


def _of_reading(task: Task, reading: Reading) -> list[str]:
    of_class = [(f"`{c.label}`", c.units, c.articles, c.status) for c in classes(task, reading.name)]
    return [
        f"Reading `{reading.name}`, column `{reading.column}`:",
        "",
        format_markdown(of_class, ["class", "units", "articles", "status"]),
        "",
    ]


def _of_task(task: Task) -> list[str]:
    inputs = ", ".join(f"`{name}` ({column})" for name, column in task.inputs.items())
    lines = [f"## {task.name}", "", task.question, "", f"- {len(items(task))} items; a row holds `item_id`, {inputs}"]
    lines += [f"- metric: {task.metric} over the scored classes; compared with {', '.join(task.references)}"]
    lines += [f"- shown by {', '.join(task.groups)}", ""]
    for reading in task.readings:
        lines += _of_reading(task, reading)
    lines += [f"- may be claimed: {line}" for line in task.may_claim]
    return [*lines, *(f"- may not be claimed: {line}" for line in task.may_not_claim), ""]


def described() -> str:
    """Return every task, the splits with their hashes, and what is labelled and yet no task."""
    lines = [line for task in tasks() for line in _of_task(task)]
    of_split = [(split, len(set(folds(split).values())), split_hash(split)) for split in SPLITS]
    lines += [
        f"## Splits of data version {versions()[0]}",
        "",
        format_markdown(of_split, ["split", "folds", "hash"]),
        "",
    ]
    return "\n".join([*lines, "## Withheld", "", *(f"- {what}: {why}" for what, why in withheld())])
