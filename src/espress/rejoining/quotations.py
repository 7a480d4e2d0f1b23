"""Places instead of words: how a cell of the open edition names what it quotes, and how the words come back.

`⟦<sentence_id>:<start>-<end>⟧` stands for `text[start:end]` of that unit in `sentences`, in code points; a letter
behind the end changes case. `⟦(⟧` and `⟦)⟧` stand for the brackets themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OPEN, _CLOSE = "⟦", "⟧"
_MARK = re.compile(r"⟦(?:([()])|([^⟦⟧:\s]+):([0-9]+)-([0-9]+)([dclu]?))⟧")


def _first(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: change(text[:1]) + text[1:]


# What a letter behind the end does: words are often quoted with another first letter than they have in the unit.
CASES: dict[str, Callable[[str], str]] = {
    "": str,
    "d": _first(str.lower),
    "c": _first(str.upper),
    "l": str.lower,
    "u": str.upper,
}


def escape(text: str) -> str:
    """Return own words as a cell with marks has them: brackets of their own become marks."""
    return re.sub("[⟦⟧]", lambda match: f"⟦{'(' if match[0] == _OPEN else ')'}⟧", text)


def mark(unit: str, start: int, end: int, case: str = "") -> str:
    """Return the mark for the words [start, end) of a unit; `case` is a key of `CASES`."""
    return f"{_OPEN}{unit}:{start}-{end}{case}{_CLOSE}"


def quoted_units(cell: str) -> set[str]:
    """Return the ids of the units that a cell quotes."""
    return {match[2] for match in _MARK.finditer(cell) if match[2]}


def own_words(cell: str) -> list[str]:
    """Return what a cell says in its own words: the runs between its marks."""
    return re.split(r"⟦[^⟦⟧]*⟧", cell)


def restore(cell: str, units: Mapping[str, str]) -> str:
    """Return the cell with words for marks; raises KeyError where `units` lacks the text of a unit that it quotes."""

    def words(match: re.Match[str]) -> str:
        if match[1]:
            return _OPEN if match[1] == "(" else _CLOSE
        return CASES[match[5]](units[match[2]][int(match[3]) : int(match[4])])

    return _MARK.sub(words, cell)
