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
from espress_build.hydrate.outcomes import (
    Hydrated,
    list_outcomes,
    report_lost_pages,
    report_offline,
    report_unknown_entries,
    summarise,
)
from espress_build.hydrate.progress import Interrupt, bar, now
from espress_build.hydrate.responses import Fetched, Limits, Refused, Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.log import History, Log
    from espress_build.hydrate.outcomes import Outcome

LIBRARIES = (
    "cattrs", "charset_normalizer", "fastwarc", "filelock", "ftfy", "htmldate", "httpcore", "httpx", "langdetect",
    "protego", "py3langid", "rensa", "resiliparse", "selectolax", "sentencex", "tenacity", "tomli",
    "trafilatura",
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
            log.start((row["catalogue_id"] for row in chosen), corpus.source)
            history = opened.read_history()
            notices = report_lost_pages(history, opened)
            asked = run.ask(log, history)
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

    def ask(self, log: Log, history: History) -> int:
        """Ask for what is due and read what came; then ask the archive for pages that no longer hold the article.

        Returns how many entries were asked for. Ctrl-C ends the requests, not the run.
        """
        if self.options.retry:
            self._read(self.chosen, history)
        if self.interrupt.typed or self.options.limit == 0:
            return 0
        due = self._list_due(history)
        if self.options.warc:
            from espress_build.hydrate.warc import search_warc

            with self.interrupt.end_block():
                return search_warc(due, self.options.warc, self.corpus.params.pages, self.folder, log)
            return 0
        number = 0
        with self.options.open_fetcher() as fetcher:
            with self.interrupt.end_block():
                for row in bar(due, len(due), "pages", "page"):
                    log.add(_fetch(row, fetcher, self.folder, history))
                    number += 1
            history = self.folder.read_history()
            self._read(self.chosen, history)
            gone = [] if self.interrupt.typed or self.options.archive is None else self._list_gone(history)
            with self.interrupt.end_block():
                for row in bar(gone, len(gone), "archives", "page"):
                    log.add(_fetch(row, fetcher, self.folder, history, archived=True))
        self._read(gone, self.folder.read_history())
        return number

    def finish(self, asked: int, notices: list[str]) -> Hydrated:
        """Make the tables of all entries that were ever chosen, and return what the folder holds."""
        from espress_build.hydrate.tables import build_tables

        history, rows = self.folder.read_history(), self.corpus.catalogue
        ever = [row for row in rows if row["catalogue_id"] in history.chosen and not row["own_article"]]
        self._read((row for row in ever if row["catalogue_id"] not in self.read), history)
        with self.interrupt.hold():
            outcomes = build_tables(self.folder, self.corpus, list_outcomes(ever, self.read, history))
        notices += report_unknown_entries(history, {row["catalogue_id"] for row in rows})
        notices += report_offline(history, asked)
        found = summarise(self.folder.path, self.corpus.place.version, outcomes)
        return replace(found, asked=asked, notices=tuple(notices), interrupted=self.interrupt.typed)

    def _read(self, rows: Iterable[Row], history: History) -> None:
        from espress_build.hydrate.drafts import read_pages

        with self.interrupt.hold():
            for outcome in read_pages(list(rows), self.folder, history, self.corpus):
                self.read[outcome.row["catalogue_id"]] = outcome

    def _list_due(self, history: History) -> list[Row]:
        """Return the entries that this run asks for, hosts in turn."""
        options = self.options

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

    def _list_gone(self, history: History) -> list[Row]:
        """Return the entries whose page no longer holds the article, unless an archive was asked since."""

        def is_gone(row: Row) -> bool:
            found, last = self.read.get(row["catalogue_id"]), history.last(row["catalogue_id"])
            if found is None or found.attempt is None or last is None or found.reason not in _NOT_THE_ARTICLE:
                return False
            return found.attempt.via == last.via == "web"

        return take_turns(row for row in self.chosen if is_gone(row))[: self.options.limit]


def _fetch(row: Row, fetcher: Fetcher, folder: Folder, history: History, *, archived: bool = False) -> Attempt:
    """Fetch the page of an entry, with `archived` from the archive only; save it and return the line for the log."""
    live = not archived and row["fetch"] == "may_fetch"
    page = next(iter(history.pages(row["catalogue_id"])), None)
    is_known = page is not None and page.via == "web" and not history.is_lost(row["catalogue_id"])
    known = (page.etag, page.last_modified) if page and is_known else (None, None)
    answer = fetcher.fetch(row["url"], known=known, around=row["published"], live=live)
    return _record(row, answer, folder, live=live)


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
