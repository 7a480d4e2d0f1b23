"""The most frequent label of the item's proposition in the training folds; reads no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.baselines._lookup import LookUp

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "proposition"
TRAINED = True
READS_TEXT = False
NEEDS = ("proposition_id",)


def make(task: Task) -> LookUp:  # noqa: ARG001 -- every baseline has the same signature
    """Return a look-up of `proposition_id`."""
    return LookUp(lambda row: row["proposition_id"])
