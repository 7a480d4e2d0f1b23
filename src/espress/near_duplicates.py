"""Near-duplicate texts: shingles, MinHash sketches, candidates by banding (LSH), and groups of linked pairs.

The build uses this module for articles, `espress.audit` for the texts of any corpus. The two differ in the definition
of words, in thresholds, and in the comparison of candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from espress.errors import require
from espress.installation import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Item = TypeVar("Item", str, int)

_HASH_SEED = 1  # seed of the permutations: any fixed number, the same for all sketches that are compared


def shingles(words: Sequence[str], size: int) -> list[str]:
    """Return every sequence of `size` consecutive words, joined by spaces."""
    return list(map(" ".join, zip(*(words[start:] for start in range(size)), strict=False)))


def sketch(shingle_lists: Sequence[Sequence[str]], permutations: int) -> NDArray[np.uint32]:
    """Return the MinHash sketch of each list of shingles, (n, permutations).

    The share of positions at which two sketches are equal estimates the Jaccard similarity of the sets of shingles.

    Raises:
        MissingLibraryError: rensa is not installed.
    """
    require(["rensa"], "The search for near-duplicates", how_to_install("audit"))
    from rensa import RMinHash

    digests = RMinHash.digests_from_token_sets(shingle_lists, permutations, _HASH_SEED)
    return np.array(digests, dtype=np.uint32).reshape(-1, permutations)


def buckets(sketches: NDArray[np.uint32], bands: int) -> Iterator[NDArray[np.intp]]:
    """Cut sketches into bands, and yield each group of two or more rows that are equal in a band, in ascending order.

    Rows with Jaccard similarity s share a bucket of some band with probability 1 - (1 - s**r)**bands, where r is
    permutations / bands.
    """
    width = sketches.shape[1] // bands
    for first in range(0, bands * width, width):
        band = np.ascontiguousarray(sketches[:, first : first + width])
        keys = band.view(np.uint64) if width % 2 == 0 else band
        order = np.lexsort(keys.T)
        ends = np.append((keys[order][1:] != keys[order][:-1]).any(axis=1).nonzero()[0] + 1, len(order))
        starts = np.append(0, ends[:-1])
        for start, end in zip(*(each[ends - starts > 1].tolist() for each in (starts, ends)), strict=True):
            yield order[start:end]


class LinkedGroups(Generic[Item]):
    """Groups of linked items (union-find), each named by its smallest member; an item without links is a group."""

    def __init__(self) -> None:
        """Start without links."""
        self._parent: dict[Item, Item] = {}

    def name(self, item: Item) -> Item:
        """Return the smallest member of the item's group."""
        parent = self._parent
        while (above := parent.get(item, item)) != item:
            parent[item] = parent.get(above, above)
            item = parent[item]
        return item

    def link(self, first: Item, second: Item) -> None:
        """Join the groups of both items."""
        low, high = sorted((self.name(first), self.name(second)))
        self._parent[high] = low

    def linked(self) -> set[Item]:
        """Return every item that is in a group with another one."""
        found: set[Item] = set()
        for item, above in list(self._parent.items()):
            if above != item:
                found.update((item, self.name(item)))
        return found
