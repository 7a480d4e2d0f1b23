"""Trace characters back from a paragraph in Unicode form NFC to its raw text, and from there to bytes of the source."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The byte position is stored for every 1024th character, so that look-ups take linear time in total.
_STRIDE = 1024
_FIRST_MARK = "\u0300"  # characters with smaller code points never compose with the preceding one


def nfc(text: str) -> str:
    """Return the text in Unicode normalization form C (UAX 15)."""
    return unicodedata.normalize("NFC", text)


def _is_starter(character: str) -> bool:
    """Return whether a character is a starter; one of class 0 that decomposes into marks (U+0F73) is not a starter."""
    return unicodedata.combining(unicodedata.normalize("NFD", character)[0]) == 0


def _clusters(raw: str) -> Iterator[str]:
    """Cut raw text into parts whose NFC forms, joined, are the NFC form of the whole.

    A character opens a new part if it is a starter and does not compose with the part before it.
    """
    part = ""
    for character in raw:
        starts = character < _FIRST_MARK or (
            _is_starter(character) and nfc(part + character) == nfc(part) + nfc(character)
        )
        if part and starts:
            yield part
            part = ""
        part += character
    if part:
        yield part


def _split_cluster(cluster: str) -> Iterator[str]:
    """Cut a cluster further where NFC leaves it unchanged, so that an uncomposed mark has its own range."""
    if nfc(cluster) == cluster:
        yield from cluster
    elif nfc(cluster) == nfc(cluster[0]) + nfc(cluster[1:]):
        yield from (cluster[0], cluster[1:])
    else:
        yield cluster


class Alignment:
    """The range of `raw` that each character of `nfc(raw)` comes from; characters that NFC composed share a range."""

    def __init__(self, raw: str) -> None:
        """Align `raw` with its NFC form, `text`."""
        self.text = nfc(raw)
        self._starts: list[int] | None = None  # None if the two are equal
        self._ends: list[int] = []
        if self.text != raw:
            self._starts, at = [], 0
            for part in (part for cluster in _clusters(raw) for part in _split_cluster(cluster)):
                size = len(nfc(part))
                self._starts += [at] * size
                at += len(part)
                self._ends += [at] * size

    def raw_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of `raw` that `text[start:end]`, which is not empty, comes from."""
        if self._starts is None:
            return start, end
        return self._starts[start], self._ends[end - 1]


@dataclass(frozen=True)
class Piece:
    """A part of a passage's raw text.

    It begins at character `at` of the raw text and at byte `source_start` of the source.
    Each character takes `width` bytes of the source; None means as many as in UTF-8.
    """

    at: int
    source_start: int
    width: int | None = None


@dataclass(frozen=True)
class Passage:
    """One paragraph of a field: its raw text as in the source, and the pieces that tile it.

    A piece may stand for more bytes than its characters have, for instance the space that replaces boilerplate
    within a paragraph.
    """

    raw: str
    pieces: tuple[Piece, ...]

    @cached_property
    def alignment(self) -> Alignment:
        """The raw text aligned with its NFC form."""
        return Alignment(self.raw)

    @property
    def text(self) -> str:
        """The paragraph in NFC."""
        return self.alignment.text

    @cached_property
    def _stored_bytes(self) -> tuple[int, ...]:
        sizes = (len(self.raw[at : at + _STRIDE].encode()) for at in range(0, len(self.raw), _STRIDE))
        return (0, *accumulate(sizes))

    def _bytes_before(self, offset: int) -> int:
        """Return how many bytes of UTF-8 the raw text has before an offset."""
        stored = offset // _STRIDE
        return self._stored_bytes[stored] + len(self.raw[stored * _STRIDE : offset].encode())

    def _piece(self, offset: int) -> Piece:
        return next(piece for piece in reversed(self.pieces) if piece.at <= offset)

    def _byte(self, offset: int) -> int:
        """Return the byte at which a character begins."""
        piece = self._piece(offset)
        if piece.width is not None:
            return piece.source_start + piece.width * (offset - piece.at)
        return piece.source_start + self._bytes_before(offset) - self._bytes_before(piece.at)

    def _byte_after(self, offset: int) -> int:
        """Return the byte at which the character before an offset ends; a tag may precede the next character."""
        piece = self._piece(offset - 1)
        if piece.width is None:
            return self._byte(offset)
        return piece.source_start + piece.width * (offset - piece.at)

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the byte range of the source that `text[start:end]`, which is not empty, comes from."""
        raw_start, raw_end = self.alignment.raw_range(start, end)
        return self._byte(raw_start), self._byte_after(raw_end)
