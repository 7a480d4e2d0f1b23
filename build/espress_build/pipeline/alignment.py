"""NFC with a way back: which characters of the raw text each normalised character came from."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def nfc(text: str) -> str:
    """Return the text in Unicode normalization form C (UAX 15)."""
    return unicodedata.normalize("NFC", text)


def _is_starter(character: str) -> bool:
    """Whether marks behind the character stay behind it; a few of class 0 (U+0F73) decompose into marks alone."""
    return unicodedata.combining(unicodedata.normalize("NFD", character)[0]) == 0


def _clusters(raw: str) -> Iterator[str]:
    """Cut raw text where NFC may be applied to each part alone: the parts' NFC, joined, is the NFC of the whole.

    A character opens a new part when it is a starter and does not compose with the part before it.
    """
    part = ""
    for character in raw:
        starts = _is_starter(character) and nfc(part + character) == nfc(part) + nfc(character)
        if part and starts:
            yield part
            part = ""
        part += character
    if part:
        yield part


def _narrowed(cluster: str) -> Iterator[str]:
    """Cut a cluster further where NFC leaves it as it is, so that a mark that stays does not claim its base."""
    if nfc(cluster) == cluster:
        yield from cluster
    elif nfc(cluster) == nfc(cluster[0]) + nfc(cluster[1:]):
        yield from (cluster[0], cluster[1:])
    else:
        yield cluster


class Alignment:
    """Where each character of `nfc(raw)` came from in `raw`; characters that NFC made together share a range."""

    def __init__(self, raw: str) -> None:
        """Align `raw` with its NFC form, which is `text`."""
        self.text = nfc(raw)
        self._starts: list[int] | None = None  # None: both are the same text
        self._ends: list[int] = []
        if self.text != raw:
            self._starts, at = [], 0
            for part in (part for cluster in _clusters(raw) for part in _narrowed(cluster)):
                size = len(nfc(part))
                self._starts += [at] * size
                at += len(part)
                self._ends += [at] * size

    def raw_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of `raw` that `text[start:end]`, which is not empty, came from."""
        if self._starts is None:
            return start, end
        return self._starts[start], self._ends[end - 1]
