"""Texts that stand in the corpus more than once, equal or nearly so, and on which side of the folds they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import MissingLibraryError
from espress.shortcut_audit.reference_models import WORD
from espress.shortcut_audit.result import DuplicateGroup, Duplicates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.codes import Coded
    from espress.shortcut_audit.folds import Design

SHINGLE = 3  # words: fewer meet by chance, more lose every changed word's neighbours
SHORTEST = 8  # words below which two texts share most shingles by convention ("He declined to comment.")
THRESHOLD = 0.7  # of Jaccard similarity: one changed word in about twenty-five
PERMUTATIONS, BANDS = 64, 16  # at the threshold a pair meets in some band in 99 of 100 cases
SEED = 1  # of the MinHash permutations: any fixed number
BATCH = 10_000  # texts whose shingles are in memory at a time
SHOWN = 20
EXCERPT = 80  # characters


def duplicates(coded: Coded, design: Design) -> Duplicates:
    """Find groups of equal texts (after letters' case and white space) and of texts that are nearly equal.

    Texts without a word are left out. Near pairs are proposed by MinHash over runs of 3 words and kept when the Jaccard
    similarity of the runs themselves reaches 0.7; groups are what such pairs link together.
    """
    exact, firsts = _exact(coded.texts)
    linked = _linked(coded.texts, firsts)
    members = _members(np.append(linked, -1)[exact])
    near = [len(np.unique(exact[rows])) > 1 for rows in members]
    straddling = [bool(np.ptp(design.folds[0, rows])) for rows in members]
    largest = sorted(range(len(members)), key=lambda at: (not straddling[at], -len(members[at]), members[at][0]))
    return Duplicates(
        exact_groups=near.count(False),
        near_groups=near.count(True),
        rows=sum(map(len, members)),
        straddling_groups=sum(straddling),
        tested_rows=sum(int(design.tested[rows].sum()) for rows, cut in zip(members, straddling, strict=True) if cut),
        tested_n=int(design.tested.sum()),
        threshold=THRESHOLD,
        how=f"Jaccard similarity of runs of {SHINGLE} words, texts of {SHORTEST} words and more; candidates by MinHash",
        shown=tuple(_shown(coded, members[at], near[at], straddling[at]) for at in largest[:SHOWN]),
    )


def _members(group: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each group of two and more; -1 is no group."""
    repeated = np.bincount(group + 1)[group + 1] > 1
    rows = np.flatnonzero(repeated & (group >= 0))
    order = rows[np.argsort(group[rows], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []


def _shown(coded: Coded, rows: NDArray[np.intp], near: bool, straddles: bool) -> DuplicateGroup:  # noqa: FBT001
    labels = tuple(coded.label.values[at] for at in np.unique(coded.label.codes[rows]))
    text = " ".join(coded.texts[int(rows[0])].as_py().split()) if coded.texts is not None else ""
    excerpt = text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
    named = coded.reading.name_rows(rows.tolist())
    return DuplicateGroup("near" if near else "exact", named, len(rows), labels, straddles, excerpt)


def _texts(texts: Any, rows: NDArray[np.intp]) -> list[str]:
    found: list[str] = texts.take(rows).to_pylist()
    return found


def _exact(texts: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each row the number of its normalised text (-1: no word), and the first row of each number."""
    numbers: dict[int, int] = {}
    firsts: list[int] = []
    found = np.full(len(texts), -1, dtype=np.intp)
    for start in range(0, len(texts), BATCH):
        for row, text in enumerate(texts.slice(start, BATCH).to_pylist(), start):
            plain = " ".join(text.casefold().split())
            if not WORD.search(plain):
                continue
            number = numbers.setdefault(_digest(plain), len(numbers))
            found[row] = number
            if number == len(firsts):
                firsts.append(row)
    return found, np.array(firsts, dtype=np.intp)


def _digest(text: str) -> int:
    """Return 16 bytes that stand for the text, as a number: a million texts themselves would not fit in memory."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest())


def _shingles(text: str) -> list[str]:
    words = WORD.findall(text.casefold())
    if len(words) < SHORTEST:
        return []
    return list(map(" ".join, zip(*(words[at:] for at in range(SHINGLE)), strict=False)))


def _linked(texts: Any, firsts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each distinct text the number of its group of near-duplicates."""
    try:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components
    except ImportError as error:
        raise MissingLibraryError("scipy", "The search for near-duplicates", "pip install 'espress[audit]'") from error
    pairs = _verified(texts, firsts, _candidates(*_sketches(texts, firsts)))
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(firsts), len(firsts)))
    group: NDArray[np.intp] = connected_components(graph, directed=False)[1].astype(np.intp)
    return group


def _sketches(texts: Any, firsts: NDArray[np.intp]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Return MinHashes (t, 64) of the texts that are long enough, and which of the distinct texts these are."""
    try:
        from rensa import RMinHash
    except ImportError as error:
        raise MissingLibraryError("rensa", "The search for near-duplicates", "pip install 'espress[audit]'") from error
    parts, long_enough = [np.empty((0, PERMUTATIONS), dtype=np.uint32)], [np.empty(0, dtype=np.intp)]
    for start in range(0, len(firsts), BATCH):
        cut = [_shingles(text) for text in _texts(texts, firsts[start : start + BATCH])]
        kept = [at for at, shingles in enumerate(cut) if shingles]
        if kept:
            digests = RMinHash.digests_from_token_sets([cut[at] for at in kept], PERMUTATIONS, SEED)
            parts.append(np.array(digests, dtype=np.uint32))
            long_enough.append(np.array(kept, dtype=np.intp) + start)
    return np.concatenate(parts), np.concatenate(long_enough)


def _candidates(sketches: NDArray[np.uint32], numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return pairs (p, 2) of distinct texts that agree in a band: each with the first and the last before it.

    So a band of b texts that agree gives fewer than 2 b pairs, not b**2 / 2; that is enough to link them all.
    """
    width = PERMUTATIONS // BANDS
    pairs = [np.empty((0, 2), dtype=np.intp)]
    for band in range(BANDS):
        part = np.ascontiguousarray(sketches[:, band * width : (band + 1) * width])
        keys = part.view(np.uint64)
        order = np.lexsort(keys.T[::-1])
        same = (keys[order][1:] == keys[order][:-1]).all(axis=1)
        begins = np.maximum.accumulate(np.where(np.append(False, same), 0, np.arange(len(order))))
        later = np.flatnonzero(np.append(False, same)) if len(order) else np.empty(0, dtype=np.intp)
        earlier = (later - 1, begins[later] if later.size else later)
        pairs += [np.stack([numbers[order[each]], numbers[order[later]]], axis=1) for each in earlier]
    found = np.sort(np.concatenate(pairs), axis=1)
    return np.unique(found, axis=0)


def _verified(texts: Any, firsts: NDArray[np.intp], pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the pairs whose shingles reach the threshold, compared as sets."""
    good = np.zeros(len(pairs), dtype=np.bool_)
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        needed = np.unique(part)
        cut = dict(zip(needed.tolist(), map(_shingle_set, _texts(texts, firsts[needed])), strict=True))
        good[start : start + BATCH] = [_jaccard(cut[one], cut[other]) >= THRESHOLD for one, other in part.tolist()]
    return pairs[good]


def _shingle_set(text: str) -> frozenset[str]:
    return frozenset(_shingles(text))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
