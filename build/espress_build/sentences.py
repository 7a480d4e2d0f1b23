"""Sentence boundaries, by sentencex, with sentences inside quotations split too.

sentencex keeps a quotation in one piece. Units of coding are single claims, so quotation marks are hidden from it, one
space a mark, and a boundary that falls behind a closing mark is moved to include the mark. docs/segmentation.md has the
measurement behind the choice.
"""

from __future__ import annotations

import re

_MARKS = re.compile('["“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]')
_CLOSING = frozenset("”’'」』﹂﹄〞)]）】")
# Marks that close in one language and open in another, and what they close: „…“ is Czech, “…” English and Chinese.
_PARTNER = {'"': '"', "“": "„", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_SPACED = re.compile(r"[ \u00a0\u202f]+(?=[»›])")  # French sets a space before its closing marks


def _is_open(text: str, at: int) -> bool:
    """Whether the mark at that place has a partner before it that nothing has closed yet."""
    mark, partner = text[at], _PARTNER[text[at]]
    if mark == partner:
        return text.count(mark, 0, at) % 2 == 1
    return text.count(partner, 0, at) > text.count(mark, 0, at)


def _behind_marks(text: str, at: int) -> int:
    """Return where the closing marks that stand right behind the end of a sentence, at `at`, end."""
    while at < len(text):
        if (spaced := _SPACED.match(text, at)) and _is_open(text, spaced.end()):
            at = spaced.end()
        elif text[at] in _PARTNER and text[at + 1 : at + 2].strip() and not _is_open(text, at):
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

    hidden = _MARKS.sub(" ", text)
    code = (language or "en").split("-")[0]
    ends, start = [], 0
    for end in (found["end_index"] for found in get_sentence_boundaries(code, hidden)):
        # The library's boundary lies behind the white space that follows the sentence; go back to its last character
        # and take the closing marks that stand right behind it along.
        last = start + len(hidden[start:end].rstrip())
        behind = _behind_marks(text, last)
        goes_on = behind > last and text[behind:].lstrip()[:1].islower()
        if last > start and hidden[behind:].strip() and not goes_on:
            ends.append(behind)
            start = behind
    starts = [0, *ends]
    spans = zip(starts, [*ends, len(text.rstrip())], strict=True)
    return [(end - len(text[start:end].lstrip()), end) for start, end in spans if text[start:end].strip()]
