"""Run the stages batch by batch, in one process or several, with the same result.

The tables of each batch are stored as Arrow files, so that memory does not grow with the number of articles.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from tqdm import tqdm

from espress.errors import InputError
from espress_build.inputs.catalogue import read_catalogue
from espress_build.inputs.folds import read_folds, read_unit_moves
from espress_build.inputs.judgements import Annotations, read_annotations
from espress_build.inputs.withdrawn import withdrawn_articles
from espress_build.pipeline.batch_cache import BatchCache, hash_setting
from espress_build.pipeline.batches import cut_batches
from espress_build.pipeline.extract import find_span_problems
from espress_build.pipeline.ingest import article_folders, ingest
from espress_build.pipeline.label import LABEL_TABLES
from espress_build.pipeline.stages import run_stages
from espress_build.tables import rejects_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_STORED = ("articles", "sentences", *LABEL_TABLES, "sketches", "rejects")


@dataclass(frozen=True)
class Batches:
    """The output of the stages: the tables of each batch on disk, and the tables that depend on all articles."""

    folder: Path
    count: int
    relations: Any  # links of all articles, in the order of the articles
    splits: Any
    registries: Registries
    unit_moves: Any
    catalogue: Any
    params: Params

    def read(self, number: int, name: str) -> Any:
        """Return one table of one batch, as the stage `sketch` left it."""
        with (self.folder / f"{number:06d}.{name}.arrow").open("rb") as file:  # pyarrow opens only UTF-8 names
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()

    def tables(self, name: str) -> Iterator[Any]:
        """Yield one table batch by batch, as the stage `link` leaves it."""
        at = 0
        for number in range(self.count):
            batch = {one: self.read(number, one) for one in dict.fromkeys(("articles", name))}
            relations = self.relations.slice(at, batch["articles"].num_rows)
            folds = [self.splits.slice(first + at, relations.num_rows) for first in (0, self.relations.num_rows)]
            at += batch["articles"].num_rows
            beside = {"relations": relations, "splits": pa.concat_tables(folds)}
            yield run_stages({**batch, **beside}, self.params, "linked")[name]

    def rejects(self) -> Any:
        """Return the rejects of all batches, in order of ids."""
        return pa.concat_tables([rejects_table(), *(self.read(number, "rejects") for number in range(self.count))])


@dataclass(frozen=True)
class UnitTexts:
    """The texts of all units, read batch by batch each time that they are iterated over."""

    batches: Batches

    def __iter__(self) -> Iterator[str]:
        for number in range(self.batches.count):
            yield from self.batches.read(number, "sentences")["text"].to_pylist()


def read_batch(
    folders: list[Path], registries: Registries, params: Params, annotations: Annotations | None = None
) -> dict[str, Any]:
    """Read article folders, and the judgements about them, into the input tables of the first pure stage.

    Raises:
        InputError: a record is not valid, or does not fit its source; every fault of every folder is listed.
    """
    received, problems = ingest(folders, registries, params)
    if problems:
        raise InputError([*problems, *find_span_problems(received, params)])
    judged = (annotations or Annotations()).tables()
    return {"received": received, "claims": registries.claim_table, **judged, **registries.tables}


def _run_batch(
    job: tuple[int, list[Path], Annotations],
    registries: Registries,
    params: Params,
    aside: Path,
    cache: BatchCache | None = None,
) -> list[str]:
    """Run one batch, or take its tables from the cache, and store them in `aside`.

    Returns:
        The problems of the batch's input; if there are any, no tables are stored.
    """
    number, folders, annotations = job
    names = {name: f"{number:06d}.{name}.arrow" for name in _STORED}
    judged = annotations.tables() if cache else {}
    key = cache.make_key(folders, judged) if cache else None
    if cache and key and cache.fetch(key, aside, names):
        return []
    try:
        tables = run_stages(read_batch(folders, registries, params, annotations), params, "batch")
    except InputError as error:
        return error.problems
    for name in _STORED:
        with (aside / names[name]).open("wb") as file, pa.ipc.new_file(file, tables[name].schema) as writer:
            writer.write_table(tables[name])
    if cache and key and cache.make_key(folders, judged) == key:  # no file changed while the stages ran
        cache.store(key, aside, names)
    return []


def _end_with_parent() -> None:
    """Start a thread that ends this worker when the build that started it ends, even if the build is killed."""

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _start_workers(workers: int) -> Iterator[Callable[..., Any]]:
    """Yield a `map` that runs in this process or in several.

    Workers are spawned, because Arrow's threads do not survive a fork. The pool comes from loky, because the standard
    library's pool may wait for ever if a worker is killed while it starts.
    """
    if workers == 1:
        yield map
        return
    from loky import ProcessPoolExecutor  # type: ignore[import-untyped]

    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context=spawn, initializer=_end_with_parent) as pool:
        yield pool.map


def _read_judgements(raw: Path, articles: set[str], registries: Registries) -> Annotations:
    """Read the judgements; raises InputError if some are about articles or sources that do not exist."""
    annotations = read_annotations(raw / "annotations", withdrawn_articles(raw), set(registries.sources))
    orphans = Counter(one.article_id for one in annotations.judgements if one.article_id not in articles)
    if orphans:
        raise InputError(
            [
                f"{raw / 'annotations'}: {number:,} judgements are about {article}, which is not in raw/articles. "
                "Restore it, withdraw it, or remove these judgements."
                for article, number in sorted(orphans.items())
            ]
        )
    return annotations


def _check_units(raw: Path, annotations: Annotations, batches: Batches) -> None:
    """Raise InputError if a judgement names a unit that its article lacks; rejected articles are not checked."""
    named = {one.item_id for one in annotations.judgements if "." in one.item_id}
    named |= {unit for one in annotations.judgements if one.field == "claim_units" for unit in one.value.split()}
    judged, missing = {unit.partition(".")[0] for unit in named}, set(named)
    with_units: set[str] = set()
    for number in range(batches.count) if named else ():
        units = batches.read(number, "sentences")["sentence_id"].to_pylist()
        missing.difference_update(units)
        with_units |= judged.intersection(unit.partition(".")[0] for unit in units)
    if missing := {unit for unit in missing if unit.partition(".")[0] in with_units}:
        # This raises InputError with file and line.
        read_annotations(raw / "annotations", withdrawn_articles(raw), units=named - missing)


@dataclass(frozen=True)
class Inputs:
    """The input of a run.

    `state` is the folder of frozen folds and unit moves, None before the first release. `known` holds sketches of
    further articles, with which the articles in `raw` are linked; the relations of the further articles come last.
    `cache` is the folder, which may not exist yet, of the tables of earlier runs; without it, every batch is computed.
    """

    raw: Path
    registries: Registries
    state: Path | None = None
    known: Any = None
    cache: Path | None = None


def run(given: Inputs, params: Params, aside: Path, workers: int = 1) -> Batches:
    """Run all pure stages over `raw/`, and keep the tables of each batch in the empty folder `aside`.

    The result does not depend on the number of workers, which are processes.

    Raises:
        InputError: records, sources or folders are not valid; every fault is listed.
    """
    folders, size, withdrawn = article_folders(given.raw), params.package.batch_articles, withdrawn_articles(given.raw)
    by_name = {folder.name: folder for folder in folders}
    registries = given.registries.without(withdrawn)
    catalogue = read_catalogue(given.raw, registries, params, withdrawn)
    folds, unit_moves = read_folds(given.state), read_unit_moves(given.state, withdrawn)
    cuts = [[by_name[name] for name in cut] for cut in cut_batches([folder.name for folder in folders], size)]
    annotations = _read_judgements(given.raw, {folder.name for folder in folders}, registries)
    judged = annotations.split([{folder.name for folder in cut} for cut in cuts])
    jobs = [(number, cut, own) for number, (cut, own) in enumerate(zip(cuts, judged, strict=True))]
    cache = BatchCache(given.cache, hash_setting(registries, params)) if given.cache else None
    work = partial(_run_batch, registries=registries, params=params, aside=aside, cache=cache)
    with _start_workers(min(workers, max(1, len(jobs)))) as map_jobs:
        problems = []
        with tqdm(total=len(folders), desc="articles", unit=" article", disable=None) as bar:  # on a terminal only
            for (_, cut, _), found in zip(jobs, map_jobs(work, jobs), strict=True):
                problems += found
                bar.update(len(cut))
    if problems:
        raise InputError(problems)
    batches = Batches(aside, len(jobs), None, None, registries, unit_moves, catalogue, params)
    _check_units(given.raw, annotations, batches)
    sketches = [batches.read(number, "sketches") for number in range(batches.count)]
    sketches += [] if given.known is None else [given.known]
    after = run_stages({"sketches": pa.concat_tables(sketches), "folds": folds, **registries.tables}, params, "corpus")
    return replace(batches, relations=after["relations"], splits=after["splits"])
