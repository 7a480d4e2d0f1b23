"""Running the stages: batch by batch, in one process or several, with the same rows in the same order either way.

What a batch gives is put aside on disk as Arrow files, so that memory does not grow with the number of articles.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress_build.inputs.catalogue import read_catalogue
from espress_build.inputs.judgements import Annotations, read_annotations
from espress_build.inputs.withdrawn import withdrawn_articles
from espress_build.pipeline.ingest import article_folders, ingest, read_folds, read_unit_moves
from espress_build.pipeline.label import LABEL_TABLES
from espress_build.pipeline.stages import run_stages
from espress_build.tables import rejects_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_PUT_ASIDE = ("articles", "sentences", *LABEL_TABLES, "sketches", "cells", "rejects")
_RELATION_COLUMNS = ("duplicate_group", "duplicate_kind", "block_id")


@dataclass(frozen=True)
class Batches:
    """What the stages made: tables of each batch on disk, and the rows that hang on all articles at once."""

    folder: Path
    count: int
    relations: Any  # the table that the stage `relate` writes, in the order of the articles
    splits: Any  # the tables that the stage `split` writes
    shortcuts: Any
    registries: Registries
    unit_moves: Any  # table
    catalogue: Any  # table

    def read(self, number: int, name: str) -> Any:
        """Return one table of one batch."""
        with (self.folder / f"{number:06d}.{name}.arrow").open("rb") as file:  # pyarrow opens no name beyond UTF-8
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()

    def tables(self, name: str) -> Iterator[Any]:
        """Yield one table batch by batch, the columns that hang on all articles filled in."""
        at = 0
        for number in range(self.count):
            table = self.read(number, name)
            articles = self.read(number, "articles").num_rows
            relations = self.relations.slice(at, articles)
            at += articles
            for column in _RELATION_COLUMNS:
                place = table.schema.get_field_index(column)
                if place >= 0:
                    values = dict(zip(relations["article_id"].to_pylist(), relations[column].to_pylist(), strict=True))
                    filled = pa.array([values[article] for article in table["article_id"].to_pylist()], pa.string())
                    table = table.set_column(place, table.schema.field(place), filled)
            yield table

    def rejects(self) -> Any:
        """Return what was dropped, in order of ids."""
        return pa.concat_tables([rejects_table(), *(self.read(number, "rejects") for number in range(self.count))])


def batch_tables(
    folders: list[Path], registries: Registries, params: Params, annotations: Annotations | None = None
) -> dict[str, Any]:
    """Read article folders into the tables that the first stage takes; raises InputError."""
    own = (annotations or Annotations()).of({folder.name for folder in folders})
    received = ingest(folders, registries, params)
    return {"received": received, "claims": registries.claim_table, **own.tables(), **registries.tables}


def _run_batch(
    job: tuple[int, list[Path], Annotations], registries: Registries, params: Params, aside: Path
) -> list[str]:
    """Run one batch and put its tables aside; returns the problems of its input instead, if there are any."""
    number, folders, annotations = job
    try:
        tables = run_stages(batch_tables(folders, registries, params, annotations), params, "batch")
    except InputError as error:
        return error.problems
    for name in _PUT_ASIDE:
        path = aside / f"{number:06d}.{name}.arrow"
        with path.open("wb") as file, pa.ipc.new_file(file, tables[name].schema) as writer:
            writer.write_table(tables[name])
    return []


def _end_with_parent() -> None:
    """End this worker when the build that started it is gone, killed even: it would wait for work for ever."""

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _mapper(workers: int) -> Iterator[Callable[..., Any]]:
    """Yield a `map` over that many processes, or over this one. Workers start afresh: Arrow's threads do not fork."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        yield pool.map


def _annotations(raw: Path, articles: set[str]) -> Annotations:
    """Read the judgements; raises InputError if some are about articles that raw/ never held."""
    annotations = read_annotations(raw / "annotations", withdrawn_articles(raw))
    orphans = sorted({one.item_id for one in annotations.judgements if one.article_id not in articles})
    if orphans:
        raise InputError(
            [f"{raw / 'annotations'}: judgements of {item}, but raw/articles has no such article." for item in orphans]
        )
    return annotations


def _moves(raw: Path, withdrawn: frozenset[str]) -> Any:
    """Read the map of moved units; those of withdrawn articles have no successor any more."""
    moves = read_unit_moves(raw)
    now = [unit if unit and unit.split(".")[0] not in withdrawn else None for unit in moves["sentence_id"].to_pylist()]
    at = moves.schema.get_field_index("sentence_id")
    return moves.set_column(at, moves.schema.field(at), pa.array(now, pa.string()))


def run(raw: Path, registries: Registries, params: Params, aside: Path, workers: int = 1) -> Batches:
    """Run all stages over `raw/`; `aside` is an empty folder for what each batch gives.

    Raises:
        InputError: sidecars, sources or folders are not as they must be; every fault is listed.
    """
    folders, size, withdrawn = article_folders(raw), params.package.batch_articles, withdrawn_articles(raw)
    registries = registries.without(withdrawn)
    catalogue = read_catalogue(raw, registries, params, withdrawn)
    cuts = [folders[at : at + size] for at in range(0, len(folders), size)]
    annotations = _annotations(raw, {folder.name for folder in folders})
    jobs = [(number, cut, annotations.of({folder.name for folder in cut})) for number, cut in enumerate(cuts)]
    work = partial(_run_batch, registries=registries, params=params, aside=aside)
    with _mapper(min(workers, max(1, len(jobs)))) as over:
        problems = [problem for found in over(work, jobs) for problem in found]
    if problems:
        raise InputError(problems)
    made = Batches(aside, len(jobs), None, None, None, registries, _moves(raw, withdrawn), catalogue)
    counted = {
        name: pa.concat_tables([made.read(number, name) for number in range(made.count)])
        for name in ("sketches", "cells")
    }
    after = run_stages({**counted, "folds": read_folds(raw), **registries.tables}, params, "all")
    return replace(made, **{name: after[name] for name in ("relations", "splits", "shortcuts")})
