"""Sums of tickets drawn at random from urns: what resamples and permutations of tallies come down to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.int64]  # (W, n): what n blocks or tickets add, several counts packed into each of W words

CELLS = 2**16  # drawn tickets held at a time: what bounds memory, and stays in the processor's cache
FEWEST_ROWS = 8  # that are drawn at a time however many tickets each has: fewer are slow to sum
TICKETS = 2**12  # the most tickets that are made of several blocks together, for the same cache
BITS = 63  # of a word, the sign left out


def pack(columns: NDArray[Any], most: int) -> Words:
    """Return counts (C, n), none negative, as words (W, n), to be added as long as no sum of a count exceeds `most`.

    Adding words adds all their counts at once, which is what makes thousands of resamples cheap.

    Raises:
        EspressError: the counts are not whole numbers.
    """
    if columns.dtype.kind not in "iu":
        raise EspressError(f"Tallies of type {columns.dtype} cannot be resampled: counts must be whole numbers.")
    bits = max(1, int(most).bit_length())
    per_word = BITS // bits
    n_words = -(-len(columns) // per_word)
    words = np.zeros((n_words, columns.shape[1]), dtype=np.int64)
    for place, column in enumerate(columns):
        words[place // per_word] |= column.astype(np.int64) << (bits * (place % per_word))
    return words


def unpack(words: Words, n_columns: int, most: int) -> NDArray[np.int64]:
    """Return the counts (n_columns, n) that `pack` put into words, or their sums."""
    bits = max(1, int(most).bit_length())
    per_word = BITS // bits
    places = range(n_columns)
    return np.stack([(words[p // per_word] >> (bits * (p % per_word))) & ((1 << bits) - 1) for p in places])


def batches(n_rows: int, width: int) -> Iterator[slice]:
    """Yield slices of `n_rows` rows of `width` cells each, so many rows at a time as memory shall hold."""
    step = max(FEWEST_ROWS, CELLS // max(1, width))
    return (slice(first, min(first + step, n_rows)) for first in range(0, n_rows, step))


def draw(rng: np.random.Generator, tickets: int, times: int, n_rows: int) -> Iterator[tuple[slice, NDArray[np.intp]]]:
    """Yield (rows, drawn): for each row the numbers of `times` tickets, with replacement; drawn is (times, rows)."""
    # Two bytes are the cheapest to draw, as long as few of them are rejected.
    small = np.uint16 if tickets <= 2**12 else np.int64
    for rows in batches(n_rows, times):
        n = rows.stop - rows.start
        drawn = rng.integers(tickets, size=times * n, dtype=small).astype(np.intp, copy=False)
        # The longer axis lies in memory as a line: sums along it, or beside it, are then fast.
        yield rows, drawn.reshape((times, n), order="F" if times > n else "C")


def add_drawn(sums: Words, urn: Words, times: int, rng: np.random.Generator) -> None:
    """Add to each row of `sums` (W, rows) the words of `times` tickets drawn from `urn` (W, tickets)."""
    for rows, drawn in draw(rng, urn.shape[1], times, sums.shape[1]):
        for word, tickets in enumerate(urn):
            sums[word, rows] += tickets[drawn].sum(axis=0)
