"""The body in a plain-text copy of a whole page: the run of lines that reads as prose, in any language.

Every line gets a score from its form alone, without word lists: a paragraph gains, a menu entry costs. The body is the
run of lines whose scores add up to most; then what stands inside it without being part of it is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from espress_build.pages.paragraphs import (
    Body,
    Paragraph,
    Role,
    ends_sentence,
    is_prose,
    is_statement,
    length,
    sentences_in,
)

_WRAPPED = (45, 110)  # widths at which programs break lines
_FILLED = 0.7  # share of that width that a broken line fills, or more
_ITEM = re.compile(r"^(?:[-–—•*·‣▪●○■►]|\d{1,2}[.)、]|[（(]\d{1,2}[)）])\s*\S")
_TECHNICAL = re.compile(r"https?://|www\.|[\w.]+@\w|[|›»©®™→▼▲✓_](?:\s|$)|\s/\s|\d{1,2}:\d{2}")
_GAIN = 80.0  # characters of prose that are worth one point
_MOST_GAIN = 3.0
_FURNITURE_COST = 0.5
_REPEATED_COST = 1.0
_STATEMENT_GAIN = 0.15  # a short line that states something may be speech, or not
_OPEN_COST = 0.1  # a line that ends as if another followed is part of a list more often than of a menu
_OPEN = re.compile(r".{12,}[;:,，；：、]$")
_RUN_COST = 0.1  # each further line of furniture in a row costs as much more
_MOST_RUN = 4
_HEADING = (8, 140)  # lengths between which a line may be a sub-heading


@dataclass(frozen=True)
class _Line:
    text: str
    first: int
    last: int


def _is_wrapped(group: list[str]) -> bool:
    """Tell whether lines that stand together are one paragraph that a program has broken."""
    width = max(map(len, group))
    if len(group) < 2 or not _WRAPPED[0] <= width <= _WRAPPED[1]:
        return False
    inner = group[:-1]
    filled = sum(len(line) >= _FILLED * width for line in inner) == len(inner)
    return filled and sum(map(ends_sentence, inner)) <= len(inner) / 2


def _lines(text: str) -> list[_Line]:
    """Return the lines that hold anything, broken paragraphs put together again."""
    numbered = [(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1)]
    found: list[_Line] = []
    for filled, members in groupby(numbered, key=lambda one: bool(one[1].strip("\ufeff"))):
        group = list(members)
        if not filled:
            continue
        if _is_wrapped([line for _, line in group]):
            found.append(_Line(" ".join(line for _, line in group), group[0][0], group[-1][0]))
        else:
            found += (_Line(line, number, number) for number, line in group)
    return found


def _scores(lines: list[_Line]) -> list[float]:
    """Return what each line gains or costs as a part of the body."""
    seen = Counter(line.text for line in lines)
    scores, row = [], 0
    for line in lines:
        text = line.text
        if seen[text] > 1 and length(text) < 200:
            scores.append(-_REPEATED_COST)
        elif is_prose(text):
            scores.append(min(_MOST_GAIN, 0.5 + length(text) / _GAIN) + 0.1 * min(3, sentences_in(text) - 1))
            row = 0
            continue
        elif ends_sentence(text) and not _TECHNICAL.search(text):
            scores.append(_STATEMENT_GAIN if is_statement(text) else 0.0)
            continue
        elif _OPEN.search(text):
            scores.append(-_OPEN_COST)
            continue
        else:
            scores.append(-_FURNITURE_COST - _RUN_COST * min(row, _MOST_RUN))
        row += 1
    return scores


def _best_run(scores: list[float]) -> tuple[int, int]:
    """Return where the run with the greatest sum begins and ends (exclusive); an empty one where none is positive."""
    best, begin, end, start, total = 0.0, 0, 0, 0, 0.0
    for number, score in enumerate(scores):
        if total <= 0:
            start, total = number, 0.0
        total += score
        if total > best:
            best, begin, end = total, start, number + 1
    return begin, end


def _role(lines: list[_Line], at: int, prose: list[bool]) -> Role | None:
    """Return the part that a line inside the body plays; null for none."""
    text = lines[at].text
    if prose[at] or _ITEM.match(text) or _OPEN.search(text):
        return "body"
    if _TECHNICAL.search(text):
        return None
    if ends_sentence(text):
        return "body"
    alone = all(prose[near] or ends_sentence(lines[near].text) for near in (at - 1, at + 1))
    return "sub-heading" if alone and _HEADING[0] <= length(text) <= _HEADING[1] else None


def body_of_text(text: str) -> Body:
    """Return the paragraphs of the article in a plain-text copy of its page, each with its lines, counted from 1."""
    lines = _lines(text)
    begin, end = _best_run(_scores(lines))
    seen = Counter(line.text for line in lines)
    inside = lines[begin:end]
    prose = [is_prose(line.text) for line in inside]
    while inside and not (prose[-1] or is_statement(inside[-1].text)):
        inside, prose = inside[:-1], prose[:-1]
    while inside and not (prose[0] or is_statement(inside[0].text)):
        inside, prose = inside[1:], prose[1:]
    paragraphs = []
    for at, line in enumerate(inside):
        role = _role(inside, at, prose) if prose[at] or seen[line.text] == 1 else None
        if role:
            paragraphs.append(Paragraph(line.text, role, (line.first, line.last)))
    return Body(tuple(paragraphs))
