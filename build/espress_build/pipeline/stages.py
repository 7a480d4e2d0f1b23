"""The line of pure stages, in the one order that they run in, and what each promises to conserve.

`ingest` comes before them and `package` behind them; only those two touch the disk.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from espress_build.pipeline.extract import extract
from espress_build.pipeline.label import label
from espress_build.pipeline.link import relate, sketch
from espress_build.pipeline.mask import mask
from espress_build.pipeline.normalise import normalise
from espress_build.pipeline.segment import segment
from espress_build.pipeline.split import split

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.inputs.params import Params
    from espress_build.tables import Step, Tables


@dataclass(frozen=True)
class Stage:
    """A stage, whether it sees a batch of articles or all of them, and the tables that conservation compares."""

    run: Callable[[Tables, Params], Step]
    scope: Literal["batch", "all"]
    reads: str  # each article_id in this table ...
    writes: str  # ... is the parent of a row in this one, or is rejected

    @property
    def name(self) -> str:
        """The stage's name, which is its function's."""
        return self.run.__name__


# Tables with one row an article; where there are two, the article was doubled.
_ONE_ROW_EACH = ("received", "articles", "sketches", "relations")

STAGES = (
    Stage(extract, "batch", reads="received", writes="blocks"),
    Stage(normalise, "batch", reads="received", writes="articles"),
    Stage(segment, "batch", reads="articles", writes="sentences"),
    Stage(mask, "batch", reads="articles", writes="sentences"),
    Stage(label, "batch", reads="articles", writes="articles"),
    Stage(sketch, "batch", reads="articles", writes="sketches"),
    Stage(relate, "all", reads="sketches", writes="relations"),
    Stage(split, "all", reads="relations", writes="splits"),
)


class ConservationError(AssertionError):
    """A stage lost, invented or doubled an article or a byte: a fault of the pipeline, not of its input."""


def _check_articles(stage: Stage, before: Tables, step: Step) -> None:
    given = set(before[stage.reads]["article_id"].to_pylist())
    kept = set(step.kept[stage.writes]["article_id"].to_pylist())
    dropped = set(step.rejects["id"].to_pylist())
    if kept & dropped or kept | dropped != given:
        raise ConservationError(
            f"stage {stage.name}: both kept and rejected {sorted(kept & dropped)}, "
            f"lost {sorted(given - kept - dropped)}, invented {sorted((kept | dropped) - given)}"
        )
    written = [step.kept[name]["article_id"] for name in _ONE_ROW_EACH if name in step.kept]
    for ids in (*written, step.rejects["id"]):
        if twice := sorted(article for article, times in Counter(ids.to_pylist()).items() if times > 1):
            raise ConservationError(f"stage {stage.name}: {twice} have two rows where one is the rule")


def _check_bytes(blocks: Any, sources: Any) -> None:
    """Raise unless the blocks of each article tile its source: each begins where the last ended, to the last byte."""
    expected = dict(zip(sources["article_id"].to_pylist(), sources["source_bytes"].to_pylist(), strict=True))
    at = dict.fromkeys(expected, 0)
    columns = [blocks[name].to_pylist() for name in ("article_id", "source_start", "source_end")]
    if alone := sorted(set(columns[0]) ^ set(expected)):
        raise ConservationError(f"{alone} have blocks and are not among the received, or the other way round")
    for article, start, end in zip(*columns, strict=True):
        if start != at[article] or end <= start:
            raise ConservationError(f"{article}: bytes {at[article]}-{start} are in no block, or in two")
        at[article] = end
    if at != expected:
        wrong = sorted(article for article in expected if at[article] != expected[article])
        raise ConservationError(f"the blocks of {wrong} do not reach the end of the source")


def run_stage(stage: Stage, tables: Tables, params: Params) -> tuple[dict[str, Any], Any]:
    """Run one stage and check what it conserves; returns all tables after it, and its rejects.

    Raises:
        ConservationError: the stage lost, invented or doubled something.
    """
    step = stage.run(tables, params)
    _check_articles(stage, tables, step)
    if "blocks" in step.kept:
        _check_bytes(step.kept["blocks"], step.kept["received"])
    return {**tables, **step.kept}, step.rejects


def run_stages(
    tables: Tables, params: Params, scope: Literal["batch", "all"], watch: Callable[[str, Tables], None] | None = None
) -> dict[str, Any]:
    """Run the stages of one scope in order; their rejects come together in the table `rejects`.

    `watch` is called with the stage's name and all tables after each stage.
    """
    after, rejects = dict(tables), []
    for stage in STAGES:
        if stage.scope == scope:
            after, dropped = run_stage(stage, after, params)
            rejects.append(dropped)
            if watch:
                watch(stage.name, after)
    return {**after, "rejects": pa.concat_tables(rejects)}
