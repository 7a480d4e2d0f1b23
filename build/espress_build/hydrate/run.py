"""Hydrate: fetch the articles of the catalogue to the user's own machine and make the corpus's tables from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.hydrated import restore_source
from espress.errors import DatasetMissingError, InputError, require
from espress_build.hydrate.archive import check_template
from espress_build.hydrate.choose import Choice, take_turns
from espress_build.hydrate.folder import Folder, open_folder
from espress_build.hydrate.log import Attempt, read_log
from espress_build.hydrate.progress import Asked, Interrupt, bar, now, report_stop
from espress_build.hydrate.responses import Fetched, Limits, Refused, Unchanged
from espress_build.hydrate.summary import (
    Hydrated,
    report_lost_pages,
    report_offline,
    report_unknown_entries,
    summarise,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.log import Log
    from espress_build.hydrate.outcomes import Outcome

LIBRARIES = (
    "charset_normalizer", "fastwarc", "filelock", "ftfy", "httpcore", "httpx", "langdetect", "lxml", "protego",
    "py3langid", "rensa", "resiliparse", "sentencex", "tenacity", "tomli", "trafilatura",
)  # fmt: skip
_NOT_THE_ARTICLE = ("soft_404", "another_article")  # an archive may have the article that this address held


@dataclass(frozen=True)
class Options:
    """How to ask; the fields are the arguments of `hydrate` with the same names."""

    limit: int | None = None
    retry: bool = False
    refresh: bool = False
    delay: float | None = None
    allow_private: bool = False
    archive: str | None = ""
    warc: tuple[Path, ...] = ()

    def check(self) -> None:
        """Raise InputError if an option makes no sense."""
        if self.limit is not None and self.limit < 0:
            raise InputError([f"a limit of {self.limit} makes no sense; give a number of pages, or none."])
        if self.delay is not None and not 0 <= self.delay < 86400:
            raise InputError(
                [f"a delay of {self.delay} makes no sense; give seconds between two requests to one host."]
            )
        if self.archive:
            check_template(self.archive)

    def open_fetcher(self) -> Fetcher:
        """Return a client that asks in this way."""
        from espress_build.hydrate.archive import ARCHIVE
        from espress_build.hydrate.client import Fetcher

        limits = Limits() if self.delay is None else replace(Limits(), delay=self.delay)
        archive = ARCHIVE if self.archive == "" else self.archive
        return Fetcher(limits, allow_private=self.allow_private, archive=archive)


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
    """Fetch articles of the catalogue to your folder; `espress.load(…, hydrated=folder)` joins them to the corpus.

    Ctrl-C ends the fetching; the tables are made of what came, and `interrupted` is true.

    Args:
        folder: a new folder, or the folder of an earlier call, which is continued.
        events: ids of the wanted events; by default all, as in the next three. If nothing is chosen at all, a new
            folder is for the whole catalogue, and an old folder continues with what it was for.
        event_countries: ISO 3166-1 alpha-2 codes of the countries in which the events are set.
        outlet_countries: those of the outlets' countries.
        languages: those of the articles' languages.
        since: a year, a month or a day; the article was published then or later.
        until: the article was published then or earlier.
        everything: the whole catalogue, in an old folder too.
        limit: the largest number of pages to ask for; 0 makes the tables again from the pages in the folder.
        warc: your own WARC files, plain or gzipped; they are searched by address, and no network is asked.
        delay: seconds between two requests to one host, unless its robots.txt asks for more.
        archive: template of a Memento TimeGate for pages that are gone; "" is the Internet Archive, None no archive.
        allow_private: also ask addresses of private networks and of this machine.
        retry: ask again for every entry without an article.
        refresh: ask for every entry whether its page changed.
        source: the dataset folder or archive with the catalogue; by default that of the call before, or the bundled
            one.

    Returns:
        What the folder holds now. Print it for a summary.

    Raises:
        InputError: the folder is in use, holds other files or cannot be written; a date or a number makes no sense.
        UnknownNameError: the catalogue has no such event, country or language.
        DatasetMissingError, DamagedDataError: as `espress.load`.
        MissingLibraryError: type `pip install 'espress[hydrate]'`.
    """
    choice = Choice(
        _collect(events), _collect(event_countries), _collect(outlet_countries), _collect(languages), since, until,
        everything,
    )  # fmt: skip
    files = tuple(Path(file) for file in ([warc] if isinstance(warc, str | Path) else warc))
    options = Options(limit, retry, refresh, delay, allow_private, archive, files)
    options.check()
    require(LIBRARIES, "espress hydrate", "pip install 'espress[hydrate]'")
    corpus, chosen = _select(Path(folder), choice, options, source)
    with open_folder(Path(folder)) as opened:
        run = _Run(opened, corpus, options, chosen, {}, Interrupt())
        with opened.open_log() as log:
            notices = report_lost_pages(opened.read_history(), opened)
            log.start((row["catalogue_id"] for row in chosen), corpus.source)
            asked = run.ask(log)
        return run.finish(asked, notices)


def _collect(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _select(
    folder: Path, choice: Choice, options: Options, source: str | Path | None
) -> tuple[Corpus, list[Row]]:  # fmt: skip
    """Return the dataset and the chosen entries; what is not given is that of the folder's earlier runs.

    Raises:
        InputError: nothing was ever chosen, and nothing may be asked for.
        DatasetMissingError: the dataset is not where the folder had it from.
    """
    from espress_build.hydrate.corpus import read_corpus

    before = read_log(Folder(folder).log)
    try:
        corpus = read_corpus(restore_source(before.source) if source is None else source)
    except DatasetMissingError as error:
        if source is not None or before.source is None:
            raise
        raise DatasetMissingError(
            f"{folder} was hydrated from {before.source}. {error} Name the dataset by --source."
        ) from error
    if choice == Choice() and before.chosen:
        return corpus, [row for row in choice.select(corpus.catalogue) if row["catalogue_id"] in before.chosen]
    if choice == Choice() and options.limit == 0:
        raise InputError([f"{folder} was not filled by espress hydrate, so there are no pages to make tables of."])
    return corpus, choice.select(corpus.catalogue)


@dataclass
class _Run:
    """One run over a folder: `chosen` are its entries, `read` the outcomes of those whose pages were read."""

    folder: Folder
    corpus: Corpus
    options: Options
    chosen: list[Row]
    read: dict[str, Outcome]
    interrupt: Interrupt

    def ask(self, log: Log) -> Asked:
        """Ask for what is due and read what came, then ask the archive for pages that no longer hold the article."""
        if self.options.retry:
            self._read(self.chosen)
        if self.interrupt.typed or self.options.limit == 0:
            return Asked(0)
        due = self._list_due()
        if self.options.warc:
            from espress_build.hydrate.warc import search_warc

            return search_warc(due, list(self.options.warc), self.corpus.params.pages, self.folder, log)
        with self.options.open_fetcher() as fetcher:
            asked = fetch_rows(due, fetcher, self.folder, log)
            self._read(self.chosen)
            stopped = asked.interrupted or self.interrupt.typed
            gone = [] if stopped or self.options.archive is None else self._list_gone()
            again = fetch_rows(gone, fetcher, self.folder, log, archived=True)
        self._read(gone)
        return Asked(asked.number, asked.interrupted or again.interrupted)

    def finish(self, asked: Asked, notices: list[str]) -> Hydrated:
        """Make the tables of all entries that were ever chosen, and return what the folder holds."""
        from espress_build.hydrate.outcomes import list_outcomes
        from espress_build.hydrate.tables import build_tables

        history, rows = self.folder.read_history(), self.corpus.catalogue
        ever = [row for row in rows if row["catalogue_id"] in history.chosen and not row["own_article"]]
        self._read(row for row in ever if row["catalogue_id"] not in self.read)
        with self.interrupt.hold():
            outcomes = build_tables(self.folder, self.corpus, list_outcomes(ever, self.read, history))
        notices += report_unknown_entries(history, {row["catalogue_id"] for row in rows})
        notices += report_offline(history, asked.number)
        asked = Asked(asked.number, asked.interrupted or self.interrupt.typed)
        return summarise(self.folder, self.corpus.place.version, outcomes, asked, notices)

    def _read(self, rows: Iterable[Row]) -> None:
        from espress_build.hydrate.drafts import read_pages

        with self.interrupt.hold():
            for outcome in read_pages(list(rows), self.folder, self.folder.read_history(), self.corpus):
                self.read[outcome.row["catalogue_id"]] = outcome

    def _list_due(self) -> list[Row]:
        """Return the entries that this run asks for, hosts in turn."""
        history, options = self.folder.read_history(), self.options

        def is_due(row: Row) -> bool:
            name = row["catalogue_id"]
            last = history.last(name)
            if options.refresh or last is None:
                return True
            if history.is_lost(name) and (last.outcome != "refused" or last.again):
                return True
            if options.retry:
                return name not in self.read or self.read[name].draft is None
            return not history.pages(name) and (last.again or bool(options.warc))

        return take_turns(row for row in self.chosen if is_due(row))[: options.limit]

    def _list_gone(self) -> list[Row]:
        """Return the entries whose page no longer holds the article, unless an archive was asked since."""
        history = self.folder.read_history()

        def is_gone(row: Row) -> bool:
            found, last = self.read.get(row["catalogue_id"]), history.last(row["catalogue_id"])
            if found is None or found.attempt is None or last is None or found.reason not in _NOT_THE_ARTICLE:
                return False
            return found.attempt.via == last.via == "web"

        return [row for row in self.chosen if is_gone(row)][: self.options.limit]


def fetch_rows(rows: list[Row], fetcher: Fetcher, folder: Folder, log: Log, *, archived: bool = False) -> Asked:
    """Fetch each entry once, hosts in turn, and log each answer before the next request.

    With `archived`, only the archive is asked. Ctrl-C ends the fetching, not the run.
    """
    number, history = 0, folder.read_history()
    try:
        for row in bar(take_turns(rows), len(rows), "archives" if archived else "pages", "page"):
            live = not archived and row["fetch"] == "may_fetch"
            page = next(iter(history.pages(row["catalogue_id"])), None)
            is_known = page is not None and page.via == "web" and not history.is_lost(row["catalogue_id"])
            known = (page.etag, page.last_modified) if page and is_known else (None, None)
            answer = fetcher.fetch(row["url"], known=known, around=row["published"], live=live)
            log.add(_record(row, answer, folder, live=live))
            number += 1
    except KeyboardInterrupt:
        report_stop()
        return Asked(number, interrupted=True)
    return Asked(number)


def _record(row: Row, answer: Fetched | Unchanged | Refused, folder: Folder, *, live: bool) -> Attempt:
    """Save the page of an answer, if it has one, and return the line for the log."""
    name, url = row["catalogue_id"], row["url"]
    if isinstance(answer, Fetched):
        return Attempt(
            name, url, answer.fetched_at, "got", "archive" if answer.archive_url else "web",
            folder.save_page(name, answer.payload, answer.media_type), answer.sha256, answer.final_url, answer.status,
            answer.media_type, answer.charset, answer.etag, answer.last_modified,
            answer.archive_url, answer.archived_at,
        )  # fmt: skip
    if isinstance(answer, Unchanged):
        return Attempt(name, url, answer.fetched_at, "unchanged", "web")
    return Attempt(
        name, url, now(), "refused", "web" if live else "archive", status=answer.status, reason=answer.reason,
        detail=answer.detail, again=answer.again,
    )  # fmt: skip
