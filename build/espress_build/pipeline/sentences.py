"""Find sentence boundaries with sentencex, also inside quotations.

sentencex does not split quotations. A unit of coding should make one assertion, so each quotation mark is replaced by a
space first, and each boundary is then moved after the closing marks that follow it. docs/maintain/segmentation.md
reports the measurements that led to this choice.
"""

from __future__ import annotations

import re
from collections import Counter

from espress_build.pipeline.sentence_rules import continues, find_missed_ends

_MARKS = re.compile('["“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]')
# Other white space is replaced too: the library crashes on `B.` with a no-break space before the stop.
_HIDDEN = re.compile(rf"{_MARKS.pattern}|\s")
_CLOSING = frozenset("”’'」』﹂﹄〞)]）】")
# Marks that close in one language and open in another, and their opening mark: „…“ is Czech, “…” English.
_PARTNER = {'"': '"', "“": "„", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_SPACED = re.compile(r"[ \u00a0\u202f]+(?=[»›])")  # in French, a space precedes closing marks


def _find_closers(text: str) -> set[int]:
    """Return the positions at which an ambiguous mark closes a quotation: its opening mark is still open."""
    seen: Counter[str] = Counter()
    closing = set()
    for match in _MARKS.finditer(text):
        mark = match[0]
        partner = _PARTNER.get(mark, "")
        if seen[mark] % 2 if mark == partner else seen[partner] > seen[mark]:
            closing.add(match.start())
        seen[mark] += 1
    return closing


def _skip_closing_marks(text: str, at: int, closers: set[int]) -> int:
    """Return the end of the closing marks that directly follow the end of a sentence, at `at`."""
    while at < len(text):
        if (spaced := _SPACED.match(text, at)) and spaced.end() in closers:
            at = spaced.end()
        elif text[at] in _PARTNER and text[at + 1 : at + 2].strip() and at not in closers:
            break  # it opens the next sentence, as in Chinese, which has no spaces
        elif text[at] not in _CLOSING and text[at] not in _PARTNER:
            break
        at += 1
    return at


def boundaries(text: str, language: str | None) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence in code points, in order and without surrounding white space.

    Every other character is in exactly one sentence. A sentence continues after a quotation if a lower-case letter or a
    speaker follows: `“Really?” he asked.` is one, and so is `“Stop!” Ann shouted.` `language` is an ISO 639-1 code with
    or without a region; None means English.
    """
    from sentencex import get_sentence_boundaries

    hidden = _HIDDEN.sub(" ", text)
    code = (language or "en").split("-")[0]
    closers, size = _find_closers(text), len(hidden.rstrip())
    found = {max(0, len(hidden[: one["end_index"]].rstrip())) for one in get_sentence_boundaries(code, hidden)}
    ends, start = [], 0
    for last in sorted(found.union(find_missed_ends(hidden))):
        after = _skip_closing_marks(text, last, closers)
        is_inside = start < last and after < size
        if is_inside and not continues(text, start, after, code, after_quotation=after > last):
            ends.append(after)
            start = after
    starts = [0, *ends]
    spans = zip(starts, [*ends, len(text.rstrip())], strict=True)
    return [(end - len(text[start:end].lstrip()), end) for start, end in spans if text[start:end].strip()]
