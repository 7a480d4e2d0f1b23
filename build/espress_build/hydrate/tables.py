"""From drafts to tables: the project's own stages, so that rows are as those of the corpus."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

from espress_build.hydrate.results import after, write_raw

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.folder import Home
    from espress_build.hydrate.results import Fate
    from espress_build.inputs.params import Params


def _unfit(folder: Path, corpus: Corpus) -> str | None:
    """Say what stops the stages at one article, null if nothing does."""
    from espress_build.pipeline.runner import read_batch
    from espress_build.pipeline.stages import run_stages

    try:
        given = read_batch([folder], corpus.registries, corpus.params)
        run_stages(given, corpus.params, "batch")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a page that anybody made; the other articles go on
        return f"{type(error).__name__}: {error}"
    return None


def _run(raw: Path, aside: Path, corpus: Corpus) -> tuple[Any, dict[str, str]]:
    """Run the stages; an article that stops them is taken out, and returned with what it said. Null: none is left."""
    from espress_build.pipeline.runner import Inputs, run

    dropped: dict[str, str] = {}
    if not any((raw / "articles").iterdir()):
        return None, dropped
    given = Inputs(raw, corpus.registries, known=_known_sketches(corpus))
    try:
        return run(given, corpus.params, aside), dropped
    except MemoryError:
        raise
    except Exception:  # which article it is, is looked for one by one
        for folder in sorted((raw / "articles").iterdir()):
            if said := _unfit(folder, corpus):
                dropped[folder.name] = said
                shutil.rmtree(folder)
        if not dropped:
            raise
    return (run(given, corpus.params, aside) if any((raw / "articles").iterdir()) else None), dropped


def _known_sketches(corpus: Corpus) -> Any:
    """Return sketches of the bundled articles, so that hydrated ones are linked with them."""
    from espress_build.pipeline.link import sketch

    return sketch({"articles": corpus.articles}, corpus.params).kept["sketches"]


def _catalogue(corpus: Corpus, fates: list[Fate]) -> Any:
    """Return the whole catalogue, with the articles that pointers became."""
    import pyarrow as pa

    from espress.schema import schema
    from espress_build.arrow_schema import arrow_schema

    became = {fate.row["catalogue_id"]: fate.article_id for fate in fates}
    filled = [row | {"article_id": became.get(row["catalogue_id"]) or row["article_id"]} for row in corpus.catalogue]
    return pa.Table.from_pylist(filled, schema=arrow_schema(schema().table("catalogue")))


def _rejects(fates: list[Fate]) -> Any:
    from espress_build.tables import Reject, rejects_table

    return rejects_table(
        Reject(fate.row["catalogue_id"], fate.stage, fate.reason or "no_article", fate.detail)
        for fate in fates
        if fate.article_id is None
    )


_PROVENANCE = (
    "url", "final_url", "via", "at", "status", "media_type", "sha256", "archive_url", "archived_at", "page",
)  # fmt: skip


def _provenance(fates: list[Fate]) -> Any:
    """Return where each page came from that was read, and what is odd about it."""
    import pyarrow as pa

    text = [(name, pa.int64() if name == "status" else pa.string()) for name in _PROVENANCE]
    names = [("catalogue_id", pa.string()), ("article_id", pa.string()), *text, ("warnings", pa.list_(pa.string()))]
    rows = [
        {"catalogue_id": fate.row["catalogue_id"], "article_id": fate.article_id}
        | {name: getattr(fate.reading.attempt, name) for name in _PROVENANCE}
        | {"warnings": list(fate.reading.warnings)}
        for fate in fates
        if fate.reading is not None
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(names))


def _write(folder: Path, batches: Any, tables: dict[str, Any], params: Params) -> dict[str, str]:
    """Write all tables into a new folder; returns the hash of each file by its name."""
    import pyarrow.parquet as pq

    from espress_build.pipeline.package import write_parquet

    folder.mkdir()
    for name in ("articles", "sentences"):
        write_parquet(folder / f"{name}.parquet", batches.tables(name) if batches else [], name, params.package)
    for name in ("catalogue", "rejects"):
        write_parquet(folder / f"{name}.parquet", [tables[name]], name, params.package)
    for name in ("provenance", "relations"):
        with (folder / f"{name}.parquet").open("wb") as file:  # pyarrow opens no name that is not UTF-8
            pq.write_table(tables[name], file, compression=params.package.compression)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _exchange(home: Home, corpus: Corpus, files: dict[str, str], fates: list[Fate]) -> None:
    """Put the new tables in place of the old; between the two the folder says that it is not whole."""
    from espress_build.pipeline import dataset_exchange

    home.told.unlink(missing_ok=True)
    dataset_exchange.exchange(home.data)
    reasons = Counter(fate.reason for fate in fates if fate.reason)
    told = {
        "version": corpus.place.version,
        "edition": corpus.place.edition,
        "root": corpus.place.root,
        "source": corpus.source,
        "pointers": len(fates),
        "articles": len({fate.article_id for fate in fates if fate.article_id}),
        "rejects": dict(sorted(reasons.items())),
        "files": files,
    }
    dataset_exchange.replace_bytes(home.told, (json.dumps(told, indent=2) + "\n").encode())


def build(home: Home, corpus: Corpus, fates: list[Fate]) -> list[Fate]:
    """Make the tables of a folder anew from what became of each pointer; returns what became of each behind the stages.

    Articles are related among themselves and with those of the dataset.
    """
    from espress_build.pipeline import dataset_exchange
    from espress_build.tables import RELATIONS

    own = set(corpus.articles["article_id"].to_pylist())
    write_raw([fate for fate in fates if fate.article_id not in own], home.raw)
    dataset_exchange.recover(home.data)
    with dataset_exchange.scratch(home.data) as aside:
        batches, dropped = _run(home.raw, aside, corpus)
        relations, kept, rejects = RELATIONS.empty_table(), own, []
        if batches:
            relations = batches.relations
            kept = own | {name for table in batches.tables("articles") for name in table["article_id"].to_pylist()}
            rejects = batches.rejects().to_pylist()
        fates = after(fates, kept, rejects, dropped)
        tables = {
            "catalogue": _catalogue(corpus, fates),
            "rejects": _rejects(fates),
            "provenance": _provenance(fates),
            "relations": relations.slice(max(0, relations.num_rows - corpus.articles.num_rows)),
        }
        files = _write(dataset_exchange.staging(home.data), batches, tables, corpus.params)
    _exchange(home, corpus, files, fates)
    return fates
