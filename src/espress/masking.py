"""Mask names in the text of a unit, so that coders and models judge the statement and not its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Mask:
    """Code points [start, end) of a unit's text, and the placeholder that replaces them."""

    start: int
    end: int
    mask: str


def find_masks(text: str, names: list[tuple[str, str]]) -> list[Mask]:
    """Return the masks of a text, in order; names match as whole words and case-sensitively.

    Args:
        text: the text of a unit.
        names: pairs of a name and its placeholder; if two names match at one place, the first one is masked.
    """
    if not names:
        return []
    placeholders = dict(reversed(names))
    either = "|".join(re.escape(name) for name, _ in names)
    found = re.finditer(rf"(?<![^\W_])(?:{either})(?![^\W_])", text)
    return [Mask(match.start(), match.end(), placeholders[match[0]]) for match in found]


def apply_masks(text: str, masks: Iterable[Mask]) -> str:
    """Return the text with masks instead of names; `masks` must be in order."""
    parts, at = [], 0
    for mask in masks:
        parts += [text[at : mask.start], mask.mask]
        at = mask.end
    return "".join([*parts, text[at:]])


def unmask_range(masks: Iterable[Mask], start: int, end: int) -> tuple[int, int]:
    """Return the range of the original text for masked_text[start:end]; masks are included as a whole."""
    shift, first, last = 0, None, None
    for mask in masks:
        masked_start = mask.start - shift
        masked_end = masked_start + len(mask.mask)
        if first is None and start < masked_end:
            first = mask.start if start >= masked_start else start + shift
        if last is None and end <= masked_end:
            last = mask.end if end > masked_start else end + shift
        shift = mask.end - masked_end
    return (start + shift if first is None else first), (end + shift if last is None else last)


def find_contexts(units: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return unit -> context: the masked text of the unit before it in the same article.

    Args:
        units: article, id and masked text of each unit, in reading order.
    """
    return {unit: masked for (article, _, masked), (other, unit, _) in pairwise(units) if article == other}
