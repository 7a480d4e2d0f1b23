"""Mark the words in which texts differ, and the words that name the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A Chinese character, a word, a number, white space, or any other character.
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+(?:['’-][^\W\d_\u3400-\u9fff]+)*|\d+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A run of characters that are alike: whether they differ from the other text, and name the source."""

    text: str
    differs: bool = False
    is_source: bool = False


def _flag(tokens: Sequence[str], differing: set[int]) -> list[bool]:
    """Return for each character whether it differs; of white space, only that between two words that differ does."""
    words = {place for place in differing if not tokens[place].isspace()}
    blanks = {place for place, token in enumerate(tokens) if token.isspace()}
    joined = words | {place for place in blanks if place - 1 in words and place + 1 in words}
    return [place in joined for place, token in enumerate(tokens) for _ in token]


def find_differences(texts: Sequence[str]) -> list[list[bool]]:
    """Return for each character of each text whether it differs: from the first text, in the first from any other."""
    if not texts:
        return []
    tokens = [_TOKEN.findall(text) for text in texts]
    first: set[int] = set()
    others = []
    for own in tokens[1:]:
        differing: set[int] = set()
        for tag, a_start, a_end, b_start, b_end in SequenceMatcher(None, tokens[0], own, autojunk=False).get_opcodes():
            if tag != "equal":
                first.update(range(a_start, a_end))
                differing.update(range(b_start, b_end))
        others.append(differing)
    return [_flag(own, differing) for own, differing in zip(tokens, [first, *others], strict=True)]


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
