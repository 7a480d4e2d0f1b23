"""References in cells of the open edition, which stand for quoted words.

`⟦<sentence_id>:<start>-<end>⟧` means `text[start:end]` of that unit in `sentences`, in code points; a letter after
the end changes the case. `⟦(⟧` and `⟦)⟧` mean the brackets themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OPEN, _CLOSE = "⟦", "⟧"
_MARK = re.compile(r"⟦(?:([()])|([^⟦⟧:\s]+):([0-9]+)-([0-9]+)([dclu]?))⟧")


# The letter after the end: quotations often change the case of the first letter.
CASES: dict[str, Callable[[str], str]] = {
    "": str,
    "d": lambda text: text[:1].lower() + text[1:],
    "c": lambda text: text[:1].upper() + text[1:],
    "l": str.lower,
    "u": str.upper,
}


def escape(text: str) -> str:
    """Escape text for a cell with references: its brackets become marks."""
    return re.sub("[⟦⟧]", lambda match: f"⟦{'(' if match[0] == _OPEN else ')'}⟧", text)


def mark(unit: str, start: int, end: int, case: str = "") -> str:
    """Return the reference to the words [start, end) of a unit; `case` is a key of `CASES`."""
    return f"{_OPEN}{unit}:{start}-{end}{case}{_CLOSE}"


def quoted_units(cell: str) -> set[str]:
    """Return the ids of the units that a cell quotes."""
    return {match[2] for match in _MARK.finditer(cell) if match[2]}


def own_words(cell: str) -> list[str]:
    """Return the cell's own words: the parts between its references."""
    return re.split(r"⟦[^⟦⟧]*⟧", cell)


def restore(cell: str, units: Mapping[str, str]) -> str:
    """Return the cell with words instead of references; raises KeyError if `units` lacks the text of a quoted unit."""

    def find_words(match: re.Match[str]) -> str:
        if match[1]:
            return _OPEN if match[1] == "(" else _CLOSE
        return CASES[match[5]](units[match[2]][int(match[3]) : int(match[4])])

    return _MARK.sub(find_words, cell)
