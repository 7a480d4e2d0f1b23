"""Find the body in a plain-text copy of a page: the lines that are most likely the article, in any language.

Wrapped lines are joined first. Each line then has log odds of belonging to the article: a weighted sum of features of
its form, words and place. The weights are those of a logistic regression on real pages that were converted to text in
several ways (`benchmarks/extraction/shipped_copies.py --fit` writes them to `plaintext.toml`, beside lists of words).
The body is the run of lines with the largest sum of capped log odds, without the unlikely lines inside it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import accumulate, pairwise
from math import log1p
from typing import Any

from espress.text import letter_words
from espress_build.pages.prose import Body, Paragraph, Role, ends_sentence, is_prose, is_statement, length, sentences_in

_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]")
_ITEM = re.compile(
    r"(?:[-–—•*·‣▪●○■►+#]+|\[[^\]]{0,12}\]|[^\W\d_][.)]|\d{1,2}[.)、]|[（(]\w{1,2}[)）])(?:\s+|(?<=[•·‣▪●○■►、]))(?=\S)"
)
_WRAPPED = (45, 120)  # columns at which programs break lines
_SAME = 0.97  # share of a text on lines no wider than the width at which it may be broken
_FULL = 0.35  # at least this share of a broken text is on lines of nearly that width
_NEARLY = 0.85  # at least this share of the width is nearly that width
_CLOSED = 0.35  # largest share of these lines that may end a sentence
_FRAGMENT = 25  # the longer of two joined parts of a sentence has at least this length
_GOES_ON = tuple(",.;:)!?，。；：）、”’»")
_FEW_LINES = 0.7  # lines of a broken paragraph have at least this share of the width of its widest line
_TECHNICAL = re.compile(r"https?://|www\.|\w@\w|[|›»©®™→▼▲✓_](?:\s|$)|\s/\s")
_DATED = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)|(?:19|20)\d\d")
_CLOSERS = "\"'”’“»«」』)]） "
_WITHOUT_SPACES = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_SHORT = 60  # greatest length of a heading of comments
_LONG = 160  # length from which a line is a paragraph, whatever its end
_MOST = 600  # length from which a paragraph has its full weight
_NEAR, _FAR = 3, 13  # lines around that are looked at
_HELD = 400.0  # prose of at least this length above a heading of readers' comments may be the article
_COMMON = 0.15  # share of the paragraphs that have a common word
_SUREST = 4.0  # the odds of a line are capped at this value
_LOST = 3.0  # a line lowers the sum of a run by at most this value; a single line between two of prose does not
_LISTED = 1.0  # the same for the item of a list
_SURE = 2.0  # the odds of a page's most likely paragraph are raised to this value
_ENOUGH = 4.0  # a run above readers' comments with at least these odds may be the article
_UNLIKELY = -1.5  # odds below which a line inside the body is left out
_DOUBTFUL = -1.0  # the same for a short line that ends no sentence
_PART = -3.0  # the same for a heading between paragraphs and for the item of a list
_HEADING_LENGTH = 60
_TOLD = 100  # a line of at least this length is not a heading, menu entry or credit
_HEADING = (8, 140)  # lengths between which a line may be a sub-heading


@dataclass
class Line:
    """A paragraph, menu entry or the like: its text, first and last line from 1, and whether a blank line is above."""

    text: str
    first: int
    last: int
    after_gap: bool
    columns: int  # of its last line


def is_item(text: str) -> bool:
    """Return whether a line begins like an item of a list."""
    return _ITEM.match(text) is not None


def _columns(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def _broken_at(lines: list[str]) -> int | None:
    """Return the number of columns at which a program wrapped a text; None if it is not wrapped."""
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
    """Return whether a line was wrapped because the next word did not fit."""
    word = 2 if _WIDE.match(text) else _columns(text.split(" ", 1)[0]) + 1
    return above.columns >= width / 2 and above.columns + word > width - 1


def _is_torn(above: Line, text: str) -> bool:
    """Return whether a line continues the sentence above, which was split at a link or the like."""
    if ends_sentence(above.text) or above.text[-1] in ":|":
        return False
    goes_on = text[0].islower() or text[0] in _GOES_ON
    return goes_on and max(length(above.text), length(text)) >= _FRAGMENT


def _join(above: Line, text: str, number: int) -> None:
    apart = "" if _WIDE.match(text) or text[0] in _GOES_ON else " "
    above.text, above.last, above.columns = above.text + apart + text, number, _columns(text)


def _is_paragraph(group: list[Line]) -> bool:
    """Return whether lines between two blank ones are one wrapped paragraph."""
    width, inner = max(line.columns for line in group), group[:-1]
    if not inner or not _WRAPPED[0] <= width <= _WRAPPED[1] or any(is_item(line.text) for line in group):
        return False
    filled = all(line.columns >= _FEW_LINES * width for line in inner)
    return filled and sum(ends_sentence(line.text) for line in inner) <= len(inner) / 2


def _join_groups(lines: list[Line]) -> list[Line]:
    """Join each group of lines between blank ones that is one wrapped paragraph."""
    found: list[Line] = []
    starts = [0, *(at for at, line in enumerate(lines) if at and line.after_gap), len(lines)]
    for start, end in pairwise(starts):
        group = lines[start:end]
        if group and _is_paragraph(group):
            text = " ".join(line.text for line in group)
            group = [replace(group[0], text=text, last=group[-1].last, columns=group[-1].columns)]
        found += group
    return found


def lines_of(text: str) -> list[Line]:
    """Return the lines of a copy that are not blank, with wrapped paragraphs and split sentences joined."""
    lines = enumerate((" ".join(line.strip("\ufeff").split()) for line in text.split("\n")), 1)
    filled = [(number, words) for number, words in lines if words]
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
    return found if width else _join_groups(found)


@dataclass(frozen=True)
class _Form:
    """The form of a line."""

    text: str
    length: int
    words: list[str]
    ends: bool
    prose: bool

    @property
    def mass(self) -> int:
        return min(self.length, _MOST)


@cache
def read_weights() -> dict[str, Any]:
    """Return the weights and lists of words in `plaintext.toml`."""
    return tomllib.loads(files("espress_build.pages").joinpath("plaintext.toml").read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of a list of words: whole words; in scripts without spaces, anywhere."""
    words = sorted(set(read_weights()[name].split()), key=lambda word: (-len(word), word))
    dense = [word for word in words if re.search(f"[{_WITHOUT_SPACES}]", word)]
    spaced = "|".join(re.escape(word) for word in words if word not in dense)
    return re.compile("|".join([rf"(?<!\w)(?:{spaced})(?!\w)", *map(re.escape, dense)]), re.IGNORECASE)


def is_technical(text: str) -> bool:
    """Return whether a line holds an address, a bar or an arrow, as menus and share prompts do."""
    return _TECHNICAL.search(text) is not None


def has_boilerplate_word(text: str) -> bool:
    """Return whether a line has a word of menus, share prompts, cookie notes or readers' comments."""
    return any(_pattern(name).search(text) for name in ("boilerplate", "replies"))


def _capitals(text: str) -> float:
    """Return the share of words with a capital; a middle value if the writing system has no capitals."""
    cased = [word for word in letter_words(text) if word[0].isupper() or word[0].islower()]
    return sum(word[0].isupper() for word in cased) / len(cased) if cased else 0.3


def _measure_form(seen: _Form, common: frozenset[str], count: int, *, after_gap: bool) -> dict[str, float]:
    """Return the features of a line's own form."""
    text, size = seen.text, seen.length
    bare = text.rstrip(_CLOSERS)
    share = sum(word in common for word in seen.words) / max(1, len(seen.words))
    return {
        "tiny": min(size, 25) / 25,
        "long": min(max(size - 175, 0), 300) / 300,
        "prose": seen.prose,
        "ends": seen.ends,
        "ends_long": seen.ends and size >= 40,
        "asks": bare.endswith(("?", "？")),
        "calls": bare.endswith(("!", "！")),
        "trails_off": bare.endswith(("...", "…", "[...")),
        "open": bare.endswith((":", "：", ",", "，", ";", "；", "、")),
        "stops": min(sentences_in(text), 4) / 4,
        "commas": min(sum(map(text.count, ",，、;；")), 6) / 6,
        "lower": text[:1].islower(),
        "capitals": _capitals(text) if size >= 15 else 0.5,
        "digits": min(1.0, 4 * sum(map(str.isdigit, text)) / len(text)),
        "technical": is_technical(text),
        "dated": size < 120 and _DATED.search(text) is not None,
        "repeated": count > 1,
        "common": share,
        "common_short": share if size < 80 else 0.4,
        "quoted": text[0] in '“„«"「『',
        "after_gap": after_gap,
    }


def _boilerplate(seen: _Form) -> tuple[float, bool]:
    """Return the share of a line's words that are words of boilerplate, and whether it is about readers' comments."""
    if seen.length >= _LONG:
        return 0.0, False
    share = len(_pattern("boilerplate").findall(seen.text)) / max(1, len(seen.words))
    return share, _pattern("replies").search(seen.text) is not None


def _measure_around(prose: list[int], whole: list[int], first: int, last: int) -> tuple[float, float]:
    """Return the share and the amount of prose in a range of lines; `prose` and `whole` are running sums."""
    first, last = max(0, first), min(len(prose) - 1, last)
    if first >= last:
        return 0.0, 0.0
    much = prose[last] - prose[first]
    return much / max(1, whole[last] - whole[first]), min(log1p(much / 100), 3) / 3


def _measure_places(lines: list[_Form]) -> list[dict[str, float]]:
    """Return the features of the place of each line: the prose around, above and below it."""
    prose = list(accumulate((line.mass if line.prose else 0 for line in lines), initial=0))
    whole = list(accumulate((line.mass for line in lines), initial=0))
    total = max(1, prose[-1])
    density = total / max(1, whole[-1])
    rows = []
    for at, line in enumerate(lines):
        row = {"above": prose[at] / total, "below": (prose[-1] - prose[at + 1]) / total}
        row["share"] = line.mass / total if line.prose else 0.0
        row["edge"] = min(row["above"], row["below"])
        row |= {"dense": density, "dense_edge": density * row["edge"], "dense_prose": density * line.prose}
        for name, first, last in (
            ("before", at - 1, at), ("behind", at + 1, at + 2), ("near_before", at - _NEAR - 1, at - 1),
            ("near_behind", at + 2, at + 2 + _NEAR), ("far_before", at - _FAR - 1, at - _NEAR - 1),
            ("far_behind", at + 2 + _NEAR, at + 2 + _FAR),
        ):  # fmt: skip
            row[name], row[f"{name}_much"] = _measure_around(prose, whole, first, last)
        rows.append(row)
    return rows


def _boilerplate_features(lines: list[_Form], places: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the features of boilerplate words in and around each line, and of a heading of comments above it."""
    found = [_boilerplate(line) for line in lines]
    marked = list(accumulate((share > 0 or replies for share, replies in found), initial=0))
    total = sum(line.mass for line in lines if line.prose)
    rows, closed, likely = [], 0.0, 0.0
    for at, (line, (share, replies)) in enumerate(zip(lines, found, strict=True)):
        if replies and line.length < _SHORT and not (line.ends and line.length > 40):
            above = places[at]["above"]
            closed = max(closed, above * total >= _HELD)
            likely = max(likely, above >= 0.3)
        low, high = max(0, at - _NEAR), min(len(lines), at + 1 + _NEAR)
        rows.append({
            "boilerplate": share, "replies": replies, "closed": closed, "likely_closed": likely,
            "boilerplate_before": (marked[at] - marked[low]) / _NEAR,
            "boilerplate_behind": (marked[high] - marked[at + 1]) / _NEAR,
        })  # fmt: skip
    return rows


def features(lines: list[Line]) -> list[dict[str, float]]:
    """Return the features of each line by name."""
    seen = [
        _Form(text, length(text), letter_words(text.casefold()), ends_sentence(text), is_prose(text))
        for text in (line.text for line in lines)
    ]
    counts = Counter(line.text for line in lines)
    stands_in = Counter(word for line in seen if line.prose for word in set(line.words))
    least = max(2.0, _COMMON * sum(line.prose for line in seen))
    common = frozenset(word for word, count in stands_in.items() if count >= least)
    places = _measure_places(seen)
    return [
        _measure_form(own, common, counts[line.text], after_gap=line.after_gap) | place | words
        for own, line, place, words in zip(seen, lines, places, _boilerplate_features(seen, places), strict=True)
    ]


def scores(lines: list[Line]) -> tuple[list[float], int]:
    """Return for each line the logarithm of the odds that it belongs to the article, and where comments may begin.

    The second is the number of the first line that may head readers' comments; the number of lines if no line does.
    """
    weights: dict[str, float] = read_weights()["weights"]
    start: float = read_weights()["intercept"]
    rows = features(lines)
    closing = next((at for at, row in enumerate(rows) if row["closed"]), len(rows))
    return [start + sum(weight * row[name] for name, weight in weights.items()) for row in rows], closing


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
    """Return the capped odds of a line; `alone` if it is between two lines of prose."""
    lost = 0.0 if alone else _LISTED if is_item(line.text) else _LOST
    return max(-lost, min(_SUREST, odds))


def _lift(lines: list[Line], odds: list[float]) -> list[float]:
    """Return the odds, all raised by the same amount if no prose of the page is likely to be the article."""
    best = max((one for line, one in zip(lines, odds, strict=True) if is_prose(line.text)), default=_SURE)
    return [one + max(0.0, _SURE - best) for one in odds]


def _article(gains: list[float], closing: int) -> tuple[int, int]:
    """Return the best run; if it begins in readers' comments, the best run above them if its odds are high enough."""
    begin, end = _best_run(gains)
    above = _best_run(gains[:closing]) if begin >= closing else (begin, end)
    return above if sum(gains[slice(*above)]) >= _ENOUGH else (begin, end)


def _is_heading(line: Line) -> bool:
    text = line.text
    closed = ends_sentence(text) or text.endswith((":", "：", ",", "，", ";", "；")) or is_item(text)
    return not closed and _HEADING[0] <= length(text) <= _HEADING[1]


def _is_likely(line: Line, odds: float, *, alone: bool) -> bool:
    """Return whether a line inside the body is part of it."""
    if length(line.text) >= _HEADING_LENGTH or ends_sentence(line.text):
        return odds >= _UNLIKELY
    if alone and is_technical(line.text):
        return False
    return odds >= (_PART if alone or is_item(line.text) else _DOUBTFUL)


def _begins(line: Line) -> bool:
    """Return whether an article may begin with a line."""
    return is_prose(line.text) or is_statement(line.text)


def _widen(lines: list[Line], odds: list[float], begin: int, end: int) -> tuple[int, int]:
    """Extend a run by the sentences next to it, unless they are unlikely."""
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
    odds = _lift(lines, odds)
    gains = [_gain(line, one, alone=single) for line, one, single in zip(lines, odds, alone, strict=True)]
    begin, end = _widen(lines, odds, *_article(gains, closing))
    first = next((at for at in range(begin, end) if _begins(lines[at])), end)
    closing_lines = (at for at in range(end - 1, first, -1) if _begins(lines[at]) or length(lines[at].text) >= _TOLD)
    last = next(closing_lines, first)
    run = range(first, min(last + 1, end))
    kept = [lines[at] for at in run if _is_likely(lines[at], odds[at], alone=alone[at])]
    if not any(is_prose(line.text) for line in kept):
        return Body(())
    roles: list[Role] = ["sub-heading" if _is_heading(line) else "body" for line in kept]
    parts = zip(kept, roles, strict=True)
    return Body(tuple(Paragraph(line.text, role, (line.first, line.last)) for line, role in parts))
