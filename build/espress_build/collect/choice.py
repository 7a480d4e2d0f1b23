"""Which pages `collect` keeps: those of catalogue entries, those on a topic, or all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from espress.urls import page_key

if TYPE_CHECKING:
    from espress_build.collect.sources import Wanted
    from espress_build.collect.topic import Topic

EVENT = "collected"  # event of pages that no catalogue entry describes


@dataclass(frozen=True)
class Choice:
    """The pages to keep: those at the addresses of `entries`, which are rows of the catalogue, and those on `topic`.

    An argument that is None selects no pages; if both are None, all pages are kept.
    """

    entries: tuple[dict[str, Any], ...] | None = None
    topic: Topic | None = None

    @cached_property
    def by_page(self) -> dict[str, dict[str, Any]]:
        """The first entry of each page, by the key of its address."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.entries or ():
            found.setdefault(page_key(row["url"]), row)
        return found

    @property
    def wanted(self) -> Wanted | None:
        """A function that says whether the record at an address is read; None if all records must be read."""
        if self.entries is None or self.topic is not None:
            return None
        known = self.by_page
        return lambda address: page_key(address) in known

    @cached_property
    def key(self) -> str:
        """A hash of what is chosen."""
        return hashlib.sha256(repr((self.entries, self.topic)).encode()).hexdigest()[:16]
