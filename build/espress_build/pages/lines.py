"""The lines of a plain-text copy, put together again where a program broke a paragraph into several."""

from __future__ import annotations

import re
from dataclasses import dataclass

from espress_build.pages.paragraphs import ends_sentence, length

_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]")
_ITEM = re.compile(
    r"(?:[-–—•*·‣▪●○■►+#]+|\[[^\]]{0,12}\]|[^\W\d_][.)]|\d{1,2}[.)、]|[（(]\w{1,2}[)）])(?:\s+|(?<=[•·‣▪●○■►、]))(?=\S)"
)
_WRAPPED = (45, 120)  # columns at which programs break lines
_SAME = 0.97  # share of a text whose lines are no wider than the width at which it is broken
_FULL = 0.35  # share of a broken text that stands on lines nearly as wide
_NEARLY = 0.85
_CLOSED = 0.35  # share of those lines that may end a sentence
_FRAGMENT = 25  # length that a part of a broken sentence has at least, or what it is joined to
_GOES_ON = tuple(",.;:)!?，。；：）、”’»")
_FEW_LINES = 0.7  # share of the widest that lines of a broken paragraph have, in a text that is else not broken


@dataclass
class Line:
    """A paragraph, menu entry or the like: its text, first and last line from 1, and whether a blank line is above."""

    text: str
    first: int
    last: int
    after_gap: bool
    columns: int  # of its last line


def is_item(text: str) -> bool:
    """Tell whether a line begins as the items of a list do."""
    return _ITEM.match(text) is not None


def _columns(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def _broken_at(lines: list[str]) -> int | None:
    """Return the number of columns at which a program broke a text; null where none did."""
    widths = sorted(_columns(line) for line in lines)
    whole, held, width = sum(widths), 0, 0
    for width in widths:
        held += width
        if held >= _SAME * whole:
            break
    full = [line for line in lines if _NEARLY * width <= _columns(line) <= width + 4]
    enough = sum(map(_columns, full)) >= _FULL * whole
    running = sum(map(ends_sentence, full)) <= _CLOSED * len(full)
    return width if _WRAPPED[0] <= width <= _WRAPPED[1] and enough and running else None


def _no_room(above: Line, text: str, width: int) -> bool:
    """Tell whether a line was broken because the next word did not fit."""
    word = 2 if _WIDE.match(text) else _columns(text.split(" ", 1)[0]) + 1
    return above.columns >= width / 2 and above.columns + word > width - 1


def _is_torn(above: Line, text: str) -> bool:
    """Tell whether a sentence goes on, torn apart where the page had a link or the like."""
    if ends_sentence(above.text) or above.text[-1] in ":|":
        return False
    goes_on = text[0].islower() or text[0] in _GOES_ON
    return goes_on and max(length(above.text), length(text)) >= _FRAGMENT


def _join(above: Line, text: str, number: int) -> None:
    apart = "" if _WIDE.match(text) or text[0] in _GOES_ON else " "
    above.text, above.last, above.columns = above.text + apart + text, number, _columns(text)


def _is_paragraph(group: list[Line]) -> bool:
    """Tell whether lines that stand alone together are one broken paragraph."""
    width, inner = max(line.columns for line in group), group[:-1]
    if not inner or not _WRAPPED[0] <= width <= _WRAPPED[1] or any(is_item(line.text) for line in group):
        return False
    filled = all(line.columns >= _FEW_LINES * width for line in inner)
    return filled and sum(ends_sentence(line.text) for line in inner) <= len(inner) / 2


def _together(lines: list[Line]) -> list[Line]:
    """Join each group of lines between blank ones that is one broken paragraph."""
    found: list[Line] = []
    group: list[Line] = []
    for line in [*lines, None]:
        if line is None or line.after_gap:
            if _is_paragraph(group) if group else False:
                last = group[-1]
                text = " ".join(one.text for one in group)
                found.append(Line(text, group[0].first, last.last, group[0].after_gap, last.columns))
            else:
                found += group
            group = []
        if line is not None:
            group.append(line)
    return found


def lines_of(text: str) -> list[Line]:
    """Return the lines of a copy that hold anything, broken paragraphs and torn sentences put together again."""
    filled = [
        (number, words)
        for number, line in enumerate(text.split("\n"), 1)
        if (words := " ".join(line.strip("\ufeff").split()))
    ]
    width = _broken_at([words for _, words in filled])
    found: list[Line] = []
    before = -1
    for number, words in filled:
        above = found[-1] if found and before == number - 1 and not is_item(words) else None
        if above and (_no_room(above, words, width) if width else _is_torn(above, words)):
            _join(above, words, number)
        else:
            found.append(Line(words, number, number, before != number - 1, _columns(words)))
        before = number
    return found if width else _together(found)
