"""The stage `extract`: cut the bytes into spans of one role each, which cover the source without gaps or overlaps."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from espress.errors import InputError
from espress_build.inputs import html_spans
from espress_build.tables import SPANS, Reject, Step, Tables, rejects_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.inputs.params import Params

# Lines end where every editor ends them; NEL, U+2028 and form feed do not end a line.
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip
_READ = ["article_id", "source", "source_bytes", "spans", "charset", "withdrawn"]
_DROPPED = ["source", "spans", "charset", "withdrawn"]  # later stages do not need these columns
_UTF8_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a source, without its line end."""

    text: str
    source_start: int  # byte at which it begins


class Refusal(NamedTuple):
    """The reason why a source cannot be read."""

    reason: str
    detail: str


def decode(source: bytes) -> str | Refusal:
    """Decode a source as UTF-8 without its byte-order mark, or say which byte is invalid."""
    for mark, name in _FOREIGN_MARKS.items():
        if source.startswith(mark):
            return Refusal(
                "not_utf8", f"byte 0: a byte-order mark of {name}; convert the page to UTF-8 and add it again"
            )
    try:
        return source.removeprefix(_UTF8_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + (len(_UTF8_MARK) if source.startswith(_UTF8_MARK) else 0)
        byte = source[at]
        return Refusal("not_utf8", f"byte {at} is 0x{byte:02x}, which is not UTF-8; convert the page and add it again")


def split_lines(text: str, source_start: int) -> list[Line]:
    """Cut text into lines and compute the byte at which each begins; the first begins at `source_start`."""
    lines, at = [], source_start
    for match in _LINE.finditer(text):
        content, end = match.groups()
        lines.append(Line(content, at))
        at += len(content.encode()) + len(end)
        if not end:
            break
    return lines


@cache
def _suspect() -> re.Pattern[str]:
    """Return a quick pattern that matches every text in which ftfy may find mojibake."""
    from ftfy.badness import MOJIBAKE_CATEGORIES

    return re.compile(f"[\x80-\x9fŒœÂÃ]|[{''.join(MOJIBAKE_CATEGORIES.values())}]{{2}}")


def _refuse_characters(parts: Iterable[tuple[str, str]]) -> Refusal | None:
    """Return the first faulty character, None if there is none; `parts` are pairs of a place and its text."""
    from ftfy.badness import is_bad

    for where, text in parts:
        if text.isascii() and text.isprintable():
            continue
        if match := _CONTROL.search(text):
            what = f"U+{ord(match[0]):04X} at {where}, character {match.start()}"
            return Refusal("control_character", f"{what}; it does not occur in article text; save the page again")
        at = text.find("\ufffd")
        if at >= 0:
            return Refusal("mojibake", f"{where}, character {at}: U+FFFD marks a lost character")
        # the first pattern is ten times as fast and excludes most lines
        if _suspect().search(text) and is_bad(text):
            return Refusal("mojibake", f"{where}: {text[:60]!r} was decoded with a wrong character set")
    return None


def refuse_html_characters(text: str, spans: Iterable[tuple[int, int, int]]) -> Refusal | None:
    """Return the first faulty visible character in the spans (paragraph, start, end) of an HTML source."""
    numbered = groupby(spans, key=lambda span: span[0])
    seen = ((number, html_spans.paragraph_text(text, [span[1:] for span in own])) for number, own in numbered)
    return _refuse_characters(
        (f"paragraph {number}", "".join(shown.text for _, part in parts for shown in part)) for number, parts in seen
    )


def read_lines(source: bytes | None, size: int, params: Params) -> list[Line] | Refusal:
    """Cut a source into lines, or say why it cannot be read; `source` is None if it exceeds the size limit."""
    limits = params.extract
    if source is None:
        return Refusal("too_large", f"{size} bytes; at most {limits.max_source_bytes} are allowed")
    if not source:
        return Refusal("empty_file", "the source has 0 bytes; remove the folder or fetch the page again")
    text = decode(source)
    if isinstance(text, Refusal):
        return text
    lines = split_lines(text, len(_UTF8_MARK) if source.startswith(_UTF8_MARK) else 0)
    for number, line in enumerate(lines, 1):
        # A character takes at most four bytes, so a short line fits, and need not be encoded to count its bytes.
        if 4 * len(line.text) > limits.max_line_bytes and len(line.text.encode()) > limits.max_line_bytes:
            size = len(line.text.encode())
            return Refusal(
                "line_too_long", f"line {number} has {size} bytes; at most {limits.max_line_bytes} are allowed"
            )
    return _refuse_characters((f"line {number}", line.text) for number, line in enumerate(lines, 1)) or lines


def _span_problems(lines: list[Line], spans: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the faults of spans: a span is out of range or has blank edges, or text lies in no span."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for span in spans:
        number, start, end = span["line"], span["start"], span["end"]
        if number > len(lines):
            yield f"a span names line {number}, but the source has {len(lines)} lines; correct its line"
            continue
        covered.setdefault(number, []).append((start, end))
        words, where = lines[number - 1].text[start:end], f"line {number}, characters {start}-{end}"
        if end > len(lines[number - 1].text):
            size = len(lines[number - 1].text)
            yield f"a span ends at character {end} of line {number}, which has {size}; correct its end"
        elif words != words.strip():
            yield f"{where}: the span begins or ends with white space: {words[:40]!r}; leave it out"
    for number, line in enumerate(lines, 1):
        at = 0
        for start, end in [*covered.get(number, []), (len(line.text), len(line.text))]:
            if bare := line.text[at:start].strip():
                yield f"line {number}, characters {at}-{start}: no span covers {bare[:40]!r}; give it a role"
            at = end


def read_html(source: bytes | None, size: int, charset: str, params: Params) -> str | Refusal:
    """Decode an HTML source in the character set that its record names, or say why it cannot be read."""
    if source is None:
        return Refusal("too_large", f"{size} bytes; at most {params.extract.max_source_bytes} are allowed")
    try:
        return source.decode(charset)
    except UnicodeDecodeError as error:
        return Refusal(
            "mojibake", f"byte {error.start} is not valid {charset}; correct charset, or fetch the page again"
        )


def _cut_spans(row: dict[str, Any], lines: list[Line]) -> Iterator[dict[str, Any]]:
    """Yield the spans of one article in source order: those of the record, and the gaps around them."""
    article, at, previous = row["article_id"], 0, None
    for span in row["spans"]:
        line = lines[span["line"] - 1]
        raw = line.text[span["start"] : span["end"]]
        start = line.source_start + len(line.text[: span["start"]].encode())
        end = start + len(raw.encode())
        if start > at:
            same_line = previous is not None and previous["line"] == span["line"]
            between = line.text[previous["end"] : span["start"]] if previous and same_line else None
            yield {"article_id": article, "line": span["line"], "role": "gap", "source_start": at, "source_end": start,
                   "raw": between}  # fmt: skip
        yield {"article_id": article, "line": span["line"], "role": span["role"], "source_start": start,
               "source_end": end, "raw": raw, "events": span.get("events")}  # fmt: skip
        at, previous = end, span
    if at < row["source_bytes"]:
        yield {"article_id": article, "line": len(lines), "role": "gap", "source_start": at,
               "source_end": row["source_bytes"], "raw": None}  # fmt: skip


def _missing_role(spans: list[dict[str, Any]]) -> Refusal | None:
    roles = {span["role"] for span in spans}
    if "title" not in roles:
        return Refusal("no_title", "no span has the role title; mark the headline in record.toml")
    if "body" not in roles:
        return Refusal("no_body", "no span has the role body; mark the paragraphs in record.toml")
    return None


def _read(row: dict[str, Any], params: Params) -> list[Line] | str | Refusal:
    """Return the lines of a plain-text source, the decoded text of an HTML source, or why it cannot be read."""
    if row["withdrawn"] is not None:
        return Refusal("withdrawn", row["withdrawn"])
    if row["charset"] is not None:
        text = read_html(row["source"], row["source_bytes"], row["charset"], params)
        spans = ((span["line"], span["start"], span["end"]) for span in row["spans"])
        return text if isinstance(text, Refusal) else refuse_html_characters(text, spans) or text
    return read_lines(row["source"], row["source_bytes"], params)


def _compare(row: dict[str, Any], read: list[Line] | str | Refusal) -> list[str]:
    """Return the faults of the spans of a row of `received`; none if the source cannot be read."""
    if isinstance(read, Refusal):
        return []
    record_file = f"raw/articles/{row['article_id']}/record.toml"
    wrong = html_spans.problems(read, row["spans"]) if isinstance(read, str) else _span_problems(read, row["spans"])
    return [f"{record_file}: {problem}." for problem in wrong]


def find_span_problems(received: Any, params: Params) -> list[str]:
    """Return every span in `received` that does not fit its source, and why."""
    return [problem for row in received.select(_READ).to_pylist() for problem in _compare(row, _read(row, params))]


def extract(tables: Tables, params: Params) -> Step:
    """Turn `received` into `spans`; `received` keeps the articles that could be read, without their bytes.

    Raises:
        InputError: the spans of a record do not fit its source; every fault of every article is listed.
    """
    spans: list[dict[str, Any]] = []
    rejects, problems, kept = [], [], []
    for row in tables["received"].select(_READ).to_pylist():
        read = _read(row, params)
        found = _compare(row, read)
        problems += found
        refusal = read if isinstance(read, Refusal) else _missing_role(row["spans"])
        kept.append(refusal is None)
        if refusal:
            rejects.append(Reject(row["article_id"], "extract", *refusal))
        elif not found and not isinstance(read, Refusal):
            spans += html_spans.cut_spans(row, read) if isinstance(read, str) else _cut_spans(row, read)
    if problems:
        raise InputError(problems)
    received = tables["received"].filter(pa.array(kept, pa.bool_())).drop_columns(_DROPPED)
    return Step({"received": received, "spans": pa.Table.from_pylist(spans, schema=SPANS)}, rejects_table(rejects))
