"""The most frequent label of the item's proposition in the training folds; reads no text."""

from __future__ import annotations

from espress.probe.baselines._lookup import LookUp

NAME = "proposition"
TRAINED = True
READS_TEXT = False
NEEDS = ("proposition_id",)


def make(_: object) -> LookUp:
    """Return a look-up of `proposition_id`."""
    return LookUp("proposition_id")
