"""The label most frequent in the item's article in the training folds; no text is read.

The article is the finest of the corpus's groups: outlet, event, country and date of an item follow from its article, so
a table by any of them knows less. In a split by article, and in one by block, the article of a held-out item was never
trained on: the baseline then knows what the majority knows, which is no finding but the split's doing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.baselines._lookup import LookUp

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "article"
TRAINED = True
READS_TEXT = False
NEEDS = ("article_id",)


def make(task: Task) -> LookUp:  # noqa: ARG001 -- every baseline is asked in the same way
    """Return a look-up of `article_id`."""
    return LookUp(lambda row: row["article_id"])
