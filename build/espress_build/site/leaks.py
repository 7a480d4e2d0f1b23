"""Find words of articles in the pages of a site of the open edition."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress_build.open_edition.leak_check import grams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INLINE = "a|abbr|b|bdi|cite|code|em|i|mark|q|s|small|span|strong|sub|sup|time|tspan|u|wbr"  # not between sentences
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r"\s(?:title|alt|content|value|aria-label|data-[\w-]+)=\"([^\"]*)\"")
_FIELDS = ("title", "standfirst", "text")
_BETWEEN = "\n⟦⟧\n"  # ends a sequence of words


def _read_texts(path: Path) -> Iterator[str]:
    """Yield the text of a file, and the values of attributes that a reader may see."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".html", ".svg"):
        yield unescape(_TAG.sub(_BETWEEN, _INLINE_TAG.sub("", text)))
        yield _BETWEEN.join(unescape(value) for value in _ATTRIBUTE.findall(text))
    else:
        yield text.replace('","', _BETWEEN)


def find_quotations(site: Path, full: Path, words: int) -> list[str]:
    """Return the files of a site that quote an article, each with the quoted words.

    Args:
        site: the folder of the site.
        full: the dataset of the full edition, which has the texts.
        words: the smallest number of shared consecutive words that counts as a quotation.
    """
    rows = pq.read_table(full / "data" / "articles.parquet", columns=list(_FIELDS)).to_pylist()
    quoted = {gram for row in rows for field in _FIELDS for gram in grams(row[field] or "", words)}
    found = []
    for path in sorted(site.rglob("*")):
        if path.suffix in (".html", ".svg", ".js", ".txt", ".csv"):
            shared = {gram for text in _read_texts(path) for gram in grams(text, words) & quoted}
            if shared:
                found.append(f"{path.relative_to(site).as_posix()}: {' '.join(min(shared))!r}")
    return found
