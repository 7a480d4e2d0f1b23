"""Read a dataset and its catalogue, choose entries of it, and order them so that hosts take turns."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.data.hydrated import record_source
from espress.data.load import open_table
from espress.errors import InputError, UnknownNameError
from espress.paths import schema_folder
from espress.schema import schema
from espress.tables import join_few
from espress.urls import host_of
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import read_registries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress.data.integrity import Identity
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

Row = dict[str, Any]  # of the config `catalogue`

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_COLUMNS = {
    "events": "event_id",
    "event_countries": "event_country",
    "outlet_countries": "outlet_country",
    "languages": "language",
}


@dataclass(frozen=True)
class Corpus:
    """A dataset's identity, its articles as a `pyarrow.Table`, its whole catalogue, registries and parameters.

    `source` is the place where a later run finds the dataset again; None is the bundled dataset.
    """

    place: Identity
    articles: Any
    catalogue: list[Row]
    registries: Registries
    params: Params
    source: str | None


def read_corpus(source: str | Path | None = None) -> Corpus:
    """Return the dataset of a source, by default the bundled one; raises as `read_catalogue`."""
    place, rows = read_catalogue(source)
    registries = read_registries(schema_folder() / "registries")
    return Corpus(place, _read_table("articles", source)[1], rows, registries, read_params(), record_source(source))


def read_catalogue(source: str | Path | None = None) -> tuple[Identity, list[Row]]:
    """Return the identity of a dataset and the rows of its catalogue; by default those of the bundled dataset.

    Raises:
        UnknownNameError: that dataset has no catalogue.
        InputError: an id is malformed; ids become file names.
        DatasetMissingError, DamagedDataError: as `espress.load`.
    """
    place, table = _read_table("catalogue", source)
    rows = table.to_pylist()
    pattern = next(one.pattern for one in schema().table("catalogue").columns if one.name == "catalogue_id") or ""
    wrong = [repr(row["catalogue_id"]) for row in rows if not re.fullmatch(pattern, str(row["catalogue_id"]))]
    if wrong:
        raise InputError([f"{place.folder}: malformed ids in the catalogue: {join_few(wrong)}. Get the data again."])
    return place, rows


def _read_table(config: str, source: str | Path | None) -> tuple[Identity, Any]:
    file = open_table(config, None, source, None)
    with closing(file.handle):
        return file.place, pq.ParquetFile(file.handle).read()


@dataclass(frozen=True)
class Choice:
    """A selection of entries; empty tuples and None restrict nothing, and `everything` selects all entries explicitly.

    `since` and `until` are a year, a month or a day, both included. An entry dated by month is chosen if the month
    overlaps the span; an entry without a date is not chosen if a span is given.
    """

    events: tuple[str, ...] = ()
    event_countries: tuple[str, ...] = ()
    outlet_countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    everything: bool = False

    def select(self, rows: Iterable[Row]) -> list[Row]:
        """Return the selected rows, in their order, without the articles that the corpus itself holds.

        Raises:
            UnknownNameError: the catalogue has no such event, country or language.
            InputError: a date is malformed, the span is empty, or `everything` is combined with a restriction.
        """
        given = [row for row in rows if not row["own_article"]]
        self._check(given)
        wanted = {column: set(getattr(self, name)) for name, column in _COLUMNS.items()}
        return [
            row
            for row in given
            if all(not values or row[column] in values for column, values in wanted.items()) and self._is_in_span(row)
        ]

    def _check(self, rows: list[Row]) -> None:
        for name, column in _COLUMNS.items():
            known = sorted({row[column] for row in rows if row[column] is not None})
            for value in getattr(self, name):
                if value not in known:
                    raise UnknownNameError(column, value, known, "The catalogue has these.")
        for given in (self.since, self.until):
            if given is not None and not _is_date(given):
                raise InputError([f"{given!r} is not a date; write a year, a month or a day, such as 2019-07-23."])
        if self.since and self.until and _is_before(self.until, self.since):
            raise InputError([f"The span ends ({self.until}) before it begins ({self.since}); swap the two."])
        if self.everything and replace(self, everything=False) != Choice():
            raise InputError(["The whole catalogue and a part of it are both selected; choose one of the two."])

    def _is_in_span(self, row: Row) -> bool:
        if self.since is None and self.until is None:
            return True
        published = row["published"]
        too_early = published is None or (self.since is not None and _is_before(published, self.since))
        return not too_early and (self.until is None or not _is_before(self.until, published))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def _is_before(first: str, second: str) -> bool:
    """Return whether a year, a month or a day ends before another one begins."""
    shared = min(len(first), len(second))
    return first[:shared] < second[:shared]


def check_limit(limit: int | None) -> None:
    """Raise InputError unless a limit is None or a number of pages."""
    if limit is not None and limit < 0:
        raise InputError([f"A limit of {limit} makes no sense; give the largest number of pages to request."])


def take_turns(rows: Iterable[Row]) -> list[Row]:
    """Return rows ordered so that hosts take turns, the hosts with most rows first; their pauses then overlap."""
    waiting: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        waiting[host_of(row["url"])].append(row)
    queues = sorted(waiting.values(), key=len, reverse=True)
    return [row for turn in zip_longest(*queues) for row in turn if row is not None]
