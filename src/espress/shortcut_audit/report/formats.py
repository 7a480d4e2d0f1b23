"""An audit as plain data, JSON, Markdown and text for a terminal."""

from __future__ import annotations

import dataclasses
import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

from espress.shortcut_audit.report.contents import Section, Table, sections, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.shortcut_audit.result import Audit

_WIDTH = 100
# What Markdown or the HTML inside it would read as a mark; an underscore inside a word is none.
_MARKS = re.compile(r"[\\`*\[\]<>|&~$]|(?<!\w)_|_(?!\w)")


def to_dict(audit: Audit) -> dict[str, Any]:
    """Return the result as dicts, lists, strings, numbers, booleans and None, as JSON would give it back."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(audit), allow_nan=False))
    return plain


def to_json(audit: Audit) -> str:
    """Return the result as JSON, two spaces deep, characters as they are; NaN cannot occur."""
    return json.dumps(to_dict(audit), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def to_markdown(audit: Audit) -> str:
    """Return the report as GitHub-flavoured Markdown; names and texts of the user cannot become marks."""
    lines = [f"# {_marked(title(audit))}", ""]
    for section in sections(audit):
        lines += [f"## {_marked(section.title)}", "", *_markdown(section)]
    return "\n".join(lines).rstrip("\n") + "\n"


def to_text(audit: Audit) -> str:
    """Return the report for a terminal: lines of at most 100 columns, but for tables, which are as wide as they are."""
    lines = [clean(title(audit)), ""]
    for section in sections(audit):
        lines += [clean(section.title).upper(), *_plain(section)]
    return "\n".join(lines).rstrip("\n") + "\n"


def clean(text: str) -> str:
    """Return text on one line: every run of white space and control characters becomes a space."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+", " ", text).strip()


def _marked(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", clean(text))


def _line(text: str) -> str:
    """Return text that begins a line of Markdown, where a few more characters are marks: a heading, a list."""
    return re.sub(r"^(\d*)([#+\-=.)])", r"\1\\\2", _marked(text))


def _markdown(section: Section) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield from (_line(paragraph), "")
    if section.points:
        yield from (*(f"- {_line(point)}" for point in section.points), "")
    for table in section.tables:
        yield from (f"**{_marked(table.caption)}**", "", *_markdown_table(table), "")
    for note in section.notes:
        yield from (_line(note), "")


def _markdown_table(table: Table) -> Iterator[str]:
    rule = tuple("---" if place in table.words else "--:" for place in range(len(table.head)))
    for row in (tuple(map(_marked, table.head)), rule, *(tuple(map(_marked, row)) for row in table.rows)):
        yield f"| {' | '.join(row)} |"


def _plain(section: Section) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield from textwrap.wrap(clean(paragraph), _WIDTH)
    for point in section.points:
        yield from textwrap.wrap(clean(point), _WIDTH, initial_indent="- ", subsequent_indent="  ")
    for table in section.tables:
        yield from ("", clean(table.caption), *_plain_table(table))
    for note in section.notes:
        yield from textwrap.wrap(clean(note), _WIDTH)
    yield ""


def _plain_table(table: Table) -> Iterator[str]:
    rows = [tuple(map(clean, row)) for row in (table.head, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, range(len(row)), strict=True)
        yield "  " + "  ".join(c.ljust(w) if i in table.words else c.rjust(w) for c, w, i in cells).rstrip()
