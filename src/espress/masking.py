"""Mask names in the text of a unit, so that coders and models judge the statement and not its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTEXT_UNITS = 10  # units of an article that are shown before a unit, and after it
PERSON = "[PERSON_"  # the beginning of every placeholder for a private person


@dataclass(frozen=True)
class Mask:
    """The placeholder that replaces the code points [mask_start, mask_end) of a unit's text."""

    mask_start: int
    mask_end: int
    mask: str


# Scripts in which a name directly touches other words: Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese.
_TOUCHING = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PREFIXES = "وفبلك" + "והבלמשכ"  # Arabic and Hebrew conjunctions and prepositions that are written with the next word
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_BEFORE = rf"(?:(?<![^\W_])|(?<=[{_TOUCHING}])|(?<=(?<![^\W_])[{_PREFIXES}])|(?<=(?<![^\W_])[{_PREFIXES}]{{2}}))"


def fold_name(text: str) -> str:
    """Return a text without invisible characters and with every run of white space as one space."""
    return " ".join(re.sub(f"[{_INVISIBLE}]", "", text).split())


def _match_name(name: str) -> str:
    """Return a pattern that finds a name as a whole word, also with other white space or invisible characters in it."""
    parts = [rf"[{_INVISIBLE}]*".join(map(re.escape, part)) for part in fold_name(name).split(" ")]
    touches = rf"[{_TOUCHING}]"
    before = "" if re.match(touches, name) else _BEFORE
    after = "" if re.search(rf"{touches}$", name) else rf"(?:(?![^\W_])|(?={touches}))"
    return before + rf"[\s{_INVISIBLE}]+".join(parts) + after


def find_masks(text: str, names: list[tuple[str, str]]) -> list[Mask]:
    """Return the masks of a text, in order; names match as whole words and case-sensitively.

    In scripts without spaces, a name also matches inside a longer run of letters. Names that contain no-break spaces or
    soft hyphens are found, and so are names with an Arabic or Hebrew conjunction or preposition attached.

    Args:
        text: the text of a unit.
        names: pairs of a name and its placeholder; if two names match at one place, the first one is masked.
    """
    if not names:
        return []
    placeholders = {fold_name(name): mask for name, mask in reversed(names)}
    found = re.finditer("|".join(_match_name(name) for name, _ in names), text)
    return [Mask(match.start(), match.end(), placeholders[fold_name(match[0])]) for match in found]


def apply_masks(text: str, masks: Iterable[Mask]) -> str:
    """Return the text with placeholders instead of names; `masks` must be in order."""
    parts, at = [], 0
    for mask in masks:
        parts += [text[at : mask.mask_start], mask.mask]
        at = mask.mask_end
    return "".join([*parts, text[at:]])


def unmask_range(masks: Iterable[Mask], start: int, end: int) -> tuple[int, int]:
    """Return the range of the original text for masked_text[start:end]; masks are included as a whole."""
    shift, first, last = 0, None, None
    for mask in masks:
        masked_start = mask.mask_start - shift
        masked_end = masked_start + len(mask.mask)
        if first is None and start < masked_end:
            first = mask.mask_start if start >= masked_start else start + shift
        if last is None and end <= masked_end:
            last = mask.mask_end if end > masked_start else end + shift
        shift = mask.mask_end - masked_end
    return (start + shift if first is None else first), (end + shift if last is None else last)


def find_contexts(units: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str | None, str | None]]:
    """Return unit -> context: the masked texts of up to CONTEXT_UNITS units before it, and of as many after it.

    A context has one unit of the same article on each line; it is None at the beginning or end of the article.

    Args:
        units: article, id and masked text of each unit, in reading order.
    """
    found: dict[str, tuple[str | None, str | None]] = {}
    for _, group in groupby(units, key=lambda one: one[0]):
        own = list(group)
        texts = [masked for _, _, masked in own]
        for at, (_, unit, _) in enumerate(own):
            before, after = texts[max(0, at - CONTEXT_UNITS) : at], texts[at + 1 : at + 1 + CONTEXT_UNITS]
            found[unit] = "\n".join(before) or None, "\n".join(after) or None
    return found
