"""The short runs between headline and body that say who wrote an article, for which agency, and when."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress_build.pages.dates import Manner, read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from espress_build.pages.fact import Found

_LONGEST = 160  # characters of a run that is a credit and no sentence of the article


def _text(facts: Mapping[str, Found], name: str) -> str | None:
    found = facts.get(name)
    return found.value if found is not None and isinstance(found.value, str) else None


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())


@dataclass(frozen=True)
class Credits:
    """Who and when, as a page's facts have it: names in lower case, days as ISO 8601."""

    authors: tuple[str, ...] = ()
    agency: str | None = None
    days: frozenset[str] = frozenset()
    language: str | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Found]) -> Credits:
        """Return the credits among the facts of a page."""
        named = facts.get("authors")
        authors = named.value if named is not None and isinstance(named.value, list) else []
        days = frozenset(day[:10] for name in ("published", "updated") if (day := _text(facts, name)))
        agency = _text(facts, "agency")
        return cls(
            tuple(_plain(name).casefold() for name in authors),
            agency.casefold() if agency else None,
            days,
            _text(facts, "language"),
        )

    def role(self, run: str) -> str | None:
        """Return the role of a run of the page's source: byline, date or agency; None if it is none of them."""
        shown = _plain(run)
        if len(shown) > _LONGEST:
            return None
        low = shown.casefold()
        if any(name in low for name in self.authors):
            return "byline"
        moment = read_moment(shown, Manner(self.language)) if self.days else None
        if moment is not None and {moment.day, moment.other} & self.days:
            return "date"
        return "agency" if self.agency and low.strip(" /|–—-()") == self.agency else None
