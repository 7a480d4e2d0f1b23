"""Make the tables of a collection from its stored batches: remove copies, link near-duplicates, write Parquet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from espress.files import open_new
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.collect.reading import DROPPED, OUTLETS, PROVENANCE, add_event
from espress_build.collect.stored_batches import read_batch
from espress_build.pipeline.batches import cut_batches, ends_batch
from espress_build.pipeline.link import sketch
from espress_build.pipeline.package import write_parquet, write_shards
from espress_build.pipeline.stages import STAGES, ConservationError, run_stage, run_stages
from espress_build.tables import REJECTS, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from espress_build.hydrate.choose import Corpus
    from espress_build.pipeline.result_cache import ResultCache

_SHARD_BYTES = 128_000_000
_ROWS = 1 << 16  # rows of a row group, in tables other than articles and sentences
_STORED = ("articles", "sentences", "sketches")


@dataclass(frozen=True)
class Counts:
    """The counts of a run: `pages` read, kept, rejected or dropped by reason; `left_out` counts non-pages by kind."""

    pages: int
    kept: int
    rejected: dict[str, int]
    dropped: dict[str, int]
    left_out: dict[str, int]

    def check(self) -> None:
        """Raise ConservationError unless each page was kept, rejected or dropped."""
        after = self.kept + sum(self.rejected.values()) + sum(self.dropped.values())
        if after != self.pages:
            raise ConservationError(f"{self.pages} pages were read, and {after} kept, rejected or dropped")


@dataclass
class _Merger:
    """Writes kept articles in batches that depend on the articles' ids only, not on the stored batches."""

    aside: Path
    size: int
    first: dict[str, str]  # article id -> the source in which it was found first
    number: int = 0

    def write(self, stored: Iterable[Path], copies: list[dict[str, Any]]) -> None:
        """Write all batches; add to `copies` the pages whose article came before."""
        waiting: dict[str, list[Any]] = {name: [] for name in _STORED}
        for path in stored:
            tables = self._select(read_batch(path, (*_STORED, "provenance")).tables, copies)
            for name in _STORED:
                waiting[name].append(tables[name])
            waiting = self._flush(waiting)
        self._flush(waiting, rest=True)

    def _select(self, tables: dict[str, Any], copies: list[dict[str, Any]]) -> dict[str, Any]:
        known = {row["article_id"]: row for row in tables["provenance"].to_pylist()}
        again = set()
        for article in tables["articles"]["article_id"].to_pylist():
            if article in self.first:
                again.add(article)
                detail = f"its bytes are those of {article}, from {self.first[article]}"
                row = {"source": known[article]["source"], "url": known[article]["url"]}
                copies.append(row | {"reason": "same_page", "detail": detail})
            else:
                self.first[article] = known[article]["source"]
        return {name: _without(table, "article_id", again) for name, table in tables.items()} if again else tables

    def _flush(self, waiting: dict[str, list[Any]], *, rest: bool = False) -> dict[str, list[Any]]:
        """Write the batches that are complete, or all; return what is left."""
        if not waiting["articles"]:
            return waiting
        joined = {name: pa.concat_tables(tables) for name, tables in waiting.items()}
        names, units = (joined["articles"][name].to_pylist() for name in ("article_id", "n_sentences"))
        for cut in cut_batches(names, self.size):
            if not rest and len(cut) < self.size and not ends_batch(cut[-1], self.size):
                break
            own = sum(units[: len(cut)])
            units = units[len(cut) :]
            for name, table in joined.items():
                length = own if name == "sentences" else len(cut)
                path = self.aside / f"{self.number:06d}.{name}.arrow"
                with path.open("wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table.slice(0, length).combine_chunks())
                joined[name] = table.slice(length)
            self.number += 1
        return {name: [table] for name, table in joined.items()}

    def read(self, name: str) -> Iterator[Any]:
        """Yield one table batch by batch."""
        for number in range(self.number):
            with (self.aside / f"{number:06d}.{name}.arrow").open("rb") as file:
                yield pa.ipc.open_file(file).read_all()


def _without(table: Any, column: str, values: set[str]) -> Any:
    """Return a table without the rows that have one of these values in a column."""
    return table.filter(pc.invert(pc.is_in(table[column], pa.array(sorted(values), pa.string()))))


def write_tables(stored: list[Path], folder: Path, aside: Path, corpus: Corpus, cache: ResultCache) -> Counts:
    """Write all tables into a new folder, and return what was counted.

    Args:
        stored: the files of the stored batches, in order.
        folder: where the tables go.
        aside: an empty folder for temporary files.
        corpus: the dataset whose articles the collected ones are linked with; its articles are not collected again.
        cache: row groups of an earlier run.

    Raises:
        ConservationError: a page that was read was not kept, rejected or dropped.
    """
    folder.mkdir()
    package, own = corpus.params.package, corpus.articles
    known = dict.fromkeys(own["article_id"].to_pylist(), f"{corpus.place}")
    copies: list[dict[str, Any]] = []
    merger = _Merger(aside, package.batch_articles, dict(known))
    merger.write(stored, copies)
    rejected, dropped, left_out, pages = Counter[str](), Counter[str](), Counter[str](), 0
    for path in stored:
        batch = read_batch(path, ("rejects", "dropped"))
        rejected.update(batch.tables["rejects"]["reason"].to_pylist())
        dropped.update(batch.tables["dropped"]["reason"].to_pylist())
        left_out += batch.left_out
        pages += batch.pages
    dropped["same_page"] += len(copies)
    counts = Counts(pages, len(merger.first) - len(known), *(_order(one) for one in (rejected, dropped, left_out)))
    counts.check()
    relations = _link(merger, corpus)
    write_shards(folder, _fill_links(merger, relations, corpus), "articles", package, most_bytes=_SHARD_BYTES,
                 cache=cache)  # fmt: skip
    write_shards(folder, merger.read("sentences"), "sentences", package, most_bytes=_SHARD_BYTES, cache=cache)
    write_parquet(folder / "rejects.parquet", _regroup(stored, "rejects", REJECTS), "rejects", package)
    copied = pa.Table.from_pylist(copies, schema=DROPPED)
    _write(folder / "dropped.parquet", [*_regroup(stored, "dropped", DROPPED), copied], DROPPED, corpus)
    gone = {row["source"] for row in copies}
    kept = (_without(one, "source", gone) for one in _regroup(stored, "provenance", PROVENANCE))
    _write(folder / "provenance.parquet", kept, PROVENANCE, corpus)
    hosts = pa.concat_tables([OUTLETS.empty_table(), *_regroup(stored, "outlets", OUTLETS)])
    hosts = hosts.group_by(OUTLETS.names).aggregate([]).sort_by("outlet_id")
    _write(folder / "hosts.parquet", [hosts], OUTLETS, corpus)
    _write(folder / "relations.parquet", [_changed_links(own, relations)], RELATIONS, corpus)
    write_parquet(folder / "catalogue.parquet", [_fill_catalogue(stored, corpus)], "catalogue", package)
    return counts


def _order(counted: Counter[str]) -> dict[str, int]:
    """Return the counts above 0, the largest first."""
    return dict(sorted((+counted).items(), key=lambda one: (-one[1], one[0])))


def _link(merger: _Merger, corpus: Corpus) -> Any:
    """Return the links of all collected articles, then of the dataset's."""
    linked = sketch({"articles": corpus.articles}, corpus.params).kept["sketches"]
    stage = next(one for one in STAGES if one.name == "link" and one.scope == "corpus")
    given = {"sketches": pa.concat_tables([*merger.read("sketches"), linked]), **add_event(corpus.registries).tables}
    return run_stage(stage, given, corpus.params)[0]["relations"]


def _fill_links(merger: _Merger, relations: Any, corpus: Corpus) -> Iterator[Any]:
    splits = arrow_schema(schema().table("splits")).empty_table()
    at = 0
    for articles in merger.read("articles"):
        given = {"articles": articles, "relations": relations.slice(at, articles.num_rows), "splits": splits}
        yield run_stages(given, corpus.params, "linked")["articles"]
        at += articles.num_rows


def _changed_links(own: Any, relations: Any) -> Any:
    """Return the links of those articles of the dataset whose links the collected articles change."""
    before = {row["article_id"]: row for row in own.select(RELATIONS.names).to_pylist()}
    after = relations.slice(relations.num_rows - own.num_rows).to_pylist()
    return pa.Table.from_pylist([row for row in after if row != before[row["article_id"]]], schema=RELATIONS)


def _regroup(stored: list[Path], name: str, declared: Any) -> Iterator[Any]:
    """Yield one table of all stored batches in row groups of a fixed size."""
    waiting, rows = [declared.empty_table()], 0
    for path in stored:
        table = read_batch(path, (name,)).tables[name]
        waiting.append(table)
        rows += table.num_rows
        if rows >= _ROWS:
            joined = pa.concat_tables(waiting)
            yield joined.slice(0, _ROWS)
            waiting, rows = [joined.slice(_ROWS)], rows - _ROWS
    if rows:
        yield pa.concat_tables(waiting)


def _write(path: Path, tables: Iterable[Any], declared: Any, corpus: Corpus) -> None:
    with open_new(path) as file, pq.ParquetWriter(file, declared, compression=corpus.params.package.compression) as out:
        for table in tables:
            if table.num_rows:
                out.write_table(table.select(declared.names), row_group_size=table.num_rows)


def _fill_catalogue(stored: list[Path], corpus: Corpus) -> Any:
    """Return the whole catalogue, with the ids of the articles that its entries became."""
    ids: dict[str, str] = {}
    for path in stored:
        for row in read_batch(path, ("provenance",)).tables["provenance"].to_pylist():
            if row["catalogue_id"]:
                ids.setdefault(row["catalogue_id"], row["article_id"])
    rows = [row | {"article_id": ids.get(row["catalogue_id"]) or row["article_id"]} for row in corpus.catalogue]
    return pa.Table.from_pylist(rows, schema=arrow_schema(schema().table("catalogue")))
