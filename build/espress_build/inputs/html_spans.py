"""Read the spans of an HTML source, which are runs of characters between tags that the record lists.

In the record of an HTML source, `line` is the number of the paragraph that a span belongs to, and `start` and `end`
count characters of the decoded source. The build reads these spans and runs no extractor. Rules: a character reference
stands for its HTML meaning, also without the semicolon where HTML allows that (`&nbsp`, `&#8217`); white space and
control characters become one space, and are removed at the edges of a paragraph; a gap between two spans of a paragraph
is empty, or a space if it holds a tag that breaks the line.
"""

from __future__ import annotations

import codecs
import html
import html.entities
import re
from array import array
from functools import cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE = "|".join(sorted((name for name in html.entities.html5 if not name.endswith(";")), key=len, reverse=True))
_TOKEN = re.compile(
    rf"&(?:#[0-9]{{1,7}};?|#[xX][0-9a-fA-F]{{1,6}};?|[A-Za-z][A-Za-z0-9]{{1,31}};|{_BARE})"
    r"|[^&\s\x00-\x1f\x7f]+(?: [^&\s\x00-\x1f\x7f]+)*|[\s\x00-\x1f\x7f]+|&"
)
_BLANK = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace() or sign < " " or sign == "\x7f")
_BREAK = re.compile(
    r"</?(?:br|p|div|li|ul|ol|dd|dt|td|th|tr|h[1-6]|blockquote|section|article|figure|table)\b", re.IGNORECASE
)
_MARKUP = re.compile(r"<[A-Za-z/!?]")


class Shown(NamedTuple):
    """Characters that a reader sees, and the characters of the source that encode them.

    A `plain` run has the same characters as the source: words with single spaces. Other white space and each character
    reference is a separate run. If a reference stands for several characters, the first has all bytes.
    """

    text: str
    start: int
    end: int
    plain: bool = False

    def place(self, number: int) -> tuple[int, int]:
        """Return the characters of the source that encode one character of the run."""
        if self.plain:
            return self.start + number, self.start + number + 1
        return (self.end if number else self.start), self.end


def is_charset(name: str) -> bool:
    """Return whether a name is that of a text codec of Python."""
    try:
        return "<p>".encode(name).decode(name) == "<p>"
    except (LookupError, UnicodeError, ValueError):
        return False


def read_runs(text: str, start: int, end: int) -> Iterator[Shown]:
    """Yield the visible characters of a span, with references resolved and consecutive white space as one space."""
    for match in _TOKEN.finditer(text, start, end):
        token = match[0]
        if token[0] == "&":
            seen = html.unescape(token)
            yield Shown(seen if seen.strip(_BLANK) else " ", *match.span())
        elif token[0] in _BLANK:
            yield Shown(" ", *match.span())
        else:
            yield Shown(token, *match.span(), plain=True)


def paragraph_text(text: str, spans: list[tuple[int, int]]) -> list[tuple[bool, list[Shown]]]:
    """Return the parts of a paragraph as (whether it is a span, runs); other parts are gaps that read as a space."""
    parts: list[tuple[bool, list[Shown]]] = []
    spaced, before = True, 0
    for number, (start, end) in enumerate(spans):
        if number and not spaced and _BREAK.search(text, before, start):
            parts.append((False, [Shown(" ", before, start)]))
            spaced = True
        seen = []
        for shown in read_runs(text, start, end):
            if shown.text != " " or not spaced:
                seen.append(shown)
                spaced = shown.text == " "
        parts.append((True, seen))
        before = end
    while parts and (not parts[-1][1] or parts[-1][1][-1].text == " "):
        parts[-1][1][-1:] = []
        if not parts[-1][1]:
            parts.pop()
    return [part for part in parts if part[1]]


def _is_utf8(charset: str) -> bool:
    return codecs.lookup(charset).name == "utf-8"


@cache
def _is_single_byte(charset: str) -> bool:
    """Return whether a codec decodes each byte to one character."""
    return len(bytes(range(256)).decode(charset, "replace")) == 256


def byte_starts(source: bytes, charset: str, length: int) -> array[int]:
    """Return the byte at which each character begins, then the size of the source; works for every codec."""
    # most pages; in UTF-8, all bytes except continuation bytes begin a character
    if _is_utf8(charset):
        import numpy as np

        begins = (np.frombuffer(source, np.uint8) & 0xC0) != 0x80
        return array("q", np.append(np.flatnonzero(begins), len(source)).astype(np.int64).tobytes())
    if len(source) == length and _is_single_byte(charset):
        return array("q", range(length + 1))
    return _decoded_starts(source, charset, length)


def _decoded_starts(source: bytes, charset: str, length: int) -> array[int]:
    decoder, starts, at = codecs.getincrementaldecoder(charset)(), array("q"), 0
    for number in range(len(source)):
        made = len(decoder.decode(source[number : number + 1]))
        if made:
            starts.extend([at] * made)
            at = number + 1
    starts.extend([len(source)] * (length + 1 - len(starts)))
    return starts


def _pieces(seen: list[Shown], starts: array[int], *, is_utf8: bool = False) -> Iterator[dict[str, int]]:
    """Yield pieces of adjacent characters with the same number of bytes per character."""
    at, expected = 0, (-1, -1)
    for shown in seen:
        first, size = starts[shown.start], len(shown.text)
        if is_utf8 and shown.plain and starts[shown.end] == first + size:  # each character takes one byte or more
            if (first, 1) != expected:
                yield {"at": at, "source_start": first, "width": 1}
            at, expected = at + size, (first + size, 1)
            continue
        for start, end in map(shown.place, range(size)):
            begin, width = starts[start], starts[end] - starts[start]
            if (begin, width) != expected:
                yield {"at": at, "source_start": begin, "width": width}
            at, expected = at + 1, (begin + width, width)


def problems(text: str, spans: list[dict[str, Any]]) -> Iterator[str]:
    """Yield every way in which the spans of a record do not fit the decoded source."""
    for span in spans:
        where = f"paragraph {span['line']}, characters {span['start']}-{span['end']}"
        if span["end"] > len(text):
            yield f"{where}: the source has {len(text)} characters; correct its end"
        elif found := _MARKUP.search(text, span["start"], span["end"]):
            yield (
                f"{where}: there is a tag at character {found.start()}; end the span before the tag and begin another "
                "after it"
            )
        elif not text[span["start"] : span["end"]]:
            yield f"{where}: the span is empty"
    for before, after in pairwise(spans):
        if after["start"] < before["end"]:
            where = f"paragraph {after['line']}, character {after['start']}"
            yield f"{where}: spans must be in the order of the source and must not overlap"


def cut_spans(row: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """Yield the spans of one article of `received`, and the gaps between them, so that they tile the source."""
    starts, at = byte_starts(row["source"], row["charset"], len(text)), 0
    common, is_utf8 = {"article_id": row["article_id"]}, _is_utf8(row["charset"])
    for number, stated in groupby(row["spans"], key=lambda span: span["line"]):
        span_at = {(span["start"], span["end"]): span for span in stated}
        for is_span, seen in paragraph_text(text, list(span_at)):
            start, end = starts[seen[0].start], starts[seen[-1].end]
            if start > at:
                yield {**common, "line": number, "role": "gap", "source_start": at, "source_end": start, "raw": None}
            if start == end:  # no bytes of the source stand for these characters
                continue
            within = (span for (first, last), span in span_at.items() if first <= seen[0].start < last)
            span: dict[str, Any] = next(within, {}) if is_span else {}
            yield {
                **common, "line": number, "role": span.get("role", "gap"), "source_start": start, "source_end": end,
                "raw": "".join(shown.text for shown in seen), "pieces": list(_pieces(seen, starts, is_utf8=is_utf8)),
                "events": span.get("events"),
            }  # fmt: skip
            at = end
    if at < row["source_bytes"]:
        last = row["spans"][-1]["line"] if row["spans"] else 1
        end = row["source_bytes"]
        yield {**common, "line": last, "role": "gap", "source_start": at, "source_end": end, "raw": None}
