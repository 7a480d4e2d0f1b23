"""The paragraphs of a body, and rules that recognise prose in any script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["body", "sub-heading", "standfirst"]

# In scripts without spaces, one character says about as much as three of an alphabet.
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_DENSITY = 3
_END = re.compile(r"[.!?…。！？؟।۔։።][\"'”’“»«›‹」』)\]）〉》\s]*$")
_STOPS = re.compile(r"[.!?…。！？؟।۔։።](?=[\"'”’“»«›‹」』)\]）\s]|$)|[。！？।۔]")
_PROSE = 60  # a line with at least this length that ends a sentence is prose
_STATEMENT = 25  # length of the shortest statement
_LONG = 160  # a line with at least this length is prose, whatever its end


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a body; in a plain text, `lines` are the numbers, from 1, of its first and last line."""

    text: str
    role: Role
    lines: tuple[int, int] | None = None


@dataclass(frozen=True)
class Body:
    """The paragraphs of an article in order; none if the page holds no prose."""

    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The paragraphs, separated by blank lines."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)


def length(text: str) -> int:
    """Return the length of a text in characters of an alphabet; those of denser scripts count as several."""
    return len(text) if text.isascii() else len(text) + (_DENSITY - 1) * len(_DENSE.findall(text))


def ends_sentence(text: str) -> bool:
    """Return whether a text ends with the end of a sentence, with or without closing quotation marks."""
    return _END.search(text, max(0, len(text) - 12)) is not None


def sentences_in(text: str) -> int:
    """Count the marks that end sentences."""
    return len(_STOPS.findall(text))


def is_prose(text: str) -> bool:
    """Return whether a text reads like a paragraph: long, or long enough and closed as a sentence is."""
    size = length(text)
    return size >= _PROSE and (ends_sentence(text) or (size >= _LONG and sentences_in(text) > 0))


def is_statement(text: str) -> bool:
    """Return whether a text ends as a statement, not as a question or call, which often address the reader."""
    return length(text) >= _STATEMENT and ends_sentence(text) and text.rstrip("\"'”’»“）)」』 ")[-1:] not in "?!？！…"
