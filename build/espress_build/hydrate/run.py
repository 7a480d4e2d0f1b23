"""Hydrate: fetch the articles of the catalogue to the user's own machine and make the corpus's tables from them."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from espress.data.hydrated import restore_source
from espress.errors import DatasetMissingError, InputError, require
from espress.installation import how_to_install
from espress_build.hydrate import drafts, tables
from espress_build.hydrate.choose import Choice, check_limit, read_corpus, take_turns
from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.from_warc import search_warc
from espress_build.hydrate.outcomes import (
    Hydrated,
    list_outcomes,
    report_lost_pages,
    report_offline,
    report_unknown_entries,
    summarise,
)
from espress_build.hydrate.output_folder import Attempt, Folder, Log, open_folder
from espress_build.hydrate.responses import Limits, Refused, now
from espress_build.hydrate.web_archive import ARCHIVE, check_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from espress_build.hydrate.choose import Corpus, Row
    from espress_build.hydrate.outcomes import Outcome
    from espress_build.hydrate.output_folder import History

LIBRARIES = (
    "babel", "cattrs", "charset_normalizer", "fastwarc", "filelock", "ftfy", "htmldate", "httpcore", "httpx",
    "langdetect", "protego", "py3langid", "rensa", "resiliparse", "selectolax", "sentencex", "tomli", "trafilatura",
)  # fmt: skip
_NOT_THE_ARTICLE = ("soft_404", "another_article")  # an archive may have the article that this address held


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

    Ctrl-C ends the fetching; the tables are made of the pages fetched so far, and `interrupted` is true.

    Args:
        folder: a new folder, or the folder of an earlier call, which is continued.
        events: ids of the wanted events; by default all. If no argument restricts the entries, a new folder is for the
            whole catalogue, and an old folder continues with the entries that it was for.
        event_countries: ISO 3166-1 alpha-2 codes of the countries in which the events are set; by default all.
        outlet_countries: ISO 3166-1 alpha-2 codes of the outlets' countries; by default all.
        languages: codes of the articles' languages; by default all.
        since: a year, a month or a day; the article was published then or later.
        until: the article was published then or earlier.
        everything: choose the whole catalogue, even if an old folder was for a part of it.
        limit: the largest number of pages to ask for; 0 makes the tables again from the pages in the folder.
        warc: your own WARC files, plain or gzipped; they are searched by address, without network requests.
        delay: seconds between two requests to one host, unless its robots.txt asks for more.
        archive: template of a Memento TimeGate for pages that are gone; "" is the Internet Archive, None no archive.
        allow_private: also ask addresses of private networks and of this machine.
        retry: ask again for every entry without an article.
        refresh: ask for every entry whether its page changed.
        source: the dataset folder or archive with the catalogue; by default that of the call before, or the bundled
            one.

    Returns:
        The contents of the folder; printing them gives a summary.

    Raises:
        InputError: the folder is in use, holds other files or cannot be written; a date or a number makes no sense.
        UnknownNameError: the catalogue has no such event, country or language.
        DatasetMissingError, DamagedDataError: as `espress.load`.
        MissingLibraryError: the libraries of the extra `hydrate` are not installed.
    """
    choice = Choice(
        _collect(events), _collect(event_countries), _collect(outlet_countries), _collect(languages), since, until,
        everything,
    )  # fmt: skip
    files = tuple(Path(file) for file in ([warc] if isinstance(warc, str | Path) else warc))
    check_limit(limit)
    limits = Limits().with_delay(delay)
    if archive:
        check_template(archive)
    require(LIBRARIES, "espress hydrate", how_to_install("hydrate"))
    client = partial(Fetcher, limits, allow_private=allow_private, archive=ARCHIVE if archive == "" else archive)
    corpus, chosen = _select(Path(folder), choice, limit, source)
    with open_folder(Path(folder)) as opened:
        run = _Run(opened, corpus, chosen, client, files, limit, retry, refresh, archive is not None)
        with Log(opened.log) as log:
            log.write({"chosen": sorted(row["catalogue_id"] for row in chosen), "source": corpus.source})
            history = opened.read_history()
            notices = list(report_lost_pages(history))
            asked = run.ask(log, history)
        return run.finish(asked, notices)


def _collect(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _select(
    folder: Path, choice: Choice, limit: int | None, source: str | Path | None
) -> tuple[Corpus, list[Row]]:  # fmt: skip
    """Return the dataset and the chosen entries; an argument that is not given is that of the folder's earlier runs.

    Raises:
        InputError: no entry was ever chosen, and no request is allowed.
        DatasetMissingError: the dataset of the folder's earlier runs is no longer at its place.
    """
    before = Folder(folder).read_history()
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
    if choice == Choice() and limit == 0:
        raise InputError([f"{folder} was not filled by espress hydrate, so it holds no pages for tables."])
    return corpus, choice.select(corpus.catalogue)


@dataclass
class Interrupt:
    """Whether Ctrl-C was typed in a run."""

    typed: bool = False

    @contextmanager
    def end_block(self) -> Iterator[None]:
        """Let Ctrl-C end this block and not the run."""
        try:
            yield
        except KeyboardInterrupt:
            self.typed = True
            sys.stderr.write("Stopped; the tables are made of the pages fetched so far.\n")

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold Ctrl-C back in this block, because libraries that read pages swallow exceptions raised inside them.

        This does nothing in other threads, which never receive Ctrl-C, or if the process ignores Ctrl-C.
        """
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        before = signal.signal(signal.SIGINT, self._take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)

    def _take(self, *_: object) -> None:
        """Remember the first Ctrl-C; the second ends the process without an exception that could be swallowed."""
        self.typed = True
        sys.stderr.write("Stopping after the tables are made. Ctrl-C again stops at once: the old tables stay.\n")
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class _Run:
    """One run over a folder: `chosen` are its entries, `read` the outcomes of those whose pages were read.

    The other fields are the arguments of `hydrate`; `open_client` returns a client for its limits and permissions.
    """

    folder: Folder
    corpus: Corpus
    chosen: list[Row]
    open_client: Callable[[], Fetcher]
    warc: tuple[Path, ...]
    limit: int | None
    retry: bool
    refresh: bool
    asks_archive: bool
    read: dict[str, Outcome] = field(default_factory=dict)
    interrupt: Interrupt = field(default_factory=Interrupt)

    def ask(self, log: Log, history: History) -> int:
        """Fetch and read the pages that are due; then ask the archive for pages that no longer hold the article.

        Returns the number of requested entries. Ctrl-C ends the requests, not the run.
        """
        if self.retry:
            self._read(self.chosen, history)
        if self.interrupt.typed or self.limit == 0:
            return 0
        due = self._list_due(history)
        if self.warc:
            with self.interrupt.end_block():
                return search_warc(due, self.warc, self.corpus.params.pages, self.folder, log)
            return 0
        with self.open_client() as client:
            asked = self._fetch_all(due, client, log, history)
            history = self.folder.read_history()
            self._read(self.chosen, history)
            gone = self._list_gone(history) if self.asks_archive and not self.interrupt.typed else []
            self._fetch_all(gone, client, log, history, archived=True)
        self._read(gone, self.folder.read_history())
        return asked

    def finish(self, asked: int, notices: list[str]) -> Hydrated:
        """Make the tables of all entries that were ever chosen, and return what the folder holds."""
        history, rows = self.folder.read_history(), self.corpus.catalogue
        ever = [row for row in rows if row["catalogue_id"] in history.chosen and not row["own_article"]]
        self._read((row for row in ever if row["catalogue_id"] not in self.read), history)
        with self.interrupt.hold():
            outcomes = tables.build_tables(self.folder, self.corpus, list_outcomes(ever, self.read, history))
        notices += report_unknown_entries(history, {row["catalogue_id"] for row in rows})
        notices += report_offline(history, asked)
        version = self.corpus.place.version
        return summarise(self.folder.path, version, outcomes, asked, notices, interrupted=self.interrupt.typed)

    def _read(self, rows: Iterable[Row], history: History) -> None:
        with self.interrupt.hold():
            for outcome in drafts.read_pages(rows, self.folder, history, self.corpus):
                self.read[outcome.row["catalogue_id"]] = outcome

    def _list_due(self, history: History) -> list[Row]:
        """Return the entries that this run asks for, hosts in turn."""

        def is_due(row: Row) -> bool:
            name = row["catalogue_id"]
            last = history.last(name)
            if self.refresh or last is None:
                return True
            if history.is_lost(name) and (last.outcome != "refused" or last.again):
                return True
            if self.retry:
                return name not in self.read or self.read[name].draft is None
            return not history.pages(name) and (last.again or bool(self.warc))

        return take_turns(row for row in self.chosen if is_due(row))[: self.limit]

    def _list_gone(self, history: History) -> list[Row]:
        """Return the entries whose page no longer holds the article, unless the archive was asked later."""

        def is_gone(row: Row) -> bool:
            found, last = self.read.get(row["catalogue_id"]), history.last(row["catalogue_id"])
            if found is None or found.attempt is None or last is None or found.reason not in _NOT_THE_ARTICLE:
                return False
            return found.attempt.via == last.via == "web"

        return take_turns(row for row in self.chosen if is_gone(row))[: self.limit]

    def _fetch_all(
        self, rows: list[Row], client: Fetcher, log: Log, history: History, *, archived: bool = False
    ) -> int:  # fmt: skip
        """Fetch the pages of entries (if `archived`, from the archive only), and return their number."""
        asked = 0
        with self.interrupt.end_block():
            for row in tqdm(rows, desc="archives" if archived else "pages", unit=" page", disable=None):
                log.add(_fetch(row, client, self.folder, history, archived=archived))
                asked += 1
        return asked


def _fetch(row: Row, client: Fetcher, folder: Folder, history: History, *, archived: bool) -> Attempt:
    """Fetch the page of an entry (if `archived`, from the archive only), save it, and return the line for the log."""
    name, url, live = row["catalogue_id"], row["url"], not archived and row["fetch"] == "may_fetch"
    page = next(iter(history.pages(name)), None)
    is_known = page is not None and page.via == "web" and not history.is_lost(name)
    known = (page.etag, page.last_modified) if page and is_known else (None, None)
    answer = client.fetch(url, known=known, around=row["published"], live=live)
    if answer is None:
        return Attempt(name, url, now(), "unchanged", "web")
    if isinstance(answer, Refused):
        return Attempt(
            name, url, now(), "refused", "web" if live else "archive", status=answer.status, reason=answer.reason,
            detail=answer.detail, again=answer.again,
        )  # fmt: skip
    return Attempt(
        name, url, answer.fetched_at, "got", "archive" if answer.archive_url else "web",
        folder.save_page(name, answer.payload, answer.media_type), answer.sha256, answer.final_url, answer.status,
        answer.media_type, answer.charset, answer.etag, answer.last_modified, answer.archive_url, answer.archived_at,
    )  # fmt: skip
