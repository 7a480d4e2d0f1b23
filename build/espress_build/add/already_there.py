"""Likely copies: drafts of an article that is there already, saved another time, so that only the bytes differ.

An address makes one article, and so do outlet, day and headline together. Both may err (an address that shows
something new each day, a headline that comes back): where a person looks, it is a doubt; where nobody does, it is left.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from espress.urls import page_key
from espress_build.add.draft import Draft, read_runs
from espress_build.inputs.record import parse_record, precision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params

_SOURCES = ("source.html", "source.txt")


def _read_headline(item: Draft, params: Params) -> str:
    record, _ = parse_record(item.sidecar, allow_gaps=True)
    shown = read_runs(record, item, params) if record is not None else iter(())
    return " ".join(re.findall(r"\w+", " ".join(text for _, role, text in shown if role == "title").casefold()))


def _find_marks(item: Draft, params: Params) -> Iterator[tuple[str, ...]]:
    """Yield what makes one article, beginning with what it is called."""
    record, _ = parse_record(item.sidecar, allow_gaps=True)
    if record is None:
        return
    address = page_key(record.value("url") or "")
    if re.search("[/?]", address):  # a site's first page shows another article each day
        yield "address", address
    published = record.value("published") or ""
    headline = _read_headline(item, params)
    if headline and precision(published) not in (None, "year", "month"):
        yield "outlet, day and headline", record.value("outlet_id"), published[:10], headline


def _read_folder(folder: Path) -> Draft | None:
    """Read an article's folder as the draft that it was; None where it is withdrawn or cannot be read."""
    try:
        sidecar = (folder / "record.toml").read_text(encoding="utf-8")
        (source,) = [folder / name for name in _SOURCES if (folder / name).is_file()]
        return Draft(folder.name, source.read_bytes(), sidecar, [], source.name)
    except (OSError, ValueError):
        return None


def hash_source(item: Draft) -> str:
    """Return the SHA-256 of the bytes of a draft."""
    return hashlib.sha256(item.source).hexdigest()


class Present:
    """The articles below `raw/articles`, and what was added to them since."""

    def __init__(self, raw: Path, params: Params) -> None:
        """Read all of them once."""
        self._params = params
        self._first: dict[tuple[str, ...], str] = {}
        self._sources: dict[str, str] = {}
        home = raw / "articles"
        for folder in sorted(home.iterdir()) if home.is_dir() else []:
            if (item := _read_folder(folder)) is not None:
                self.add(item)

    def add(self, item: Draft) -> None:
        """Know one more."""
        for mark in _find_marks(item, self._params):
            self._first.setdefault(mark, item.article_id)
        self._sources.setdefault(hash_source(item), item.article_id)

    def find_source(self, item: Draft) -> str | None:
        """Return the article made from the same bytes as a draft, whatever its facts; None if no article was."""
        return self._sources.get(hash_source(item))

    def copied(self, item: Draft) -> str | None:
        """Return which article a draft looks like a copy of and by what; None where it looks like none."""
        for mark in _find_marks(item, self._params):
            if (first := self._first.get(mark, item.article_id)) != item.article_id:
                return f"{first} has the same {mark[0]}"
        return None
