"""The Data part of CHANGELOG.md: items that each release added, changed, removed and moved, by id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.release.diff import TableDiff

_DATA = "## Data\n"
_UNRELEASED = re.compile(r"^### [^\n]*, not released\n", re.MULTILINE)


def _format_keys(one: TableDiff, sign: str, keys: list[str], articles: list[str]) -> Iterator[str]:
    """Yield the keys that were added or removed; keys of whole articles are counted, not listed.

    A key contains its article's id as in `<article_id>.p01.01`, or as one of its parts.
    """
    whole = [key for key in keys if not set(re.split("[/:.]", key)).isdisjoint(articles)]
    if one.table == "articles":
        whole = []
    if whole:
        yield f"  {sign} {len(whole)} rows of articles {'added' if sign == '+' else 'removed'}"
    yield from (f"  {sign} {key}" for key in keys if key not in whole)


def summarise(differences: list[TableDiff], moves: list[tuple[str, str | None]]) -> str:
    """Return the changes of a release: rows by key, their changed columns, and units that moved."""
    articles = next((one for one in differences if one.table == "articles"), None)
    added, removed = (articles.added, articles.removed) if articles else ([], [])
    lines = []
    for one in differences:
        columns: dict[str, list[str]] = {}
        for cell in one.changed:
            columns.setdefault(cell.key, []).append(cell.column)
        lines.append(f"{one.table}: {len(one.added)} added, {len(columns)} changed, {len(one.removed)} removed")
        lines += [f"  {change}" for change in one.schema]
        lines += [*_format_keys(one, "+", one.added, added), *_format_keys(one, "-", one.removed, removed)]
        lines += [f"  ~ {key}: {', '.join(sorted(names))}" for key, names in columns.items()]
    lines += [f"moved: {old} -> {new or 'none'}" for old, new in moves]
    return "\n".join(lines) or "no table changed"


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
