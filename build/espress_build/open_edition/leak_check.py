"""Proof that a dataset quotes nothing: words in a row that its cells share with the articles, counted one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.rejoining.quotations import own_words
from espress.schema import schema
from espress_build.checks.incident import Check, Incident, incident
from espress_build.open_edition.quotations import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Editions

CHECK = Check(
    "open-quotes-nothing", 4, "the open edition is published without anybody's leave for the articles' words",
    python="open_quotes_nothing",
)  # fmt: skip
_ADDRESS = re.compile(r"https?://\S+")  # the page's own address is a fact, though its end repeats the headline
_ID = re.compile("[!-~]*")  # ASCII without a space is a label or an id, and no prose
_FIELDS = ("title", "standfirst", "text")

Gram = tuple[str, ...]


def grams(text: str, size: int) -> set[Gram]:
    """Return every run of `size` words of a text that no mark and no address breaks."""
    found: set[Gram] = set()
    for part in own_words(_ADDRESS.sub("⟦⟧", text)):
        keys = Words.of(part).keys
        found.update(keys[at : at + size] for at in range(len(keys) - size + 1))
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _cells(folder: Path) -> Iterator[tuple[str, str, str, str | None, bool]]:
    """Yield (key, column, text, article, whether the column quotes) of every string in tables and files beside them."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path.name, path.name, path.read_text(encoding="utf-8"), None, False
    for table in schema().tables:
        for row in pq.read_table(folder / "data" / f"{table.name}.parquet").to_pylist():
            key = "/".join(str(row[name]) for name in table.key)
            for column in table.columns:
                quotes = any(one.quotes not in (None, "runs") for one in (column, *column.members))
                for text in _strings(row[column.name]):
                    yield key, f"{table.name}.{column.name}", text, row.get("article_id"), quotes


def quoting(folder: Path, full: Path, limits: Editions) -> Incident | None:
    """Return the cells of a dataset folder that share too many words in a row with an article of the full edition.

    `limits.named_words` in a row with any article are too many anywhere, and `limits.quoted_words` in a row with the
    article that the row is about, where a column quotes.
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
    found, seen = [], set()
    for key, column, text, article, quotes in _cells(folder):
        if (column, text, article) in seen:
            continue
        seen.add((column, text, article))
        shared = grams(text, limits.named_words) & anywhere
        if quotes and article and not _ID.fullmatch(text):
            shared |= grams(text, limits.quoted_words) & nearby.get(article, set())
        if shared:
            longest = max(shared, key=lambda gram: (len(gram), gram))
            found.append((key, f"{column} shares {' '.join(longest)!r} with an article"))
    return incident(CHECK, found)
