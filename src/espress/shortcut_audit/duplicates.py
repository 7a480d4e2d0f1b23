"""Find rows with equal or nearly equal texts, and whether folds or the split separate them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.near_duplicates import LinkedGroups, buckets, shingles, sketch
from espress.shortcut_audit.result import DuplicateGroup, Duplicates
from espress.text import TOKEN, fold_for_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from espress.shortcut_audit.features import EncodedCorpus
    from espress.shortcut_audit.folds import Design

SHINGLE_WORDS = 3  # shorter sequences coincide by chance; with longer ones, a changed word changes too many shingles
SHORTEST_WORDS = 8  # shorter texts share most shingles by convention ("He declined to comment.")
THRESHOLD = 0.7  # Jaccard similarity: one changed word in about twenty-five
PERMUTATIONS, BANDS = 64, 16  # a pair at the threshold becomes a candidate in 99 of 100 cases
BATCH = 10_000  # number of texts whose shingles are in memory at the same time
SHOWN = 20
EXCERPT_CHARACTERS = 80


def find_duplicates(corpus: EncodedCorpus, design: Design) -> Duplicates:
    """Find groups of equal texts (case, white space and forms of marks aside) and of nearly equal texts.

    Texts without a word are left out. MinHash of sequences of 3 words proposes pairs; a pair counts as near-duplicates
    if the Jaccard similarity of its sequences is at least 0.7. Pairs that share a text are one group.
    """
    text_numbers, first_rows = _number_texts(corpus.texts)
    members = _members(np.append(_link_near_texts(corpus.texts, first_rows), -1)[text_numbers])
    near = [len(np.unique(text_numbers[rows])) > 1 for rows in members]
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
        how=(
            f"Jaccard similarity of sequences of {SHINGLE_WORDS} words, in texts of at least {SHORTEST_WORDS} words; "
            "candidates by MinHash"
        ),
        shown=tuple(_describe_group(corpus, members[at], near[at], straddling[at]) for at in largest[:SHOWN]),
    )


def _members(group: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each group of two or more rows; -1 means no group."""
    repeated = np.bincount(group + 1)[group + 1] > 1
    rows = np.flatnonzero(repeated & (group >= 0))
    order = rows[np.argsort(group[rows], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []


def _describe_group(corpus: EncodedCorpus, rows: NDArray[np.intp], near: bool, straddles: bool) -> DuplicateGroup:  # noqa: FBT001
    labels = tuple(corpus.label.values[at] for at in np.unique(corpus.label.codes[rows]))
    text = " ".join(corpus.texts[int(rows[0])].as_py().split())
    excerpt = text if len(text) <= EXCERPT_CHARACTERS else text[: EXCERPT_CHARACTERS - 1] + "…"
    named = corpus.corpus.name_rows(rows.tolist())
    return DuplicateGroup("near" if near else "exact", named, len(rows), labels, straddles, excerpt)


def _number_texts(texts: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the distinct texts after folding; return the number of each row (-1: no word) and the first row of each.

    Hashes of 16 bytes represent the texts, because a million texts would not fit in memory.
    """
    numbers: dict[bytes, int] = {}
    first_rows: list[int] = []
    found = np.full(len(texts), -1, dtype=np.intp)
    for start in range(0, len(texts), BATCH):
        for row, text in enumerate(texts.slice(start, BATCH).to_pylist(), start):
            plain = " ".join(fold_for_comparison(text).split())
            if TOKEN.search(plain):
                digest = hashlib.blake2b(plain.encode(errors="surrogatepass"), digest_size=16).digest()
                found[row] = numbers.setdefault(digest, len(numbers))
                if len(numbers) > len(first_rows):
                    first_rows.append(row)
    return found, np.array(first_rows, dtype=np.intp)


def _shingle_lists(texts: Any, rows: NDArray[np.intp]) -> list[list[str]]:
    """Return the shingles of these rows' texts; short texts have none."""
    words = [TOKEN.findall(fold_for_comparison(text)) for text in texts.take(rows).to_pylist()]
    return [shingles(each, SHINGLE_WORDS) if len(each) >= SHORTEST_WORDS else [] for each in words]


def _link_near_texts(texts: Any, first_rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the group of near-duplicates of each distinct text."""
    groups = LinkedGroups[int]()
    for one, other in _near_pairs(texts, first_rows):
        groups.link(one, other)
    return np.array([groups.name(number) for number in range(len(first_rows))], dtype=np.intp)


def _near_pairs(texts: Any, first_rows: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Yield the candidate pairs of distinct texts whose sets of shingles reach the threshold."""
    pairs = _candidates(texts, first_rows)
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        needed = np.unique(part)
        sets = dict(zip(needed.tolist(), map(frozenset, _shingle_lists(texts, first_rows[needed])), strict=True))
        for one, other in part.tolist():
            if len(sets[one] & sets[other]) / len(sets[one] | sets[other]) >= THRESHOLD:
                yield one, other


def _candidates(texts: Any, first_rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return candidate pairs (p, 2) of distinct texts: each text of a bucket with the first one and the one before it.

    A bucket of b texts gives fewer than 2 b pairs instead of b**2 / 2, which is enough to link all its texts.
    """
    numbers, sketches = [np.empty(0, dtype=np.intp)], [np.empty((0, PERMUTATIONS), dtype=np.uint32)]
    for start in range(0, len(first_rows), BATCH):
        lists = _shingle_lists(texts, first_rows[start : start + BATCH])
        kept = [at for at, found in enumerate(lists) if found]
        numbers.append(np.array(kept, dtype=np.intp) + start)
        sketches.append(sketch([lists[at] for at in kept], PERMUTATIONS))
    compared = np.concatenate(numbers)
    pairs = [np.empty((0, 2), dtype=np.intp)]
    for bucket in buckets(np.concatenate(sketches), BANDS):
        texts_in = compared[bucket]
        pairs += [
            np.stack([texts_in[:-1], texts_in[1:]], axis=1),
            np.stack(np.broadcast_arrays(texts_in[0], texts_in[2:]), axis=1),
        ]
    return np.unique(np.concatenate(pairs), axis=0)
