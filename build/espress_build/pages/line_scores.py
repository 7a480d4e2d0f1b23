"""How likely each line of a plain-text copy belongs to the article: a weighted sum of its form, words and place.

The features hold in any language. Their weights are those of a logistic regression on real pages turned into text in
several ways (`benchmarks/extraction/shipped_copies.py` fits them); they stand in `copies.toml` with lists of words.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import log1p
from typing import TYPE_CHECKING, Any

from espress.text import letter_words
from espress_build.pages.paragraphs import ends_sentence, is_prose, length, sentences_in

if TYPE_CHECKING:
    from espress_build.pages.lines import Line

_TECHNICAL = re.compile(r"https?://|www\.|\w@\w|[|›»©®™→▼▲✓_](?:\s|$)|\s/\s")
_DATED = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)|(?:19|20)\d\d")
_CLOSERS = "\"'”’“»«」』)]） "
_WITHOUT_SPACES = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_SHORT, _LONG, _MOST = 60, 160, 600  # lengths: of a heading at most, of a paragraph whatever its end, one's full weight
_NEAR, _FAR = 3, 13  # lines around that are looked at
_HELD = 400.0  # length of the prose above a heading of readers' comments that may be the article
_COMMON = 0.15  # share of the paragraphs that a word stands in if it is common


@dataclass(frozen=True)
class _Seen:
    """What a line shows by itself."""

    text: str
    length: int
    words: list[str]
    ends: bool
    prose: bool

    @property
    def mass(self) -> int:
        return min(self.length, _MOST)


@cache
def held() -> dict[str, Any]:
    """Return what `copies.toml` holds: weights and lists of words."""
    return tomllib.loads(files("espress_build.pages").joinpath("copies.toml").read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of a list of words: whole words, but in scripts without spaces wherever they stand."""
    words = sorted(set(held()[name].split()), key=lambda word: (-len(word), word))
    dense = re.compile(f"[{_WITHOUT_SPACES}]")
    spaced = "|".join(re.escape(word) for word in words if not dense.search(word))
    return re.compile(
        "|".join([rf"(?<!\w)(?:{spaced})(?!\w)", *(re.escape(word) for word in words if dense.search(word))]),
        re.IGNORECASE,
    )


def is_technical(text: str) -> bool:
    """Tell whether a line holds an address, a bar or an arrow, as menus and share prompts do."""
    return _TECHNICAL.search(text) is not None


def speaks_of_furniture(text: str) -> bool:
    """Tell whether a line has a word of menus, share prompts or notes on cookies, or speaks of readers' comments."""
    return any(_pattern(name).search(text) for name in ("furniture", "replies"))


def _see(text: str) -> _Seen:
    size = length(text)
    return _Seen(text, size, letter_words(text.casefold()), ends_sentence(text), is_prose(text))


def _capitals(text: str) -> float:
    """Return the share of words with a capital; a middling one where the script has none."""
    cased = [word for word in letter_words(text) if word[0].isupper() or word[0].islower()]
    return sum(word[0].isupper() for word in cased) / len(cased) if cased else 0.3


def _form(seen: _Seen, common: frozenset[str], count: int, *, after_gap: bool) -> dict[str, float]:
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


def _words_of_furniture(seen: _Seen) -> tuple[float, bool]:
    """Return the share of a line's words that furniture has, and whether the line speaks of readers' comments."""
    if seen.length >= _LONG:
        return 0.0, False
    share = len(_pattern("furniture").findall(seen.text)) / max(1, len(seen.words))
    return share, _pattern("replies").search(seen.text) is not None


def _around(prose: list[int], whole: list[int], first: int, last: int) -> tuple[float, float]:
    """Return the share of prose in some lines, and how much it is, from sums up to each line."""
    first, last = max(0, first), min(len(prose) - 1, last)
    if first >= last:
        return 0.0, 0.0
    much = prose[last] - prose[first]
    return much / max(1, whole[last] - whole[first]), min(log1p(much / 100), 3) / 3


def _places(lines: list[_Seen]) -> list[dict[str, float]]:
    """Return the features of where each line stands: in what, and how much of the prose is above and below it."""
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
            row[name], row[f"{name}_much"] = _around(prose, whole, first, last)
        rows.append(row)
    return rows


def _furniture(lines: list[_Seen], places: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the features of words: of furniture here and around, and whether a heading of comments stands above."""
    found = [_words_of_furniture(line) for line in lines]
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
            "furniture": share, "replies": replies, "closed": closed, "likely_closed": likely,
            "furniture_before": (marked[at] - marked[low]) / _NEAR,
            "furniture_behind": (marked[high] - marked[at + 1]) / _NEAR,
        })  # fmt: skip
    return rows


def features(lines: list[Line]) -> list[dict[str, float]]:
    """Return the features of each line by name."""
    seen = [_see(line.text) for line in lines]
    counts = Counter(line.text for line in lines)
    stands_in = Counter(word for line in seen if line.prose for word in set(line.words))
    least = max(2.0, _COMMON * sum(line.prose for line in seen))
    common = frozenset(word for word, count in stands_in.items() if count >= least)
    places = _places(seen)
    return [
        _form(own, common, counts[line.text], after_gap=line.after_gap) | place | words
        for own, line, place, words in zip(seen, lines, places, _furniture(seen, places), strict=True)
    ]


def scores(lines: list[Line]) -> tuple[list[float], int]:
    """Return for each line the logarithm of the odds that it belongs to the article, and where comments may begin.

    The second is the number of the first line under whose heading readers' comments may stand; that of lines, if none.
    """
    weights: dict[str, float] = held()["weights"]
    start: float = held()["intercept"]
    rows = features(lines)
    closing = next((at for at, row in enumerate(rows) if row["closed"]), len(rows))
    return [start + sum(weight * row[name] for name, weight in weights.items()) for row in rows], closing
