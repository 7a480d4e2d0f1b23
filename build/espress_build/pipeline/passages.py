"""A passage is a paragraph of a field; this is how its characters trace back to the bytes of the source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from espress_build.pipeline.alignment import Alignment

_STRIDE = 1024  # characters from one place whose byte is kept to the next, so that work grows with the length alone


@dataclass(frozen=True)
class Piece:
    """A run of a passage's raw text: it begins at character `at` of it, and at byte `source_start` of the source.

    Each character of it takes `width` bytes there, or, where that is None, those that it has in UTF-8.
    """

    at: int
    source_start: int
    width: int | None = None


@dataclass(frozen=True)
class Passage:
    """One paragraph: the raw text as in the source, and the pieces that it was put together from.

    Pieces tile the raw text. A piece may stand for more bytes than its characters have: the space that is put where
    a run of page furniture stood inside a paragraph.
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
    def _known_bytes(self) -> tuple[int, ...]:
        sizes = (len(self.raw[at : at + _STRIDE].encode()) for at in range(0, len(self.raw), _STRIDE))
        return (0, *accumulate(sizes))

    def _bytes_before(self, offset: int) -> int:
        known = offset // _STRIDE
        return self._known_bytes[known] + len(self.raw[known * _STRIDE : offset].encode())

    def _piece(self, offset: int) -> Piece:
        return next(piece for piece in reversed(self.pieces) if piece.at <= offset)

    def _byte_behind(self, offset: int) -> int:
        """Return where the character before an offset ends: with a tag behind it, not where the next one begins."""
        piece = self._piece(offset - 1)
        if piece.width is None:
            return self._byte(offset)
        return piece.source_start + piece.width * (offset - piece.at)

    def _byte(self, offset: int) -> int:
        piece = self._piece(offset)
        if piece.width is not None:
            return piece.source_start + piece.width * (offset - piece.at)
        return piece.source_start + self._bytes_before(offset) - self._bytes_before(piece.at)

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the byte range of the source that `text[start:end]`, which is not empty, came from."""
        raw_start, raw_end = self.alignment.raw_range(start, end)
        return self._byte(raw_start), self._byte_behind(raw_end)
