"""The stages `sketch` and `link`: find articles that share their text or are linked by outlet, event or text.

`sketch` reduces each article to a MinHash of fixed size. `link` works in two passes: it finds the links among the
sketches of all articles, band by band, then writes them into the tables of each batch. No article is dropped:
duplicates form groups.
"""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from espress import near_duplicates
from espress.near_duplicates import LinkedGroups
from espress.text import fold_for_comparison, words
from espress_build.tables import RELATIONS, SKETCHES, Step, Tables, rejects_table, set_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from espress_build.inputs.params import Link, Params

_KEY_FACTOR = 0x9E3779B97F4A7C15  # odd, so that its powers mix all 64 bits
_ROWS_AT_ONCE = 4096


def shingles(text: str, params: Link) -> list[str]:
    """Return the sequences of `shingle_words` words in a text folded for comparison; empty if it is too short."""
    tokens = words(fold_for_comparison(text))
    if len(tokens) < max(params.minimum_words, params.shingle_words):
        return []
    return near_duplicates.shingles(tokens, params.shingle_words)


def sketch(tables: Tables, params: Params) -> Step:
    """Turn `articles` into `sketches`: id, hash of the text, outlet, events and MinHash of each."""
    articles = tables["articles"]
    shingled = [shingles(text or "", params.link) for text in articles["text"].to_pylist()]
    matrix = near_duplicates.sketch(shingled, params.link.permutations)
    minhash = [digest if found else None for digest, found in zip(matrix, shingled, strict=True)]
    kept = articles.select([name for name in SKETCHES.names if name != "minhash"])
    kept = kept.append_column("minhash", pa.array(minhash, pa.list_(pa.uint32()))).select(SKETCHES.names)
    return Step({"sketches": kept.cast(SKETCHES)}, rejects_table())


class _Digests:
    """The MinHashes of all articles in the batches' files; only those that are compared are copied."""

    def __init__(self, column: Any, permutations: int) -> None:
        """Take a chunked column of lists; null where an article has no MinHash."""
        chunks = [chunk.flatten().to_numpy().reshape(-1, permutations) for chunk in column.chunks]
        self.parts = [np.asarray(chunk, dtype=np.uint32) for chunk in chunks if len(chunk)]
        self._starts = np.cumsum([0, *map(len, self.parts)])

    def read(self, places: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Return the MinHashes at these places, (n, permutations); places do not count nulls."""
        inside = np.searchsorted(self._starts, places, side="right") - 1
        rows = [self.parts[part][at] for part, at in zip(inside, places - self._starts[inside], strict=True)]
        return np.stack(rows)


def _write_keys(digests: _Digests, bands: int, width: int, files: Sequence[IO[bytes]]) -> None:
    """Write an 8-byte hash of every band of every MinHash; each band has its own file."""
    weights = np.array([pow(_KEY_FACTOR, place, 2**64) for place in range(1, width + 1)], dtype=np.uint64)
    for part in digests.parts:
        for start in range(0, len(part), _ROWS_AT_ONCE):
            cut = part[start : start + _ROWS_AT_ONCE, : bands * width].astype(np.uint64)
            mixed = (cut ^ (cut << np.uint64(32))).reshape(-1, bands, width) * weights
            for file, keys in zip(files, mixed.sum(axis=2, dtype=np.uint64).T, strict=True):
                file.write(np.ascontiguousarray(keys).tobytes())


def _find_equal(keys: NDArray[np.uint64]) -> Iterator[NDArray[np.intp]]:
    """Yield each group of two or more places with the same key, each in ascending order."""
    order = np.argsort(keys, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(keys[order])) + 1, len(order))
    starts = np.append(0, ends[:-1])
    large = ends - starts > 1
    for start, end in zip(starts[large].tolist(), ends[large].tolist(), strict=True):
        yield order[start:end]


def _link_bucket(groups: LinkedGroups[int], names: list[int], minhash: Any, band: slice, threshold: float) -> None:
    """Link the articles of a bucket whose bands are equal and whose estimated similarity reaches the threshold.

    Articles of one group are not compared again, so that a thousand copies of a text cost a thousand comparisons.
    """
    group = np.array([groups.name(name) for name in names])
    for at, name in enumerate(names[:-1]):
        rest = at + 1 + np.flatnonzero(group[at + 1 :] != group[at])
        if not len(rest):
            if (group == group[0]).all():
                return
            continue
        for start in range(0, len(rest), _ROWS_AT_ONCE):
            cut = rest[start : start + _ROWS_AT_ONCE]
            same = minhash[cut] == minhash[at]
            similar = cut[same[:, band].all(axis=1) & (same.mean(axis=1) >= threshold)]
            for other in similar.tolist():
                groups.link(name, names[other])
            if len(similar):
                group[np.isin(group, np.append(group[similar], group[at]))] = groups.name(name)


def _link_near(digests: _Digests, places: NDArray[np.intp], names: NDArray[np.intp], params: Link) -> LinkedGroups[int]:
    """Link near-duplicates band by band (LSH). The keys of one band at a time are in memory, the others in files.

    `places` are those of the MinHashes to compare, ascending; `names` are the ranks of their articles by id.
    """
    groups, width = LinkedGroups[int](), params.permutations // params.bands
    with ExitStack() as opened:
        files = [opened.enter_context(TemporaryFile(prefix="espress-band-")) for _ in range(params.bands)]
        _write_keys(digests, params.bands, width, files)
        for number, file in enumerate(files):
            file.seek(0)
            keys = np.frombuffer(file.read(), dtype=np.uint64)[places]
            band = slice(number * width, (number + 1) * width)
            for bucket in _find_equal(keys):
                own = names[bucket].tolist()
                if len({groups.name(name) for name in own}) > 1:
                    _link_bucket(groups, own, digests.read(places[bucket]), band, params.near_threshold)
    return groups


def _group_duplicates(sketches: Any, rank: NDArray[np.intp], params: Link) -> tuple[LinkedGroups[int], Any]:
    """Return the groups of articles that share their text, and for each article `exact`, `near` or `none`."""
    texts = sketches["text_sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, firsts, numbers, counts = np.unique(texts, return_index=True, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(sketches["minhash"].is_valid().to_numpy())
    is_first = np.zeros(len(rank), dtype=bool)
    is_first[firsts] = True
    places = np.flatnonzero(is_first[rows])
    groups = _link_near(_Digests(sketches["minhash"], params.permutations), places, rank[rows[places]], params)
    kinds = np.full(len(rank), "none", dtype="<U5")
    kinds[np.isin(rank, np.array(sorted(groups.linked()), dtype=np.intp))] = "near"
    repeated = counts[numbers] > 1
    kinds[repeated] = "exact"
    for row in np.flatnonzero(repeated & ~is_first).tolist():
        groups.link(int(rank[firsts[numbers[row]]]), int(rank[row]))
    return groups, kinds


def _link_blocks(sketches: Any, events: Any, rank: NDArray[np.intp], duplicates: NDArray[np.intp]) -> LinkedGroups[int]:
    """Link articles by outlet, by event (except events of kind `bucket`) and by shared text."""
    groups = LinkedGroups[int]()
    kinds = dict(zip(events["event_id"].to_pylist(), events["event_kind"].to_pylist(), strict=True))
    for shared in np.flatnonzero(duplicates != rank).tolist():
        groups.link(int(duplicates[shared]), int(rank[shared]))
    first: dict[tuple[str, str], int] = {}
    numbers = iter(rank.tolist())
    for batch in sketches.select(["outlet_id", "event_ids"]).to_batches(max_chunksize=_ROWS_AT_ONCE):
        for outlet, reported in zip(*(batch[name].to_pylist() for name in batch.schema.names), strict=True):
            article = next(numbers)
            real = [event for event in reported if kinds[event] == "event"]
            for link in (("outlet", outlet), *(("event", event) for event in real)):
                groups.link(first.setdefault(link, article), article)
    return groups


def find_links(tables: Tables, params: Params) -> Step:
    """Turn the `sketches` of all articles into `relations`: duplicate group and kind, and block, of each article.

    Memory grows by about 300 bytes an article, for its id, if the sketches are memory-mapped, as in the runner.
    """
    sketches = tables["sketches"]
    ids = sketches["article_id"].combine_chunks()
    order = pc.sort_indices(ids).to_numpy().astype(np.intp)  # by bytes of UTF-8, which is the order of code points
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    duplicates, kinds = _group_duplicates(sketches, rank, params.link)
    group = np.fromiter(map(duplicates.name, rank.tolist()), dtype=np.intp, count=len(rank))
    del duplicates
    blocks = _link_blocks(sketches, tables["events"], rank, group)
    block = np.fromiter(map(blocks.name, rank.tolist()), dtype=np.intp, count=len(rank))
    columns = [ids, ids.take(pa.array(order[group])), pa.array(kinds), ids.take(pa.array(order[block]))]
    return Step({"relations": pa.table(columns, schema=RELATIONS)}, rejects_table())


def write_links(tables: Tables, _params: Params) -> Step:
    """Write the `relations` and the folds of a batch's articles into every table that has a column for them."""
    relations, splits = tables["relations"], tables["splits"]
    known = relations["article_id"].combine_chunks()
    columns = {name: relations[name].combine_chunks() for name in RELATIONS.names[1:]}
    for split in ("article", "block"):
        own = splits.filter(pc.equal(splits["split"], split))
        places = pc.index_in(known, own["article_id"].combine_chunks())
        columns[f"fold_{split}"] = own["fold"].combine_chunks().take(places)
    beside = ("relations", "splits")
    kept = {name: table for name, table in tables.items() if name not in beside and "block_id" in table.column_names}
    for name, table in list(kept.items()):
        places = pc.index_in(table["article_id"].combine_chunks(), known)
        for column, values in columns.items():
            if column in table.column_names:
                kept[name] = set_column(kept[name], column, values.take(places))
    return Step(kept, rejects_table())
