"""Stage 8, split: the folds that every evaluation shares. Adding an article moves no published one.

`article` leaves out one article at a time, `block` all that tells of one outlet, event or text. A fold is named after
an article; which fold a published article has in the split by block is frozen in `raw/folds.csv`.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.pipeline import dataset_exchange
from espress_build.pipeline.ingest import read_folds
from espress_build.pipeline.shortcuts import shortcuts
from espress_build.tables import FOLDS, Step, Tables, rejects_table

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params


def block_folds(blocks: dict[str, str], frozen: dict[str, str]) -> dict[str, str | None]:
    """Return the fold of each article in the split by block; None where it links articles of two frozen folds.

    Such an article could be in neither fold without leaking into the other, and published articles do not move.
    """
    known: dict[str, set[str]] = defaultdict(set)
    for article, block in blocks.items():
        if article in frozen:
            known[block].add(frozen[article])
    folds: dict[str, str | None] = {}
    for article, block in blocks.items():
        of_block = known[block] or {block}
        folds[article] = frozen.get(article) or (next(iter(of_block)) if len(of_block) == 1 else None)
    return folds


def split(tables: Tables, _params: Params) -> Step:
    """Turn `relations` and `folds` into `splits`, two rows an article; and `cells` into `shortcuts` on these splits."""
    relations = tables["relations"].select(["article_id", "block_id"]).to_pylist()
    frozen = {row["article_id"]: row["fold"] for row in tables["folds"].to_pylist()}
    by_block = block_folds({row["article_id"]: row["block_id"] for row in relations}, frozen)
    rows = [{"split": "article", "article_id": row["article_id"], "fold": row["article_id"]} for row in relations]
    rows += [{"split": "block", "article_id": article, "fold": fold} for article, fold in by_block.items()]
    made = pa.Table.from_pylist(rows, schema=arrow_schema(schema().table("splits")))
    return Step({"splits": made, "shortcuts": shortcuts(tables["cells"], made)}, rejects_table())


def freeze(raw: Path, splits: Any, version: str) -> list[str]:
    """Append to `raw/folds.csv` the articles that it does not hold yet; returns their ids.

    `splits` is the table of the dataset whose folds are frozen, `version` the release that publishes them.
    """
    known = set(read_folds(raw)["article_id"].to_pylist())
    fresh = [
        row
        for row in splits.to_pylist()
        if row["split"] == "block" and row["fold"] is not None and row["article_id"] not in known
    ]
    path, beside = raw / "folds.csv", raw / "folds.csv.new"
    lines = io.StringIO()
    writer = csv.DictWriter(lines, FOLDS.names, lineterminator="\n", extrasaction="ignore")
    writer.writerows(row | {"since": version} for row in fresh)
    beside.unlink(missing_ok=True)
    dataset_exchange.write_bytes(beside, path.read_bytes() + lines.getvalue().encode())
    beside.replace(path)
    return [row["article_id"] for row in fresh]
