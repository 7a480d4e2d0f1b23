"""What counts as a word, for counts and for comparing texts."""

from __future__ import annotations

import re

# Scripts written without spaces count by character, as is usual for Chinese and Japanese text lengths.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_SPACED = rf"[^\W_{_UNSPACED}]+"
_WORD = re.compile(rf"[{_UNSPACED}]|{_SPACED}(?:[’'\-\u2010]{_SPACED})*")


def words(text: str) -> list[str]:
    """Return the words of a text in order: runs of letters and digits, joined by apostrophe or hyphen."""
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return where each of these words stands, as (start, end) in code points."""
    return [match.span() for match in _WORD.finditer(text)]
