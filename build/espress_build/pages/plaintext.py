"""The body in a plain-text copy of a whole page: the run of lines that are most likely the article, in any language.

Each line has odds of belonging to the article (`scoring.py`). The body is the run of lines whose odds, none counted as
surer than a line can be, add up to most; what is most unlikely inside the run is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.pages.line_scores import is_technical, scores
from espress_build.pages.lines import is_item, lines_of
from espress_build.pages.paragraphs import Body, Paragraph, ends_sentence, is_prose, is_statement, length

if TYPE_CHECKING:
    from espress_build.pages.lines import Line

_SUREST = 4.0  # odds beyond which no line counts more
_LOST = 3.0  # what a line costs the run at most; a single line between two of prose costs nothing
_LISTED = 1.0  # the same for the item of a list
_SURE = 2.0  # odds of the surest paragraph of any page
_ENOUGH = 4.0  # odds of a run above readers' comments that may be the article
_UNLIKELY = -1.5  # odds below which a line inside the body is left out
_DOUBTFUL = -1.0  # the same for a short line that ends no sentence
_PART = -3.0  # the same for a heading between paragraphs and for the item of a list
_SHORT = 60
_TOLD = 100  # length of a line that is no heading, menu entry or credit
_HEADING = (8, 140)  # lengths between which a line may be a sub-heading


def _best_run(values: list[float]) -> tuple[int, int]:
    """Return where the run with the greatest sum begins and ends (exclusive); an empty one where none is positive."""
    best, begin, end, start, total = 0.0, 0, 0, 0, 0.0
    for number, value in enumerate(values):
        if total <= 0:
            start, total = number, 0.0
        total += value
        if total > best:
            best, begin, end = total, start, number + 1
    return begin, end


def _gain(line: Line, odds: float, *, alone: bool) -> float:
    """Return what a line adds to a run, or costs it; `alone` it stands between two of prose."""
    lost = 0.0 if alone else _LISTED if is_item(line.text) else _LOST
    return max(-lost, min(_SUREST, odds))


def _lifted(lines: list[Line], odds: list[float]) -> list[float]:
    """Return the odds so that the surest prose of a page, however short, is likely its article."""
    best = max((one for line, one in zip(lines, odds, strict=True) if is_prose(line.text)), default=_SURE)
    return [one + max(0.0, _SURE - best) for one in odds]


def _article(gains: list[float], closing: int) -> tuple[int, int]:
    """Return the best run, but one above the readers' comments, if there is any, rather than the comments."""
    begin, end = _best_run(gains)
    above = _best_run(gains[:closing]) if begin >= closing else (begin, end)
    return above if sum(gains[slice(*above)]) >= _ENOUGH else (begin, end)


def _is_heading(line: Line) -> bool:
    text = line.text
    closed = ends_sentence(text) or text.endswith((":", "：", ",", "，", ";", "；")) or is_item(text)
    return not closed and _HEADING[0] <= length(text) <= _HEADING[1]


def _is_likely(line: Line, odds: float, *, alone: bool) -> bool:
    """Tell whether a line inside the body is part of it."""
    if length(line.text) >= _SHORT or ends_sentence(line.text):
        return odds >= _UNLIKELY
    if alone and is_technical(line.text):
        return False
    return odds >= (_PART if alone or is_item(line.text) else _DOUBTFUL)


def _begins(line: Line) -> bool:
    """Tell whether an article may begin with a line."""
    return is_prose(line.text) or is_statement(line.text)


def _closes(line: Line) -> bool:
    """Tell whether an article may end with a line."""
    return _begins(line) or length(line.text) >= _TOLD


def _widened(lines: list[Line], odds: list[float], begin: int, end: int) -> tuple[int, int]:
    """Take the sentences next to a run into it, unless they are unlikely."""
    while begin < end < len(lines) and odds[end] >= _UNLIKELY and _begins(lines[end]):
        end += 1
    while 0 < begin < end and odds[begin - 1] >= _UNLIKELY and _begins(lines[begin - 1]):
        begin -= 1
    return begin, end


def body_of_text(text: str) -> Body:
    """Return the paragraphs of the article in a plain-text copy of its page, each with its lines, counted from 1."""
    lines = lines_of(text)
    odds, closing = scores(lines)
    prose = [False, *(is_prose(line.text) for line in lines), False]
    alone = [before and behind for before, behind in zip(prose, prose[2:], strict=False)]
    odds = _lifted(lines, odds)
    gains = [_gain(line, one, alone=single) for line, one, single in zip(lines, odds, alone, strict=True)]
    begin, end = _widened(lines, odds, *_article(gains, closing))
    first = next((at for at in range(begin, end) if _begins(lines[at])), end)
    last = next((at for at in range(end - 1, first, -1) if _closes(lines[at])), first)
    run = range(first, min(last + 1, end))
    kept = [lines[at] for at in run if _is_likely(lines[at], odds[at], alone=alone[at])]
    if not any(is_prose(line.text) for line in kept):
        return Body(())
    return Body(
        tuple(
            Paragraph(line.text, "sub-heading" if _is_heading(line) else "body", (line.first, line.last))
            for line in kept
        )
    )
