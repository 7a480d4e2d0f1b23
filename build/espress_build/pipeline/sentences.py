"""Sentence boundaries, by sentencex, with sentences inside quotations split too.

sentencex keeps a quotation in one piece. Units of coding are single claims, so quotation marks are hidden from it, one
space a mark, and a boundary that falls behind a closing mark is moved to include the mark.
docs/maintain/segmentation.md has the measurement behind the choice.
"""

from __future__ import annotations

import re
from collections import Counter

_MARKS = re.compile('["“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]')
# White space is made plain as well: the library crashes on `B.` with a no-break space before the stop.
_HIDDEN = re.compile(rf"{_MARKS.pattern}|\s")
_CLOSING = frozenset("”’'」』﹂﹄〞)]）】")
# Marks that close in one language and open in another, and what they close: „…“ is Czech, “…” English and Chinese.
_PARTNER = {'"': '"', "“": "„", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_SPACED = re.compile(r"[ \u00a0\u202f]+(?=[»›])")  # French sets a space before its closing marks


def _closers(text: str) -> set[int]:
    """Return where a mark of two roles has a partner before it that nothing has closed yet."""
    seen: Counter[str] = Counter()
    closing = set()
    for match in _MARKS.finditer(text):
        mark = match[0]
        partner = _PARTNER.get(mark, "")
        if seen[mark] % 2 if mark == partner else seen[partner] > seen[mark]:
            closing.add(match.start())
        seen[mark] += 1
    return closing


def _behind_marks(text: str, at: int, closers: set[int]) -> int:
    """Return where the closing marks that stand right behind the end of a sentence, at `at`, end."""
    while at < len(text):
        if (spaced := _SPACED.match(text, at)) and spaced.end() in closers:
            at = spaced.end()
        elif text[at] in _PARTNER and text[at + 1 : at + 2].strip() and at not in closers:
            break  # it opens the next sentence, which follows without a space, as in Chinese
        elif text[at] not in _CLOSING and text[at] not in _PARTNER:
            break
        at += 1
    return at


def boundaries(text: str, language: str | None) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence in code points, without white space around it, in order.

    Every character that is no white space is in exactly one. A sentence goes on behind a quotation if a small letter
    follows: `“Really?” he asked.` is one. `language` is an ISO 639-1 code with or without a region; None is read as
    English.
    """
    from sentencex import get_sentence_boundaries

    hidden = _HIDDEN.sub(" ", text)
    code = (language or "en").split("-")[0]
    closers, size = _closers(text), len(hidden.rstrip())
    ends, start = [], 0
    for end in (found["end_index"] for found in get_sentence_boundaries(code, hidden)):
        # The library's boundary lies behind the white space that follows the sentence; go back to its last character
        # and take the closing marks that stand right behind it along.
        last = start + len(hidden[start:end].rstrip())
        behind = _behind_marks(text, last, closers)
        following = text[behind : behind + 9].lstrip()[:1]  # a space or a few
        goes_on = behind > last and following.islower()
        if start < last and behind < size and not goes_on:
            ends.append(behind)
            start = behind
    starts = [0, *ends]
    spans = zip(starts, [*ends, len(text.rstrip())], strict=True)
    return [(end - len(text[start:end].lstrip()), end) for start, end in spans if text[start:end].strip()]
