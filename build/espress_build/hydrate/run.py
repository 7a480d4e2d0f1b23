"""Hydrating: the catalogue's articles, fetched to the user's own machine and made into the tables of the corpus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import DatasetMissingError, InputError, require
from espress_build.hydrate.archive import check_template
from espress_build.hydrate.choose import Choice, in_turn
from espress_build.hydrate.download import Asked, Round
from espress_build.hydrate.folder import Home, found_again, opened
from espress_build.hydrate.interrupts import Stop
from espress_build.hydrate.log import read_log
from espress_build.hydrate.outcomes import Limits
from espress_build.hydrate.summary import Hydrated, of_network, of_pages, of_pointers, summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.drafts import Reading
    from espress_build.hydrate.log import History, Log

_NEEDED = (
    "charset_normalizer", "fastwarc", "filelock", "ftfy", "httpx", "langdetect", "lxml", "protego", "py3langid",
    "rensa", "resiliparse", "sentencex", "tomli", "trafilatura",
)  # fmt: skip
_GONE = ("soft_404", "another_article")  # an archive may have what stood there


@dataclass(frozen=True)
class Manner:
    """How to ask: at most `limit` pointers; `retry` asks again for what has no article, `refresh` for everything.

    `delay` lies between two requests to one host, in seconds; null means the usual one. `archive` is the template of a
    Memento TimeGate, "" the usual one, null none. `warc` are the user's own archives, asked instead of the network.
    """

    limit: int | None = None
    retry: bool = False
    refresh: bool = False
    delay: float | None = None
    allow_private: bool = False
    archive: str | None = ""
    warc: tuple[Path, ...] = ()


def _due(rows: list[Row], history: History, readable: set[str], manner: Manner) -> list[Row]:
    """Return the pointers that this run asks for, hosts in turn."""

    def is_due(row: Row) -> bool:
        name = row["catalogue_id"]
        last = history.last(name)
        if manner.refresh or last is None:
            return True
        if history.is_lost(name) and (last.outcome != "refused" or last.again):
            return True
        if manner.retry:
            return name not in readable
        return not history.pages(name) and (last.again or bool(manner.warc))

    return in_turn(row for row in rows if is_due(row))[: manner.limit]


@dataclass
class _Run:
    """One run over a folder: `chosen` are its pointers, `readings` what is known of those with pages."""

    home: Home
    corpus: Corpus
    manner: Manner
    chosen: list[Row]
    readings: dict[str, Reading]
    stop: Stop

    def read(self, rows: Iterable[Row]) -> None:
        from espress_build.hydrate.drafts import read_pages

        with self.stop.held():
            for reading in read_pages(list(rows), self.home, self.home.history(), self.corpus):
                self.readings[reading.catalogue_id] = reading

    def ask(self, log: Log) -> Asked:
        """Ask for what is due, and archives for what is gone; everything with a page is read then."""
        if self.manner.retry:
            self.read(self.chosen)
        if self.stop.typed or self.manner.limit == 0:
            return Asked(0)
        readable = {name for name, reading in self.readings.items() if reading.draft}
        due = _due(self.chosen, self.home.history(), readable, self.manner)
        if self.manner.warc:
            from espress_build.hydrate.warc_source import look_up

            return look_up(due, list(self.manner.warc), self.corpus.params.pages, self.home, log)
        with _fetcher(self.manner) as fetcher:
            turn = Round(fetcher, self.home, log)
            asked = turn.ask(due)
            self.read(self.chosen)
            stopped = asked.interrupted or self.stop.typed
            gone = [] if stopped or self.manner.archive is None else self._gone()
            again = turn.ask(gone, archived=True)
        self.read(gone)
        return Asked(asked.number, asked.interrupted or again.interrupted)

    def _gone(self) -> list[Row]:
        """Return the pointers whose page no longer holds an article, and of which no archive was asked since."""
        history = self.home.history()
        return [
            row
            for row in self.chosen
            if (reading := self.readings.get(row["catalogue_id"])) is not None
            and reading.reason in _GONE
            and reading.attempt.via == "web"
            and (last := history.last(row["catalogue_id"])) is not None
            and last.via == "web"
        ][: self.manner.limit]

    def finished(self, asked: Asked, notices: list[str]) -> Hydrated:
        """Make the tables of all that was ever chosen, and say what there is."""
        from espress_build.hydrate.results import fates
        from espress_build.hydrate.tables import build

        history, rows = self.home.history(), self.corpus.catalogue
        ever = [row for row in rows if row["catalogue_id"] in history.chosen and not row["own_article"]]
        self.read(row for row in ever if row["catalogue_id"] not in self.readings)
        with self.stop.held():
            after = build(self.home, self.corpus, fates(ever, self.readings, history))
        notices += of_pointers(history, {row["catalogue_id"] for row in rows}) + of_network(history, asked.number)
        asked = replace(asked, interrupted=asked.interrupted or self.stop.typed)
        return summary(self.home, self.corpus.place.version, after, asked, notices)


def _fetcher(manner: Manner) -> Fetcher:
    from espress_build.hydrate.client import Fetcher

    limits = Limits() if manner.delay is None else replace(Limits(), delay=manner.delay)
    if manner.archive == "":
        return Fetcher(limits, allow_private=manner.allow_private)
    return Fetcher(limits, allow_private=manner.allow_private, archive=manner.archive)


def _begun(folder: Path, choice: Choice, manner: Manner, source: str | Path | None) -> tuple[Corpus, list[Row]]:
    """Return the dataset that is meant and the pointers: where nothing is said, those of the folder's earlier runs.

    Raises:
        InputError: nothing was chosen, and nothing may be asked for.
        DatasetMissingError: the dataset is not where the folder had it from.
    """
    from espress_build.hydrate.corpus import read_corpus

    before = read_log(Home(folder).state)
    try:
        corpus = read_corpus(found_again(before.source) if source is None else source)
    except DatasetMissingError as error:
        if source is not None or before.source is None:
            raise
        raise DatasetMissingError(
            f"{folder} was hydrated from {before.source}. {error} Name it by --source."
        ) from error
    if choice != Choice():
        return corpus, choice.of(corpus.catalogue)
    if before.chosen:
        return corpus, [row for row in Choice().of(corpus.catalogue) if row["catalogue_id"] in before.chosen]
    if manner.limit == 0:
        raise InputError([f"{folder} holds nothing that was hydrated, so there is nothing to make tables of."])
    return corpus, choice.of(corpus.catalogue)


def run(folder: Path, choice: Choice, manner: Manner, source: str | Path | None = None) -> Hydrated:
    """Ask for the chosen pointers that are missing, and make the folder's tables anew from all that came so far.

    Raises:
        InputError: an option makes no sense, or the folder is in use, holds other things or cannot be written.
        UnknownNameError, DatasetMissingError, DamagedDataError, MissingLibraryError: as `espress.load`.
    """
    if manner.limit is not None and manner.limit < 0:
        raise InputError([f"a limit of {manner.limit} makes no sense; give a number of pages, or none."])
    if manner.delay is not None and not 0 <= manner.delay < 86400:
        raise InputError([f"a delay of {manner.delay} makes no sense; give seconds between two requests to one host."])
    if manner.archive:
        check_template(manner.archive)
    require(_NEEDED, "espress hydrate", "pip install 'espress[hydrate]'")
    corpus, chosen = _begun(folder, choice, manner, source)
    with opened(folder) as home:
        work = _Run(home, corpus, manner, chosen, {}, Stop())
        with home.log() as log:
            notices = of_pages(home.history(), home)
            log.chose((row["catalogue_id"] for row in chosen), corpus.source)
            asked = work.ask(log)
        return work.finished(asked, notices)


def _many(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def hydrate(  # noqa: PLR0913 - each names one thing that a user chooses, all by keyword
    folder: str | Path,
    *,
    events: str | Iterable[str] = (),
    event_countries: str | Iterable[str] = (),
    outlet_countries: str | Iterable[str] = (),
    languages: str | Iterable[str] = (),
    since: str | None = None,
    until: str | None = None,
    everything: bool = False,
    limit: int | None = None,
    warc: str | Path | Iterable[str | Path] = (),
    delay: float | None = None,
    archive: str | None = "",
    allow_private: bool = False,
    retry: bool = False,
    refresh: bool = False,
    source: str | Path | None = None,
) -> Hydrated:
    """Fetch articles of the catalogue to a folder of yours; `espress.load(…, hydrated=folder)` joins them.

    Ctrl-C ends the asking; tables are made of what came, and `interrupted` says so.

    Args:
        folder: a new folder, or one of an earlier call, which is gone on with.
        events: ids of events that are meant; all, where none is named. So are the three below. Where no choice is made
            at all, a new folder is for everything, and an old one goes on with what it was for.
        event_countries: ISO 3166-1 alpha-2 countries in which the articles set their events.
        outlet_countries: those of the outlets.
        languages: those of the articles.
        since: a year, a month or a day; published then or later.
        until: published then or earlier.
        everything: all pointers, in an old folder, too.
        limit: at most so many pages are asked for; 0 makes the tables anew from the pages at hand.
        warc: your own WARC files, plain or gzipped, are searched by address, and no network is asked.
        delay: seconds between two requests to one host, where its robots.txt asks for no more.
        archive: template of a Memento TimeGate for pages that are gone; "" is the Internet Archive, None none.
        allow_private: ask addresses of private networks and of this machine, too.
        retry: ask again for everything that has no article.
        refresh: ask for everything whether it changed.
        source: a dataset folder or archive whose catalogue is meant; else that of the call before, or the bundled one.

    Raises:
        InputError: the folder is in use, holds other things or cannot be written; a date or a number makes no sense.
        UnknownNameError: the catalogue has no such event, country or language.
        MissingLibraryError: type `pip install 'espress[hydrate]'`.
    """
    choice = Choice(
        _many(events), _many(event_countries), _many(outlet_countries), _many(languages), since, until,
        everything,
    )  # fmt: skip
    files = tuple(Path(file) for file in ([warc] if isinstance(warc, str | Path) else warc))
    manner = Manner(limit, retry, refresh, delay, allow_private, archive, files)
    return run(Path(folder), choice, manner, source)
