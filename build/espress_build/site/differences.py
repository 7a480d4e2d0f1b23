"""Mark the words in which texts differ, and the words that name the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A Chinese character, a word, a number, or any other character but white space.
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+(?:['’-][^\W\d_\u3400-\u9fff]+)*|\d+|\S")


@dataclass(frozen=True)
class Piece:
    """A run of characters for which two things are the same: they differ from the other text, they name the source."""

    text: str
    differs: bool = False
    is_source: bool = False


def _flag(text: str, words: Sequence[re.Match[str]], differing: set[int]) -> list[bool]:
    """Return for each character whether it differs; white space differs if the words on both sides of it differ."""
    flags = [False] * len(text)
    for place in differing:
        end = words[place + 1].start() if place + 1 in differing else words[place].end()
        for character in range(words[place].start(), end):
            flags[character] = True
    return flags


def _compare(one: Sequence[str], other: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return the places of the words in which each of two texts differs from the other."""
    first, second = set[int](), set[int]()
    if one != other:
        for tag, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if tag != "equal":
                first.update(range(start, end))
                second.update(range(other_start, other_end))
    return first, second


def find_differences(texts: Sequence[str]) -> list[list[bool]]:
    """Return whether each character of each text differs from the first text; of the first text, from any other."""
    matches = [list(_WORD.finditer(text)) for text in texts]
    words = [[match[0] for match in own] for own in matches]
    differing = [set[int]() for _ in texts]
    for place in range(1, len(texts)):
        first, differing[place] = _compare(words[0], words[place])
        differing[0] |= first
    return [_flag(*own) for own in zip(texts, matches, differing, strict=True)]


def cut(text: str, differing: Sequence[bool] = (), source: tuple[int, int] | None = None) -> list[Piece]:
    """Return a text as pieces.

    Args:
        text: any text.
        differing: whether each character differs; empty if none does.
        source: where the words that name the source begin and end.
    """
    begin, end = source or (0, 0)
    flags = [(bool(differing) and differing[place], begin <= place < end) for place in range(len(text))]
    pieces, place = [], 0
    for (differs, is_source), run in groupby(flags):
        length = len(list(run))
        pieces.append(Piece(text[place : place + length], differs, is_source))
        place += length
    return pieces
