"""Find drafts that are likely copies of an article below `raw/articles`, saved another time with other bytes.

Two articles are likely the same if they have the same address, or the same outlet, day and headline. Both rules may
err: an address may show another article each day, and a headline may be used again.
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


def _find_marks(item: Draft, params: Params) -> Iterator[tuple[str, ...]]:
    """Yield what likely copies of an article share: the name of the mark, then its values."""
    record, _ = parse_record(item.sidecar, allow_gaps=True)
    if record is None:
        return
    address = page_key(record.value("url") or "")
    if re.search("[/?]", address):  # a site's front page shows another article each day
        yield "address", address
    published = record.value("published") or ""
    title = " ".join(text for _, role, text in read_runs(record, item, params) if role == "title")
    headline = " ".join(re.findall(r"\w+", title.casefold()))
    if headline and precision(published) not in (None, "year", "month"):
        yield "outlet, day and headline", record.value("outlet_id"), published[:10], headline


def _read_folder(folder: Path) -> Draft | None:
    """Read an article's folder as a draft; None if it is withdrawn or cannot be read."""
    try:
        sidecar = (folder / "record.toml").read_text(encoding="utf-8")
        (source,) = [folder / name for name in _SOURCES if (folder / name).is_file()]
        return Draft(folder.name, source.read_bytes(), sidecar, [], source.name)
    except (OSError, ValueError):
        return None


def _hash(item: Draft) -> str:
    return hashlib.sha256(item.source).hexdigest()


class Present:
    """The articles below `raw/articles`, by their marks and their bytes."""

    def __init__(self, raw: Path, params: Params) -> None:
        """Read all articles once."""
        self._params = params
        self._first: dict[tuple[str, ...], str] = {}
        self._sources: dict[str, str] = {}
        home = raw / "articles"
        for folder in sorted(home.iterdir()) if home.is_dir() else []:
            if (item := _read_folder(folder)) is not None:
                self.add(item)

    def add(self, item: Draft) -> None:
        """Add an article."""
        for mark in _find_marks(item, self._params):
            self._first.setdefault(mark, item.article_id)
        self._sources.setdefault(_hash(item), item.article_id)

    def find_source(self, item: Draft) -> str | None:
        """Return the id of the article with the same bytes as a draft, whatever its facts; None if there is none."""
        return self._sources.get(_hash(item))

    def copied(self, item: Draft) -> str | None:
        """Return the article of which a draft is a likely copy, and the mark that they share; None if there is none."""
        for mark in _find_marks(item, self._params):
            if (first := self._first.get(mark, item.article_id)) != item.article_id:
                return f"{first} has the same {mark[0]}"
        return None
