"""Cut a text into segments at the borders of marks and masks, so that each segment can become one HTML element."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress.masking import Mask


@dataclass(frozen=True)
class Mark:
    """Words of a text that name a source or attribute content to it: code points from `start` to `end`, exclusive."""

    start: int
    end: int
    kind: Literal["source", "cue"]
    key: str  # the entry that the mark belongs to


@dataclass(frozen=True)
class Segment:
    """A part of a text that one set of marks covers."""

    start: int
    end: int
    text: str  # the text from start to end, or the placeholder of a mask
    marks: tuple[Mark, ...] = ()
    masked: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the marks, each once, in alphabetical order."""
        return tuple(sorted({mark.kind for mark in self.marks}))

    @property
    def keys(self) -> tuple[str, ...]:
        """The entries that the marks belong to, each once, in order."""
        return tuple(dict.fromkeys(mark.key for mark in self.marks))


def cut(text: str, marks: Iterable[Mark] = (), masks: Iterable[Mask] = ()) -> list[Segment]:
    """Return segments that cover a text in order without gaps; marks may nest and overlap.

    A mask is never divided: a mark that covers any part of it covers its whole segment. Of masks that overlap, the one
    that begins first is used. Marks and masks that are empty or end outside the text are ignored.
    """
    inside = sorted(
        (one for one in marks if 0 <= one.start < one.end <= len(text)), key=lambda one: (one.start, one.end)
    )
    shown: list[Mask] = []
    for mask in sorted(masks, key=lambda one: (one.mask_start, one.mask_end)):
        if (shown[-1].mask_end if shown else 0) <= mask.mask_start < mask.mask_end <= len(text):
            shown.append(mask)
    spans = [(one.start, one.end) for one in inside] + [(one.mask_start, one.mask_end) for one in shown]
    borders = {0, len(text)}.union(*spans)
    borders -= {place for place in borders for mask in shown if mask.mask_start < place < mask.mask_end}
    masked = {mask.mask_start: mask.mask for mask in shown}
    ordered = sorted(borders)
    return [
        Segment(
            start,
            end,
            masked.get(start, text[start:end]),
            tuple(one for one in inside if one.start < end and start < one.end),
            start in masked,
        )
        for start, end in pairwise(ordered)
    ]
