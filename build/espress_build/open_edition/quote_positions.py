"""Replace quoted words in a cell by references to the article's units.

`espress.rejoining.quote_positions` puts the words back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from espress.rejoining.quote_positions import CASES, escape, mark
from espress.text import word_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|‘[^’]*’|(?<!\w)'.+?'(?!\w)", re.DOTALL)


class Words:
    """The words of a text: their spans, and their keys for comparison (case-folded, with one form of apostrophe)."""

    def __init__(self, text: str) -> None:
        """Split a text into words."""
        self.text, self.spans = text, word_spans(text)
        self.keys = tuple(text[start:end].casefold().replace("’", "'") for start, end in self.spans)

    def slice(self, first: int, last: int) -> str:
        """Return the text from one word to another, both included."""
        return self.text[self.spans[first][0] : self.spans[last][1]]


class Run(NamedTuple):
    """A sequence of words that a cell shares with a unit: the position of the first word in both, and the length."""

    at: int
    length: int
    unit: str
    unit_at: int


class Units:
    """Units by id, in order, with an index of their words."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Index (sentence_id, text) pairs."""
        self.words = {unit: Words(text) for unit, text in texts}
        self._places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for unit, words in self.words.items():
            for at, key in enumerate(words.keys):
                self._places[key].append((unit, at))

    def find_longest(self, cell: Words, at: int, preferred: str | None) -> Run | None:
        """Return the longest run that starts at a word of a cell; ties go to the preferred unit, then to the first."""
        best: Run | None = None
        for unit, unit_at in self._places.get(cell.keys[at], ()):
            pairs = zip(islice(cell.keys, at, None), islice(self.words[unit].keys, unit_at, None), strict=False)
            length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            if best is None or (length, unit == preferred) > (best.length, best.unit == preferred):
                best = Run(at, length, unit, unit_at)
        return best


def _find_runs(cell: Words, units: Units, shortest: list[int], preferred: str | None) -> Iterator[Run]:
    """Yield non-overlapping runs with at least the number of words that `shortest` requires at their first word."""
    at = 0
    while at < len(cell.keys):
        run = units.find_longest(cell, at, preferred)
        if run and run.length >= shortest[at]:
            yield run
            at += run.length
        else:
            at += 1


def _match_case(cell: Words, unit: Words, at: int, run: Run) -> tuple[int, str]:
    """Return (last word that agrees, case) for the case of `CASES` in which cell and unit agree longest; -1 if none."""
    best, shift = (-1, ""), run.unit_at - run.at
    for case, change in CASES.items():
        last = -1
        for word in range(at, run.at + run.length):
            if cell.slice(at, word) != change(unit.slice(at + shift, word + shift)):
                break
            last = word
        best = max(best, (last, case), key=lambda pair: pair[0])
    return best


def _make_marks(cell: Words, units: Units, run: Run) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, reference) for the parts of a run that can be restored exactly."""
    at, unit, shift = run.at, units.words[run.unit], run.unit_at - run.at
    while at < run.at + run.length:
        last, case = _match_case(cell, unit, at, run)
        if last >= at:
            place = unit.spans[at + shift][0], unit.spans[last + shift][1]
            yield cell.spans[at][0], cell.spans[last][1], mark(run.unit, *place, case)
        at = max(last, at) + 1


def hide(text: str, units: Units, words: int, *, quoted: int | None = None, first: str | None = None) -> str:
    """Return a cell with references instead of the runs that it shares with the units; its own words are kept.

    `espress.rejoining.quote_positions.restore` returns the original cell, whatever it contains.

    Args:
        text: the cell.
        units: the units that it may quote.
        words: the smallest number of consecutive words that are replaced.
        quoted: the same inside quotation marks; None means `words`.
        first: the unit that the cell most likely quotes.
    """
    cell = Words(text)
    passages = [match.span() for match in _QUOTED.finditer(text)] if quoted else []
    shortest = [
        quoted if quoted and any(start < place < end for start, end in passages) else words for place, _ in cell.spans
    ]
    parts, at = [], 0
    for run in _find_runs(cell, units, shortest, first):
        for start, end, place in _make_marks(cell, units, run):
            parts += [escape(text[at:start]), place]
            at = end
    return "".join([*parts, escape(text[at:])])
