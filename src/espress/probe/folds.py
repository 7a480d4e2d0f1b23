"""The frozen splits: which fold an article is in, and the hash that predictions are tied to."""

from __future__ import annotations

import hashlib
from functools import cache

from espress.data.load import load
from espress.errors import UnknownNameError

SPLITS = ("article", "block")


@cache
def folds(split: str) -> dict[str, str]:
    """Return article -> fold of a split: "article" holds each article out, "block" each block of linked articles.

    An article that the split leaves out, because it links two frozen folds, is not in it.

    Raises:
        UnknownNameError: there is no such split.
    """
    if split not in SPLITS:
        raise UnknownNameError("split", split, list(SPLITS))
    rows = load("splits", as_="arrow").to_pylist()
    return {row["article_id"]: row["fold"] for row in rows if row["split"] == split and row["fold"] is not None}


@cache
def split_hash(split: str) -> str:
    """Return the hash of a split: the first half of the SHA-256 of its lines `split TAB article TAB fold`, sorted.

    Raises:
        UnknownNameError: there is no such split.
    """
    lines = sorted(f"{split}\t{article}\t{fold}\n" for article, fold in folds(split).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]
