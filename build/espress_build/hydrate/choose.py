"""Which pointers of the catalogue are meant: by event, country, language or date."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError
from espress.urls import host_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

Row = dict[str, Any]  # of the config `catalogue`

_DAY = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_COLUMNS = {
    "events": "event_id",
    "event_countries": "event_country",
    "outlet_countries": "outlet_country",
    "languages": "language",
}


@dataclass(frozen=True)
class Choice:
    """What pointers must agree with; what is empty or null asks for nothing, and `everything` says that it is meant so.

    `since` and `until` are a year, a month or a day, both included. A pointer of which the month alone is known is
    chosen if the month reaches into the span; one without a date is not, once a date is asked for.
    """

    events: tuple[str, ...] = ()
    event_countries: tuple[str, ...] = ()
    outlet_countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    everything: bool = False

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that agree, in their order; own articles, which the corpus has, are left out.

        Raises:
            UnknownNameError: no pointer has such an event, country or language.
            InputError: a date is none, the span ends before it begins, or everything is asked for and then less.
        """
        given = [row for row in rows if not row["own_article"]]
        self._check(given)
        wanted = {column: set(getattr(self, name)) for name, column in _COLUMNS.items()}
        return [
            row
            for row in given
            if all(not values or row[column] in values for column, values in wanted.items()) and self._in_time(row)
        ]

    def _check(self, rows: list[Row]) -> None:
        for name, column in _COLUMNS.items():
            known = sorted({row[column] for row in rows if row[column] is not None})
            for value in getattr(self, name):
                if value not in known:
                    raise UnknownNameError(column, value, known, "These stand in the catalogue.")
        for given in (self.since, self.until):
            if given is not None and not _is_date(given):
                raise InputError([f"{given!r} is no date; write a year, a month or a day, such as 2019-07-23."])
        if self.since and self.until and _bounds(self.until)[1] < _bounds(self.since)[0]:
            raise InputError([f"The span ends ({self.until}) before it begins ({self.since}); swap the two."])
        if self.everything and replace(self, everything=False) != Choice():
            raise InputError(["Everything is chosen, and some of it; say one or the other."])

    def _in_time(self, row: Row) -> bool:
        if self.since is None and self.until is None:
            return True
        published = row["published"]
        if published is None:
            return False
        first, last = _bounds(published)
        since, until = _bounds(self.since or "0000")[0], _bounds(self.until or "9999")[1]
        return last >= since and first <= until


def _is_date(given: str) -> bool:
    try:
        date.fromisoformat(given + "0001-01-01"[len(given) :])
    except ValueError:
        return False
    return _DAY.fullmatch(given) is not None


def _bounds(day: str) -> tuple[str, str]:
    """Return the first and the last day of a year, a month or a day, to be compared as text."""
    return day + "0000-01-01"[len(day) :], day + "0000-12-31"[len(day) :]


def in_turn(rows: Iterable[Row]) -> list[Row]:
    """Return rows so that hosts take turns, those with most rows first: none waits while another has its pause."""
    waiting: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        waiting[host_of(row["url"])].append(row)
    queues = sorted(waiting.values(), key=len, reverse=True)
    longest = len(queues[0]) if queues else 0
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def choice_of(arguments: argparse.Namespace) -> Choice:
    """Return the choice that the options make."""
    return Choice(
        tuple(arguments.event),
        tuple(arguments.event_country),
        tuple(arguments.outlet_country),
        tuple(arguments.language),
        arguments.since,
        arguments.until,
    )
