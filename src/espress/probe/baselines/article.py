"""The most frequent label of the item's article in the training folds; reads no text.

The article is the finest group of the corpus: outlet, event, country and date of an item follow from its article, so a
look-up table by any of them knows less. Splits by article and by block hold out whole articles, so the baseline then
gives the most frequent label of all. This follows from the split and is not a finding.
"""

from __future__ import annotations

from espress.probe.baselines._lookup import LookUp

NAME = "article"
TRAINED = True
READS_TEXT = False
NEEDS = ("article_id",)


def make(_: object) -> LookUp:
    """Return a look-up of `article_id`."""
    return LookUp("article_id")
