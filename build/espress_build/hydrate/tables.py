"""Make the tables of a folder from its drafts with the stages of the build, so that rows are like the corpus's own."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.files import hash_file, replace_file
from espress.schema import schema
from espress_build.add import draft
from espress_build.arrow_schema import arrow_schema
from espress_build.hydrate.outcomes import apply_rejects
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.link import sketch
from espress_build.pipeline.package import write_parquet
from espress_build.pipeline.runner import Inputs, read_batch, run
from espress_build.pipeline.stages import run_stages
from espress_build.tables import RELATIONS, Reject, rejects_table

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.choose import Corpus
    from espress_build.hydrate.outcomes import Outcome
    from espress_build.hydrate.output_folder import Folder
    from espress_build.inputs.params import Params

_PROVENANCE = (
    "url", "final_url", "via", "at", "status", "media_type", "sha256", "archive_url", "archived_at", "page",
)  # fmt: skip


def build_tables(folder: Folder, corpus: Corpus, outcomes: list[Outcome]) -> list[Outcome]:
    """Make the tables of a folder in place of the old ones, and return the outcomes after the stages.

    Links are computed among the hydrated articles and the dataset's own articles together.
    """
    own = set(corpus.articles["article_id"].to_pylist())
    _write_drafts([outcome for outcome in outcomes if outcome.article_id not in own], folder.raw)
    dataset_swap.recover(folder.data)
    with dataset_swap.scratch(folder.data) as aside:
        batches, failed = _run_stages(folder.raw, aside, corpus)
        relations, kept, rejects = RELATIONS.empty_table(), own, []
        if batches:
            relations = batches.relations
            kept = own | {name for table in batches.tables("articles") for name in table["article_id"].to_pylist()}
            rejects = batches.rejects().to_pylist()
        outcomes = apply_rejects(outcomes, kept, rejects, failed)
        tables = {
            "catalogue": _fill_catalogue(corpus, outcomes),
            "rejects": _list_rejects(outcomes),
            "provenance": _list_provenance(outcomes),
            "relations": relations.slice(max(0, relations.num_rows - corpus.articles.num_rows)),
        }
        files = _write_tables(dataset_swap.staging(folder.data), batches, tables, corpus.params)
    _exchange(folder, corpus, files, outcomes)
    return outcomes


def _write_drafts(outcomes: list[Outcome], raw: Path) -> None:
    """Write the drafts as article folders in place of the old ones; two entries for one article share its folder."""
    shutil.rmtree(raw, ignore_errors=True)
    (raw / "articles").mkdir(parents=True)
    for outcome in outcomes:
        if outcome.draft and not (raw / "articles" / outcome.draft.article_id).exists():
            draft.write(outcome.draft, raw)


def _run_stages(raw: Path, aside: Path, corpus: Corpus) -> tuple[Any, dict[str, str]]:
    """Run the stages without the articles that stop them; return the batches, or None, and those articles' errors."""
    failed: dict[str, str] = {}
    folders = raw / "articles"
    if not any(folders.iterdir()):
        return None, failed
    linked = sketch({"articles": corpus.articles}, corpus.params).kept["sketches"]  # articles of the dataset
    inputs = Inputs(raw, corpus.registries, known=linked)
    try:
        return run(inputs, corpus.params, aside), failed
    except MemoryError:
        raise
    except Exception:  # find the article by running each one alone
        for folder in sorted(folders.iterdir()):
            if error := _try_article(folder, corpus):
                failed[folder.name] = error
                shutil.rmtree(folder)
        if not failed:
            raise
    return (run(inputs, corpus.params, aside) if any(folders.iterdir()) else None), failed


def _try_article(folder: Path, corpus: Corpus) -> str | None:
    """Return the error that stops the stages at one article, None if they pass."""
    try:
        run_stages(read_batch([folder], corpus.registries, corpus.params), corpus.params, "batch")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - anybody made the page; the other articles go on
        return f"{type(error).__name__}: {error}"
    return None


def _fill_catalogue(corpus: Corpus, outcomes: list[Outcome]) -> Any:
    """Return the whole catalogue, with the ids of the articles that its entries became."""
    ids = {outcome.row["catalogue_id"]: outcome.article_id for outcome in outcomes}
    rows = [row | {"article_id": ids.get(row["catalogue_id"]) or row["article_id"]} for row in corpus.catalogue]
    return pa.Table.from_pylist(rows, schema=arrow_schema(schema().table("catalogue")))


def _list_rejects(outcomes: list[Outcome]) -> Any:
    return rejects_table(
        Reject(outcome.row["catalogue_id"], outcome.stage, outcome.reason or "no_article", outcome.detail)
        for outcome in outcomes
        if outcome.article_id is None
    )


def _list_provenance(outcomes: list[Outcome]) -> Any:
    """Return a row for each page that was read: its origin and the warnings about it."""
    text = [(name, pa.int64() if name == "status" else pa.string()) for name in _PROVENANCE]
    columns = [("catalogue_id", pa.string()), ("article_id", pa.string()), *text, ("warnings", pa.list_(pa.string()))]
    rows = [
        {"catalogue_id": outcome.row["catalogue_id"], "article_id": outcome.article_id}
        | {name: getattr(outcome.attempt, name) for name in _PROVENANCE}
        | {"warnings": list(outcome.warnings)}
        for outcome in outcomes
        if outcome.attempt is not None
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _write_tables(folder: Path, batches: Any, tables: dict[str, Any], params: Params) -> dict[str, str]:
    """Write all tables into a new folder, and return the hash of each file by its name."""
    folder.mkdir()
    for name in ("articles", "sentences"):
        write_parquet(folder / f"{name}.parquet", batches.tables(name) if batches else [], name, params.package)
    for name in ("catalogue", "rejects"):
        write_parquet(folder / f"{name}.parquet", [tables[name]], name, params.package)
    for name in ("provenance", "relations"):
        with (folder / f"{name}.parquet").open("wb") as file:  # pyarrow cannot open names that are not UTF-8
            pq.write_table(tables[name], file, compression=params.package.compression)
    return {path.name: hash_file(path) for path in sorted(folder.iterdir())}


def _exchange(folder: Folder, corpus: Corpus, files: dict[str, str], outcomes: list[Outcome]) -> None:
    """Put the new tables in place of the old; in between, the folder counts as not complete."""
    folder.contents.unlink(missing_ok=True)
    dataset_swap.exchange(folder.data)
    contents = {
        "version": corpus.place.version,
        "edition": corpus.place.edition,
        "root": corpus.place.root,
        "source": corpus.source,
        "pointers": len(outcomes),
        "articles": len({outcome.article_id for outcome in outcomes if outcome.article_id}),
        "rejects": dict(sorted(Counter(outcome.reason for outcome in outcomes if outcome.reason).items())),
        "files": files,
    }
    replace_file(folder.contents, (json.dumps(contents, indent=2) + "\n").encode())
