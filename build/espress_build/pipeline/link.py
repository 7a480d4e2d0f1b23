"""The stages `sketch` and `link`: find articles that share their text or are linked by outlet, event or text.

`sketch` reduces each article to a MinHash of fixed size. `link` works in two passes: it finds the links among the
sketches of all articles, then writes them into the tables of each batch. No article is dropped: duplicates form groups.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress import near_duplicates
from espress.near_duplicates import LinkedGroups
from espress.text import fold_for_comparison, words
from espress_build.tables import RELATIONS, SKETCHES, Step, Tables, rejects_table, set_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Link, Params


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


def _near_pairs(ids: list[str], minhash: Any, params: Link) -> Iterator[tuple[str, str]]:
    """Yield pairs whose estimated Jaccard similarity reaches the threshold; banding (LSH) gives the candidates."""
    for bucket in near_duplicates.buckets(minhash, params.bands):
        for at, first in enumerate(bucket[:-1]):
            similar = (minhash[bucket[at + 1 :]] == minhash[first]).mean(axis=1) >= params.near_threshold
            yield from ((ids[first], ids[other]) for other in bucket[at + 1 :][similar])


def _group_duplicates(sketches: Any, params: Link) -> tuple[LinkedGroups[str], dict[str, str]]:
    """Return the groups of articles that share their text, and for each article `exact`, `near` or `none`."""
    import numpy as np

    ids = sketches["article_id"].to_pylist()
    groups, kinds = LinkedGroups[str](), dict.fromkeys(ids, "none")
    same_text: dict[str, list[str]] = defaultdict(list)
    for article, text_hash in zip(ids, sketches["text_sha256"].to_pylist(), strict=True):
        same_text[text_hash].append(article)
    firsts = {members[0] for members in same_text.values()}
    comparable = [
        article in firsts and digest.is_valid for article, digest in zip(ids, sketches["minhash"], strict=True)
    ]
    some = sketches.filter(pa.array(comparable, pa.bool_()))
    flat = some["minhash"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    minhash = np.asarray(flat, dtype=np.uint32).reshape(-1, params.permutations)
    for first, second in _near_pairs(some["article_id"].to_pylist(), minhash, params):
        groups.link(first, second)
        kinds[first] = kinds[second] = "near"
    for members in same_text.values():
        for other in members[1:]:
            groups.link(members[0], other)
            kinds[members[0]] = kinds[other] = "exact"
    return groups, kinds


def _form_blocks(sketches: Any, events: Any, duplicates: LinkedGroups[str]) -> LinkedGroups[str]:
    """Link articles by outlet, by event (except events of kind `bucket`) and by shared text."""
    ids = sketches["article_id"].to_pylist()
    groups = LinkedGroups[str]()
    for article in ids:
        groups.link(duplicates.name(article), article)
    first: dict[tuple[str, str], str] = {}
    kinds = dict(zip(events["event_id"].to_pylist(), events["event_kind"].to_pylist(), strict=True))
    columns = (sketches["outlet_id"].to_pylist(), sketches["event_ids"].to_pylist())
    for article, outlet, reported in zip(ids, *columns, strict=True):
        real = [event for event in reported if kinds[event] == "event"]
        for link in (("outlet", outlet), *(("event", event) for event in real)):
            groups.link(first.setdefault(link, article), article)
    return groups


def find_links(tables: Tables, params: Params) -> Step:
    """Turn the `sketches` of all articles into `relations`: duplicate group and kind, and block, of each article."""
    sketches = tables["sketches"]
    duplicates, kinds = _group_duplicates(sketches, params.link)
    blocks = _form_blocks(sketches, tables["events"], duplicates)
    ids = sketches["article_id"].to_pylist()
    columns = [ids, [duplicates.name(a) for a in ids], [kinds[a] for a in ids], [blocks.name(a) for a in ids]]
    return Step({"relations": pa.table(columns, schema=RELATIONS)}, rejects_table())


def write_links(tables: Tables, _params: Params) -> Step:
    """Write the `relations` and the folds of a batch's articles into every table that has a column for them."""
    known: dict[str, dict[str, Any]] = {row["article_id"]: dict(row) for row in tables["relations"].to_pylist()}
    for row in tables["splits"].to_pylist():
        if row["article_id"] in known:
            known[row["article_id"]][f"fold_{row['split']}"] = row["fold"]
    columns = (*RELATIONS.names[1:], "fold_article", "fold_block")
    beside = ("relations", "splits")
    kept = {name: table for name, table in tables.items() if name not in beside and "block_id" in table.column_names}
    for name, table in list(kept.items()):
        ids = table["article_id"].to_pylist()
        for column in (column for column in columns if column in table.column_names):
            kept[name] = set_column(kept[name], column, [known[article][column] for article in ids])
    return Step(kept, rejects_table())
