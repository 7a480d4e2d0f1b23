"""Blocks of an HTML source as its sidecar froze them: runs of characters between tags, read by rules that never change.

A span of an HTML source is a run: `line` is the number of the block that it belongs to, `start` and `end` are
characters of the decoded source. The build reads runs alone and needs no extractor: a character reference stands for
what HTML says, also without the semicolon where HTML allows that (`&nbsp`, `&#8217`); white space, and control
characters, are one space, and none at the edges of a block; a gap between two runs of a block is nothing, or a space
where it holds a tag that breaks the line.
"""

from __future__ import annotations

import codecs
import html
import html.entities
import re
from array import array
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE = "|".join(sorted((name for name in html.entities.html5 if not name.endswith(";")), key=len, reverse=True))
_TOKEN = re.compile(
    rf"&(?:#[0-9]{{1,7}};?|#[xX][0-9a-fA-F]{{1,6}};?|[A-Za-z][A-Za-z0-9]{{1,31}};|{_BARE})|[\s\x00-\x1f\x7f]+|[^&]|&"
)
_BLANK = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace() or sign < " " or sign == "\x7f")
_BREAK = re.compile(
    r"</?(?:br|p|div|li|ul|ol|dd|dt|td|th|tr|h[1-6]|blockquote|section|article|figure|table)\b", re.IGNORECASE
)
_MARKUP = re.compile(r"<[A-Za-z/!?]")


class Shown(NamedTuple):
    """One character that a reader sees, and the characters of the source that it stands for."""

    text: str
    start: int
    end: int


def is_charset(name: str) -> bool:
    """Whether a name is that of a codec which turns bytes into text as they stand."""
    try:
        return "<p>".encode(name).decode(name) == "<p>"
    except (LookupError, UnicodeError, ValueError):
        return False


def characters(text: str, start: int, end: int) -> Iterator[Shown]:
    """Yield what is seen of a run: references resolved, each run of white space as one space."""
    for match in _TOKEN.finditer(text, start, end):
        seen = html.unescape(match[0]) if match[0].startswith("&") else match[0]
        yield from _each(" " if seen.strip(_BLANK) == "" else seen, *match.span())


def _each(seen: str, start: int, end: int) -> Iterator[Shown]:
    """A reference may stand for two characters: the first has its bytes, the other none."""
    yield Shown(seen[0], start, end)
    yield from (Shown(character, end, end) for character in seen[1:])


def block_text(text: str, runs: list[tuple[int, int]]) -> list[tuple[bool, list[Shown]]]:
    """Return the parts of one block: whether each is a run or a gap that stands for a space, and its characters."""
    parts: list[tuple[bool, list[Shown]]] = []
    spaced, before = True, 0
    for number, (start, end) in enumerate(runs):
        if number and not spaced and _BREAK.search(text, before, start):
            parts.append((False, [Shown(" ", before, start)]))
            spaced = True
        seen = []
        for shown in characters(text, start, end):
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


def byte_starts(source: bytes, charset: str, length: int) -> array[int]:
    """Return the byte at which each character begins, and behind them the size; in any codec, however it shifts."""
    if codecs.lookup(charset).name == "utf-8":  # nearly every page; a character begins at each byte that continues none
        import numpy as np

        begins = (np.frombuffer(source, np.uint8) & 0xC0) != 0x80
        return array("q", np.append(np.flatnonzero(begins), len(source)).astype(np.int64).tobytes())
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


def _pieces(seen: list[Shown], starts: array[int]) -> Iterator[dict[str, int]]:
    """Yield runs of characters that lie side by side and take as many bytes each."""
    expected = (-1, -1)
    for at, shown in enumerate(seen):
        begin, width = starts[shown.start], starts[shown.end] - starts[shown.start]
        if (begin, width) != expected:
            yield {"at": at, "source_start": begin, "width": width}
        expected = (begin + width, width)


def problems(text: str, spans: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong between the runs of a sidecar and the decoded source."""
    for span in spans:
        where = f"block {span['line']}, characters {span['start']}-{span['end']}"
        if span["end"] > len(text):
            yield f"{where}: the source has {len(text)} characters; correct its end"
        elif found := _MARKUP.search(text, span["start"], span["end"]):
            yield f"{where}: a tag stands at {found.start()}; leave it between two runs"
        elif not text[span["start"] : span["end"]]:
            yield f"{where}: the run is empty"
    for before, after in pairwise(spans):
        if after["start"] < before["end"]:
            yield f"block {after['line']}, character {after['start']}: runs must stand in the order of the source"


def blocks(row: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """Yield the blocks of one article of `received`: its runs, and gaps between them, which tile the source."""
    starts, at = byte_starts(row["source"], row["charset"], len(text)), 0
    common = {"article_id": row["article_id"]}
    for number, spans in groupby(row["spans"], key=lambda span: span["line"]):
        own = list(spans)
        role = {(span["start"], span["end"]): span["role"] for span in own}
        for is_run, seen in block_text(text, list(role)):
            start, end = starts[seen[0].start], starts[seen[-1].end]
            if start > at:
                yield {**common, "line": number, "role": "gap", "source_start": at, "source_end": start, "raw": None}
            if start == end:  # nothing of it lies in the source
                continue
            kind = next((kept for (a, b), kept in role.items() if a <= seen[0].start < b), "gap") if is_run else "gap"
            raw = "".join(shown.text for shown in seen)
            place = {"line": number, "role": kind, "source_start": start, "source_end": end}
            yield {**common, **place, "raw": raw, "pieces": list(_pieces(seen, starts))}
            at = end
    if at < row["source_bytes"]:
        last = row["spans"][-1]["line"] if row["spans"] else 1
        end = row["source_bytes"]
        yield {**common, "line": last, "role": "gap", "source_start": at, "source_end": end, "raw": None}
