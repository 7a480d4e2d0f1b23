"""The frozen splits: the fold of each article, and the hash that ties predictions to a split."""

from __future__ import annotations

import hashlib
from functools import cache

from espress.data.load import load
from espress.errors import UnknownNameError

SPLITS = ("article", "block")


@cache
def folds(split: str) -> dict[str, str]:
    """Return article -> fold of a split: "article" holds out each article, "block" each block of linked articles.

    An article that a split leaves out, because it links two frozen folds, is missing from the result.

    Raises:
        UnknownNameError: the split does not exist.
    """
    if split not in SPLITS:
        raise UnknownNameError("split", split, list(SPLITS))
    rows = load("splits", as_="arrow").to_pylist()
    return {row["article_id"]: row["fold"] for row in rows if row["split"] == split and row["fold"] is not None}


@cache
def split_hash(split: str) -> str:
    """Return the hash of a split: the first half of the SHA-256 of its lines `split TAB article TAB fold`, sorted.

    Raises:
        UnknownNameError: the split does not exist.
    """
    lines = sorted(f"{split}\t{article}\t{fold}\n" for article, fold in folds(split).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]
