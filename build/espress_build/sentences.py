"""Sentence boundaries, by sentencex, with sentences inside quotations split too.

sentencex keeps a quotation in one piece. Units of coding are single claims, so quotation marks are hidden from it, one
space a mark, and a boundary that falls behind a closing mark is moved to include the mark. docs/segmentation.md has the
measurement behind the choice.
"""

from __future__ import annotations

import re

_MARKS = re.compile('["“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]')
_CLOSING = re.compile("[\"“”’'»›」』﹂﹄〞)\\]）】]+")


def boundaries(text: str, language: str | None) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence in code points, without white space around it, in order.

    `language` is an ISO 639-1 code with or without a region; None is read as English.
    """
    from sentencex import get_sentence_boundaries

    hidden = _MARKS.sub(" ", text)
    code = (language or "en").split("-")[0]
    ends = [found["end_index"] for found in get_sentence_boundaries(code, hidden)]
    spans, start = [], 0
    for end in [*ends, len(text)]:
        # The library's boundary lies behind the white space that follows the sentence; go back to its last character
        # and take the closing marks that stand right behind it along.
        last = start + len(hidden[start:end].rstrip())
        closing = _CLOSING.match(text, last)
        last = closing.end() if closing else last
        first = last - len(text[start:last].lstrip())
        if first < last:
            spans.append((first, last))
            start = last
    return spans
