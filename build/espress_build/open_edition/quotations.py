"""Replace words of an article inside a cell by places in its units; `espress.rejoining.quotations` does the reverse."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.rejoining.quotations import CASES, escape, mark
from espress.text import word_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_QUOTATION = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|‘[^’]*’|(?<!\w)'.+?'(?!\w)", re.DOTALL)


@dataclass(frozen=True)
class Words:
    """A text, where its words stand, and what they are compared by: letters' case and the form of apostrophes aside."""

    text: str
    spans: tuple[tuple[int, int], ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Cut a text into words."""
        spans = tuple(word_spans(text))
        return cls(text, spans, tuple(text[start:end].casefold().replace("’", "'") for start, end in spans))

    def slice(self, first: int, last: int) -> str:
        """Return the text from one word to another, both included."""
        return self.text[self.spans[first][0] : self.spans[last][1]]


@dataclass(frozen=True)
class Run:
    """As many words of a cell, from word `at` on, as stand in a unit from its word `there` on."""

    at: int
    length: int
    unit: str
    there: int


class Units:
    """Units by id, in order, and where each word of them stands."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Index (sentence_id, text) pairs."""
        self.words = {unit: Words.of(text) for unit, text in texts}
        self._places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for unit, words in self.words.items():
            for at, key in enumerate(words.keys):
                self._places[key].append((unit, at))

    def longest(self, cell: Words, at: int, first: str | None = None) -> Run | None:
        """Return the longest run that opens at a word of a cell; of equals the one in unit `first`, or the earliest."""
        best: Run | None = None
        for unit, there in self._places.get(cell.keys[at], ()):
            keys, length = self.words[unit].keys, 1
            while (
                at + length < len(cell.keys)
                and there + length < len(keys)
                and cell.keys[at + length] == keys[there + length]
            ):
                length += 1
            if best is None or (length, unit == first) > (best.length, best.unit == first):
                best = Run(at, length, unit, there)
        return best


def quotations(text: str) -> list[tuple[int, int]]:
    """Return where passages between quotation marks stand, marks included."""
    return [match.span() for match in _QUOTATION.finditer(text)]


def _runs(cell: Words, units: Units, shortest: list[int], first: str | None) -> Iterator[Run]:
    """Yield runs that do not overlap; one counts if it has as many words as its first word asks for."""
    at = 0
    while at < len(cell.keys):
        run = units.longest(cell, at, first)
        if run and run.length >= shortest[at]:
            yield run
            at += run.length
        else:
            at += 1


def _exact(cell: Words, there: Words, at: int, run: Run) -> tuple[int, str]:
    """Return the last word up to which the cell is the unit's text in some case, and that case; -1 if there is none."""
    best, shift = (-1, ""), run.there - run.at
    for case, change in CASES.items():
        last = -1
        for word in range(at, run.at + run.length):
            if cell.slice(at, word) != change(there.slice(at + shift, word + shift)):
                break
            last = word
        best = max(best, (last, case), key=lambda pair: pair[0])
    return best


def _marks(cell: Words, units: Units, run: Run) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, mark) for the stretches of a run that can be had back letter by letter."""
    at, there, shift = run.at, units.words[run.unit], run.there - run.at
    while at < run.at + run.length:
        last, case = _exact(cell, there, at, run)
        if last >= at:
            place = there.spans[at + shift][0], there.spans[last + shift][1]
            yield cell.spans[at][0], cell.spans[last][1], mark(run.unit, *place, case)
        at = max(last, at) + 1


def hide(text: str, units: Units, words: int, *, quoted: int | None = None, first: str | None = None) -> str:
    """Return a cell in which runs of so many words of the units are places; its own words stay.

    Between quotation marks as few words as `quoted` are a run, elsewhere as few as `words`. `first` is the unit that
    the cell is most likely to quote. `espress.rejoining.quotations.restore` gives the cell back, whatever it holds.
    """
    cell = Words.of(text)
    inside = quotations(text) if quoted else []
    shortest = [
        quoted if quoted and any(start < place < end for start, end in inside) else words for place, _ in cell.spans
    ]
    parts, at = [], 0
    for run in _runs(cell, units, shortest, first):
        for start, end, place in _marks(cell, units, run):
            parts += [escape(text[at:start]), place]
            at = end
    return "".join([*parts, escape(text[at:])])
