"""The Data part of CHANGELOG.md: what a release added, changed, removed and moved, by id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.release.diff import TableDiff
    from espress_build.release.version_rule import Version

_DATA = "## Data\n"
_OPEN_SECTION = re.compile(r"^### [^\n]*, not released\n", re.MULTILINE)


def _article(key: str) -> str:
    """Return the article that a row's key begins with: `<article_id>.p01.01/…`, or the first part as it is."""
    return re.split("[/.]", key, maxsplit=1)[0]


def _with_articles(keys: list[str], articles: list[str]) -> tuple[list[str], list[str]]:
    """Part keys into those that came or went with a whole article and the others, which are named one by one."""
    whole = {key for key in keys if any(_article(part) in articles for part in re.split("[/:]", key))}
    return sorted(whole), [key for key in keys if key not in whole]


def _rows(item: TableDiff, sign: str, keys: list[str], articles: list[str]) -> Iterator[str]:
    if item.table == "articles":
        yield from (f"  {sign} {key}" for key in keys)
        return
    along, alone = _with_articles(keys, articles)
    if along:
        yield f"  {sign} {len(along)} rows of articles {'added' if sign == '+' else 'removed'}"
    yield from (f"  {sign} {key}" for key in alone)


def summary(found: list[TableDiff], moved: list[tuple[str, str | None]]) -> str:
    """Return what a release changed, for people: rows by key, columns that changed in them, and units that moved."""
    articles = next((item for item in found if item.table == "articles"), None)
    added, removed = (articles.added, articles.removed) if articles else ([], [])
    lines = []
    for item in found:
        columns: dict[str, list[str]] = {}
        for cell in item.changed:
            columns.setdefault(cell.key, []).append(cell.column)
        lines.append(f"{item.table}: {len(item.added)} added, {len(columns)} changed, {len(item.removed)} removed")
        lines += [f"  {change}" for change in item.schema]
        lines += [*_rows(item, "+", item.added, added), *_rows(item, "-", item.removed, removed)]
        lines += [f"  ~ {key}: {', '.join(sorted(names))}" for key, names in columns.items()]
    lines += [f"moved: {old} -> {new or 'none'}" for old, new in moved]
    return "\n".join(lines) or "no table changed"


def first_summary(rows: dict[str, int], articles: list[str]) -> str:
    """Return what the first release holds."""
    lines = [f"{name}: {number} rows" for name, number in rows.items()]
    return "\n".join([*lines, *(f"  + {article}" for article in articles)])


def with_release(text: str, version: Version, date: str, said: str) -> str:
    """Return the changelog with the section of a release: notes written by hand under `not released` become its own.

    Raises:
        EspressError: the changelog has no part `## Data`.
    """
    before, part, behind = text.partition(_DATA)
    if not part:
        raise EspressError("CHANGELOG.md has no line `## Data`; the ids of a release are listed below it. Put it back.")
    data, code, rest = behind.partition("\n## ")
    heading, block = f"### {version}, {date}\n", f"```changes\n{said}\n```\n"
    match = _OPEN_SECTION.search(data)
    if not match:
        return f"{before}{part}\n{heading}\n{block}{data}{code}{rest}"
    notes, next_section, older = data[match.end() :].partition("\n### ")
    section = f"{heading}{notes.rstrip()}\n\n{block}"
    return f"{before}{part}{data[: match.start()]}{section}{next_section}{older}{code}{rest}"
