"""Check that a dataset quotes no article: find sequences of words that occur in its cells and in an article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.rejoining.quote_positions import own_words
from espress.schema import schema
from espress_build.checks.incident import Incident, report_incident
from espress_build.checks.validate import QUOTES_NOTHING
from espress_build.open_edition.quote_positions import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Editions

CHECK = QUOTES_NOTHING
_ADDRESS = re.compile(r"https?://\S+")  # the page's address is a fact, although it may repeat the headline
_ID = re.compile("[!-~]*")  # ASCII without spaces is a label or an id, not prose
_FIELDS = ("title", "standfirst", "text")


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    """Return every sequence of `size` consecutive words of a text; position references and addresses end it."""
    found: set[tuple[str, ...]] = set()
    for part in own_words(_ADDRESS.sub("⟦⟧", text)):
        keys = Words(part).keys
        found.update(keys[at : at + size] for at in range(len(keys) - size + 1))
    return found


def _find_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _find_strings(part)


def _read_cells(folder: Path) -> Iterator[tuple[str, str, str, str | None, bool]]:
    """Yield (key, column, text, article, whether the column may quote) of every string in tables and other files."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path.name, path.name, path.read_text(encoding="utf-8"), None, False
    for table in schema().files:
        for row in pq.read_table(folder / "data" / f"{table.name}.parquet").to_pylist():
            key = "/".join(str(row[name]) for name in table.key)
            for column in table.columns:
                quotes = any(one.quotes not in (None, "runs") for one in (column, *column.members))
                for text in _find_strings(row[column.name]):
                    yield key, f"{table.name}.{column.name}", text, row.get("article_id"), quotes


def find_leaks(folder: Path, full: Path, limits: Editions) -> Incident | None:
    """Return the cells of a dataset folder that share too many consecutive words with an article of the full edition.

    Any cell may share fewer than `limits.named_words` with any article; a cell of a column that quotes may share fewer
    than `limits.quoted_words` with the article that the row is about.
    """
    articles = {
        row["article_id"]: [row[field] for field in _FIELDS if row[field]]
        for row in pq.read_table(full / "data" / "articles.parquet").to_pylist()
    }
    anywhere = {gram for texts in articles.values() for text in texts for gram in grams(text, limits.named_words)}
    nearby = {
        article: {gram for text in texts for gram in grams(text, limits.quoted_words)}
        for article, texts in articles.items()
    }
    leaks, seen = [], set()
    for key, column, text, article, quotes in _read_cells(folder):
        if (column, text, article) in seen:
            continue
        seen.add((column, text, article))
        shared = grams(text, limits.named_words) & anywhere
        if quotes and article and not _ID.fullmatch(text):
            shared |= grams(text, limits.quoted_words) & nearby.get(article, set())
        if shared:
            longest = max(shared, key=lambda gram: (len(gram), gram))
            leaks.append((key, f"{column} shares {' '.join(longest)!r} with an article"))
    return report_incident(CHECK, leaks)
