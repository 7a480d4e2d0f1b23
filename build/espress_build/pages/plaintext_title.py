"""The headline in a plain-text copy: the line above the body that shares most with it and stands near."""

from __future__ import annotations

import re

from espress.text import long_words
from espress_build.pages.line_scores import is_technical, speaks_of_furniture
from espress_build.pages.paragraphs import ends_sentence, is_prose, length

_DATED = re.compile(r"(?:19|20)\d\d\b|\d{1,2}[:.]\d{2}(?!\d)")
_LENGTH = (12, 180)
_LONG = 110  # length from which a line is rather a standfirst
_STANDFIRST = 70  # length of the shortest standfirst
_NEAR = 10  # lines above the body after which its nearness is halved
_FULL = 40  # length from which a headline is long enough to be sure
_CREDIT = 120  # length of the longest line of byline and date
_BELOW = 3  # lines below a headline among which byline and date stand
_SHARED = 0.4  # share of its words that a headline above its standfirst has in common with the body
_LEAST = 0.55  # what a headline has to reach
_READ = 400  # lines of the body that are read for its words


def _words(text: str) -> set[str]:
    """Return the longer words of a text; pairs of characters where a script has no spaces."""
    folded = text.casefold()
    return {word for start in (folded, folded[1:]) for word in long_words(start)}


def _share(text: str, common: set[str]) -> float:
    own = _words(text)
    return len(own & common) / len(own) if own else 0.0


def _value(text: str, away: int, common: set[str], below: list[str]) -> float:
    """Return how much a line looks like the headline; `below` are the next lines, among which byline and date stand."""
    value = _share(text, common) * min(1.0, length(text) / _FULL) + 0.5 * _NEAR / (_NEAR + away)
    value += 0.3 * any(_DATED.search(line) and length(line) < _CREDIT for line in below)
    value -= 0.3 * (ends_sentence(text) and text[-1] not in "?!？！") + 0.4 * speaks_of_furniture(text)
    value -= 0.4 * (_DATED.search(text) is not None) + 0.2 * (length(text) > _LONG)
    return value - 0.4 * (text[0] in "([（【" or text[-1] in ":：")


def _fits(text: str) -> bool:
    """Tell whether a line has the form of a headline."""
    standfirst = is_prose(text) and ends_sentence(text) and length(text) > 2 * _FULL
    return _LENGTH[0] <= length(text) <= _LENGTH[1] and not is_technical(text) and not standfirst


def headline(lines: list[str], first: int, taken: set[int]) -> int | None:
    """Return the number of the line, from 1, that is the headline of a body whose first line is `first`.

    Lines in `taken` (bylines, dates) are none; null where no line is likely.
    """
    common = _words(" ".join(lines[first - 1 : first - 1 + _READ]))
    filled = [(number, text) for number, line in enumerate(lines[: first - 1], 1) if (text := line.strip())]
    found = [
        (_value(text, len(filled) - at, common, [line for _, line in filled[at + 1 : at + 1 + _BELOW]]), at)
        for at, (number, text) in enumerate(filled)
        if number not in taken and _fits(text)
    ]
    value, best = max(found, default=(0.0, 0))
    if value < _LEAST:
        return None
    number, text = filled[max(0, best - 1)]  # what is taken may be the standfirst, and the line above it the headline
    above = number not in taken and _fits(text) and not _DATED.search(text) and not speaks_of_furniture(text)
    told = _STANDFIRST <= length(filled[best][1]) > length(text) and _share(text, common) >= _SHARED
    return number if above and told else filled[best][0]
