"""Find sentence boundaries with sentencex, also inside quotations, and correct them by rules of each language.

sentencex does not split quotations. A unit of coding should make one assertion, so each quotation mark is replaced by a
space first, and each boundary is then moved after the closing marks that follow it. The abbreviations of each language
are in `sentences.toml`. docs/maintain/segmentation.md reports the measurements that led to these choices.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

_MARKS = re.compile('["“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞]')
# Other white space is replaced too: the library crashes on `B.` with a no-break space before the stop.
_HIDDEN = re.compile(rf"{_MARKS.pattern}|\s")
_CLOSING = frozenset("”’'」』﹂﹄〞)]）】")
# Marks that close in one language and open in another, and their opening mark: „…“ is Czech, “…” English.
_PARTNER = {'"': '"', "“": "„", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_SPACED = re.compile(r"[ \u00a0\u202f]+(?=[»›])")  # in French, a space precedes closing marks
# A speaker and a verb of saying right after a quotation: `“Stop!” Ann shouted.`
_SAYING = (
    "said|says|asked|asks|shouted|cried|replied|answered|added|called|whispered|exclaimed|told|wrote|warned|insisted|"
    "continued|explained|concluded|declared|wondered"
)
_SPEAKER = {
    "en": re.compile(rf"\s*(?:[A-Z][\w’'.-]*\s+){{1,4}}(?:{_SAYING})\b"),
    "zh": re.compile(r"\s*[^。！？，、；\s]{1,8}(?:说|說|道|问|問|称|稱|喊|答)[。，：]"),
    "ja": re.compile(r"\s*(?:と|[^。！？]{1,12}(?:叫んだ|言った|話した|述べた|尋ねた|答えた|語った)。)"),
}
_DAY_OR_MONTH = (
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|"
    r"Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"
)
_ENGLISH_JOINS = (
    re.compile(rf"\b[ap]\.m\.\s+(?:{_DAY_OR_MONTH}|(?:[ECMP][SD]?T|GMT|UTC|[A-Z][a-z]+ time)\b)"),
    re.compile(rf"\b{_DAY_OR_MONTH}\.\s+(?:{_DAY_OR_MONTH}|\d)"),
)
# A short adverbial of a year opens the sentence: `W 2020 r. Polska wygrała.`
_POLISH_YEAR = re.compile(r"^(?:\S+\s+){1,2}\d{4} r\.$")
_INITIAL = re.compile(r"(?<![\w.])[^\W\d_]\.$")
_ORDINAL = re.compile(r"(?<![\w.,])\d{1,2}\.$")
# Ends that sentencex misses: `He said no. Nobody …`, an ellipsis before a capital, a sentence in brackets.
_MISSED = (
    re.compile(r"\bno\.(?=\s+[^\W\d_])"),
    re.compile(r"(?:…|\.\.\.)(?=\s+[^\W\d_])"),
    re.compile(r"(?:^|(?<=[.!?…] ))\([^()]*[.!?…]\)(?=\s+\S)"),
)


@cache
def _read_rules(language: str) -> tuple[re.Pattern[str], bool]:
    """Return the pattern of abbreviations of a language, and whether it writes ordinals with a stop."""
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    own = tables.get(language, {})
    words = [*tables["any"]["abbreviations"], *own.get("abbreviations", ())]
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    flags = re.IGNORECASE if language in ("cs", "sk", "pl", "hu") else re.NOFLAG
    return re.compile(rf"(?<![\w.])(?:{either})\.$", flags), own.get("ordinals", False)


def _find_missed_ends(text: str) -> list[int]:
    """Return positions at which a sentence ends although sentencex finds no boundary there: a capital must follow."""
    found = (match.end() for pattern in _MISSED for match in pattern.finditer(text))
    return [end for end in found if _first(text, end).isupper()]


def _continues(text: str, start: int, end: int, language: str, *, after_quotation: bool) -> bool:
    """Return whether the sentence that begins at `start` goes on after `end`, a boundary found by sentencex.

    `after_quotation` says that closing marks precede `end`.
    """
    before, first = text[start:end], _first(text, end)
    if first in tuple(",;:") or (first.islower() and (after_quotation or before.endswith("."))):
        return True
    if after_quotation:
        speaker = _SPEAKER.get(language)
        return bool(speaker and speaker.match(text, end))
    if language == "en" and any(_crosses(pattern, text, end) for pattern in _ENGLISH_JOINS):
        return True
    abbreviation, has_ordinals = _read_rules(language)
    return bool(
        abbreviation.search(before)
        or (_INITIAL.search(before) and language != "en" and first.isupper())
        or (has_ordinals and _ORDINAL.search(before) and first.isalpha())
        or (language == "pl" and _POLISH_YEAR.search(before.strip()))
    )


def _first(text: str, at: int) -> str:
    return text[at : at + 9].lstrip()[:1]  # after a few spaces at most


def _crosses(pattern: re.Pattern[str], text: str, end: int) -> bool:
    """Return whether a match of the pattern lies on both sides of `end`."""
    return any(match.start() < end < match.end() for match in pattern.finditer(text, max(0, end - 20), end + 30))


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
    speaker follows: `“Really?” he asked.` and `“Stop!” Ann shouted.` are one sentence each. `language` is an
    ISO 639-1 code with or without a region; None means English.
    """
    from sentencex import get_sentence_boundaries

    hidden = _HIDDEN.sub(" ", text)
    code = (language or "en").split("-")[0]
    closers, size = _find_closers(text), len(hidden.rstrip())
    found = {max(0, len(hidden[: one["end_index"]].rstrip())) for one in get_sentence_boundaries(code, hidden)}
    ends, start = [], 0
    for last in sorted(found.union(_find_missed_ends(hidden))):
        after = _skip_closing_marks(text, last, closers)
        is_inside = start < last and after < size
        if is_inside and not _continues(text, start, after, code, after_quotation=after > last):
            ends.append(after)
            start = after
    starts = [0, *ends]
    spans = zip(starts, [*ends, len(text.rstrip())], strict=True)
    return [(end - len(text[start:end].lstrip()), end) for start, end in spans if text[start:end].strip()]
