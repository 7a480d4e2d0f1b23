"""List the stages of the build in order, and check that each conserves articles and bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa

from espress_build.pipeline.extract import extract
from espress_build.pipeline.label import label
from espress_build.pipeline.link import find_links, sketch, write_links
from espress_build.pipeline.mask import mask
from espress_build.pipeline.normalise import normalise
from espress_build.pipeline.segment import segment
from espress_build.pipeline.split import split

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.inputs.params import Params
    from espress_build.tables import Step, Tables

# "files": reads or writes files, in the module of that name. "batch": a pure function over one batch of articles.
# "corpus": a pure function over the sketches of all articles. "linked": over one batch again, after "corpus".
Scope: TypeAlias = Literal["files", "batch", "corpus", "linked"]


@dataclass(frozen=True)
class Stage:
    """A stage or one of its passes: its scope, its function, and the tables between which conservation is checked.

    Each `article_id` of the table `reads` must occur in the table `writes` or be rejected.
    """

    name: str
    scope: Scope
    does: str
    run: Callable[[Tables, Params], Step] | None = None
    reads: str = ""
    writes: str = ""


STAGES = (
    Stage("ingest", "files", "reads `raw/`: each article folder becomes one row with its bytes and its curated record"),
    Stage(
        "extract", "batch",
        "cuts the bytes into spans of one role each, which cover the source file without gaps or overlaps",
        extract, reads="received", writes="spans",
    ),
    Stage(
        "normalise", "batch", "joins spans into paragraphs in Unicode form NFC, and writes one row for each article",
        normalise, reads="received", writes="articles",
    ),
    Stage(
        "segment", "batch", "splits paragraphs into units, with their offsets in the article and in the source file",
        segment, reads="articles", writes="sentences",
    ),
    Stage(
        "mask", "batch", "replaces names that reveal the outlet or a private person",
        mask, reads="articles", writes="sentences",
    ),
    Stage(
        "label", "batch", "turns judgements into gold labels, and keeps every vote",
        label, reads="articles", writes="articles",
    ),
    Stage(
        "sketch", "batch", "reduces each article to a MinHash of fixed size",
        sketch, reads="articles", writes="sketches",
    ),
    Stage(
        "link", "corpus", "finds near-duplicates and blocks among the sketches of all articles",
        find_links, reads="sketches", writes="relations",
    ),
    Stage("split", "corpus", "assigns each article to its folds", split, reads="relations", writes="splits"),
    Stage(
        "link", "linked",
        "after `split`, writes these links and the folds of the articles into the tables of each batch",
        write_links, reads="articles", writes="articles",
    ),
    Stage("package", "files", "writes the Parquet files and the files that describe them"),
)  # fmt: skip

# Tables with exactly one row for each article.
_ONE_ROW_EACH = ("received", "articles", "sketches", "relations")


class ConservationError(AssertionError):
    """A stage lost, invented or duplicated an article or a byte; a bug in the pipeline, not a fault of its input."""


def _check_articles(stage: Stage, before: Tables, step: Step) -> None:
    ids = before[stage.reads]["article_id"]
    if not step.rejects.num_rows and stage.reads in _ONE_ROW_EACH and stage.writes in _ONE_ROW_EACH:
        written = [step.kept[name]["article_id"] for name in _ONE_ROW_EACH if name in step.kept]
        if len(ids.unique()) == len(ids) and all(one.equals(ids) for one in written):
            return  # the same articles in the same order; no sets of all ids are needed
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
            raise ConservationError(f"stage {stage.name}: {twice} have two rows where one is allowed")


def _check_bytes(spans: Any, sources: Any) -> None:
    """Raise unless the spans of each article tile its source: each begins where the last ended, to the last byte."""
    expected = dict(zip(sources["article_id"].to_pylist(), sources["source_bytes"].to_pylist(), strict=True))
    at = dict.fromkeys(expected, 0)
    columns = [spans[name].to_pylist() for name in ("article_id", "source_start", "source_end")]
    if unmatched := sorted(set(columns[0]) ^ set(expected)):
        raise ConservationError(f"{unmatched} are only in the spans, or only in the received articles")
    for article, start, end in zip(*columns, strict=True):
        if start != at[article] or end <= start:
            raise ConservationError(f"{article}: bytes {at[article]}-{start} are in no span, or in two")
        at[article] = end
    if at != expected:
        wrong = sorted(article for article in expected if at[article] != expected[article])
        raise ConservationError(f"the spans of {wrong} do not reach the end of the source")


def run_stage(stage: Stage, tables: Tables, params: Params) -> tuple[dict[str, Any], Any]:
    """Run one stage and check what it conserves; returns all tables after it, and its rejects.

    Raises:
        ConservationError: the stage lost, invented or duplicated something.
    """
    if stage.run is None:
        raise ValueError(f"the stage {stage.name} works on files, not on tables")
    step = stage.run(tables, params)
    _check_articles(stage, tables, step)
    if "spans" in step.kept:
        _check_bytes(step.kept["spans"], step.kept["received"])
    return {**tables, **step.kept}, step.rejects


def run_stages(
    tables: Tables, params: Params, scope: Scope, watch: Callable[[str, Tables], None] | None = None
) -> dict[str, Any]:
    """Run the stages of one scope in order; returns all tables after them, and their rejects as the table `rejects`.

    `watch` is called after each stage with its name and all tables.
    """
    after, rejects = dict(tables), []
    for stage in STAGES:
        if stage.scope == scope:
            after, dropped = run_stage(stage, after, params)
            rejects.append(dropped)
            if watch:
                watch(stage.name, after)
    return {**after, "rejects": pa.concat_tables(rejects)}
