"""The stage `split`: assign the folds of all evaluations. Adding an article changes no fold of a published article.

The split by article leaves out one article at a time; the split by block leaves out all articles that are linked by
outlet, event or text. A fold is named after an article. Published articles keep the fold that `state/folds.csv` lists.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.tables import Step, Tables, rejects_table

if TYPE_CHECKING:
    from espress_build.inputs.params import Params


def assign_block_folds(blocks: dict[str, str], frozen: dict[str, str]) -> dict[str, str | None]:
    """Return the fold of each article in the split by block.

    The fold is None if a new article links published articles of two folds: in either fold it would be linked with
    articles of the other, and the folds of published articles do not change.
    """
    known: dict[str, set[str]] = defaultdict(set)
    for article, block in blocks.items():
        if article in frozen:
            known[block].add(frozen[article])
    folds: dict[str, str | None] = {}
    for article, block in blocks.items():
        candidates = known[block] or {block}
        folds[article] = frozen.get(article) or (next(iter(candidates)) if len(candidates) == 1 else None)
    return folds


def split(tables: Tables, _params: Params) -> Step:
    """Turn `relations` and `folds` into `splits`, two rows for each article."""
    relations = tables["relations"]
    blocks = dict(zip(relations["article_id"].to_pylist(), relations["block_id"].to_pylist(), strict=True))
    frozen = {row["article_id"]: row["fold"] for row in tables["folds"].to_pylist()}
    folds = assign_block_folds(blocks, frozen)
    columns = {
        "split": [name for name in ("article", "block") for _ in blocks],
        "article_id": [*blocks, *folds],
        "fold": [*blocks, *folds.values()],
    }
    splits = pa.table(columns, schema=arrow_schema(schema().table("splits")))
    return Step({"splits": splits}, rejects_table())
