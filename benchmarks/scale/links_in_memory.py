"""Find the links of all articles with all sketches in memory; the stage `link` must give the same result."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from espress import near_duplicates
from espress.near_duplicates import LinkedGroups
from espress_build.tables import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Link


def _near_pairs(ids: list[str], minhash: Any, params: Link) -> Iterator[tuple[str, str]]:
    """Yield pairs whose estimated Jaccard similarity reaches the threshold; banding (LSH) gives the candidates."""
    for bucket in near_duplicates.buckets(minhash, params.bands):
        for at, first in enumerate(bucket[:-1]):
            similar = (minhash[bucket[at + 1 :]] == minhash[first]).mean(axis=1) >= params.near_threshold
            yield from ((ids[first], ids[other]) for other in bucket[at + 1 :][similar])


def _group_duplicates(sketches: Any, params: Link) -> tuple[LinkedGroups[str], dict[str, str]]:
    """Return the groups of articles that share their text, and for each article `exact`, `near` or `none`."""
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


def find_links_in_memory(sketches: Any, events: Any, params: Link) -> Any:
    """Return the `relations` of all articles: duplicate group and kind, and block, of each article."""
    duplicates, kinds = _group_duplicates(sketches, params)
    blocks = _form_blocks(sketches, events, duplicates)
    ids = sketches["article_id"].to_pylist()
    columns = [ids, [duplicates.name(a) for a in ids], [kinds[a] for a in ids], [blocks.name(a) for a in ids]]
    return pa.table(columns, schema=RELATIONS)
