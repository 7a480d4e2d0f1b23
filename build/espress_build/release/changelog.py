"""The Data part of CHANGELOG.md: what each release added, changed, removed and moved, counted by table and column."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.release.diff import TableDiff

_DATA = "## Data\n"
_COLUMN = re.compile(
    r"column (?P<name>[^ :]+)(?:(?P<new> \(.*\) is new)|(?P<gone> was removed)|(?P<type>: .* became .*))", re.DOTALL
)
_KINDS = {"added": "new", "removed": "gone", "of another type": "type"}  # group of _COLUMN
_UNRELEASED = re.compile(r"^### [^\n]*, not released\n", re.MULTILINE)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _summarise_schema(changes: list[str]) -> Iterator[str]:
    """Yield the changes of a schema, those of one kind in one line."""
    columns: dict[str, list[str]] = {}
    for change in changes:
        if found := _COLUMN.fullmatch(change):
            kind = next(name for name, part in _KINDS.items() if found[part])
            columns.setdefault(kind, []).append(found["name"])
        else:
            yield f"  {change}"
    yield from (f"  columns {kind}: {', '.join(columns[kind])}" for kind in _KINDS if kind in columns)


def _summarise_table(one: TableDiff) -> Iterator[str]:
    """Yield the lines about a table: rows, changed cells by column, and changes of the schema."""
    rows = {"added": one.added, "removed": one.removed, "changed": {cell.key for cell in one.changed}}
    counts = [f"{len(keys):,} {what}" for what, keys in rows.items() if keys]
    yield f"{one.table}:" + (f" rows {', '.join(counts)}" if counts else "")
    columns = Counter(cell.column for cell in one.changed)
    if columns:
        yield "  cells changed: " + ", ".join(f"{name} {number:,}" for name, number in sorted(columns.items()))
    yield from _summarise_schema(one.schema)
    if one.repeated:
        yield f"  {_count(len(one.repeated), 'key')} with several rows"
    if one.table == "articles":
        yield from (f"  + {key}" for key in one.added)
        yield from (f"  - {key}" for key in one.removed)


def summarise(differences: list[TableDiff], moves: list[tuple[str, str | None]], command: str) -> str:
    """Return the changes of a release: counts by table and column, and the ids of articles.

    `command` is the command that lists each row and cell.
    """
    lines = [line for one in differences for line in _summarise_table(one)]
    if moves:
        lines.append(f"{_count(len(moves), 'unit')} with a new id or text: {command} --moves")
    if not lines:
        return "no table changed"
    return "\n".join([*lines, f"each row and cell: {command}"])


def summarise_first(rows: dict[str, int], articles: list[str]) -> str:
    """Return the list of articles of the first release."""
    lines = [f"{name}: {number} rows" for name, number in rows.items()]
    return "\n".join([*lines, *(f"  + {article}" for article in articles)])


def add_release(text: str, version: str, day: str, summary: str) -> str:
    """Return the changelog with the section of a release; it takes over the notes below `not released`.

    Raises:
        EspressError: the changelog has no part `## Data`.
    """
    before, part, rest = text.partition(_DATA)
    if not part:
        raise EspressError("CHANGELOG.md has no line `## Data`, below which releases are listed. Restore it.")
    data, code, rest = rest.partition("\n## ")
    heading, block = f"### {version}, {day}\n", f"```changes\n{summary}\n```\n"
    match = _UNRELEASED.search(data)
    if not match:
        return f"{before}{part}\n{heading}\n{block}{data}{code}{rest}"
    notes, next_section, older = data[match.end() :].partition("\n### ")
    section = f"{heading}{notes.rstrip()}\n\n{block}"
    return f"{before}{part}{data[: match.start()]}{section}{next_section}{older}{code}{rest}"
