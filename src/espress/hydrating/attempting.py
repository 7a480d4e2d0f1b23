"""Asking for pages, of the network or of the user's own WARC files; each answer is on the disk before the next."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from espress.addresses import page_key
from espress.errors import InputError
from espress.hydrating.answers import Got, Refused, Unchanged, Validators
from espress.hydrating.choosing import in_turn
from espress.hydrating.log import Attempt
from espress.hydrating.progress import bar

if TYPE_CHECKING:
    from pathlib import Path

    from espress.hydrating.choosing import Row
    from espress.hydrating.fetching import Fetcher
    from espress.hydrating.home import Home
    from espress.hydrating.log import History, Log, Via
    from espress_build.params import Pages


@dataclass(frozen=True)
class Asked:
    """How many pointers were asked for, and whether somebody stopped it."""

    number: int
    interrupted: bool = False


def _stopped() -> None:
    sys.stderr.write("Stopped; tables are made of what is here.\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _known(history: History, row: Row) -> Validators | None:
    """Return what a server needs to say that a page is unchanged, only of one that came from there and is here."""
    if history.is_lost(row["catalogue_id"]):
        return None
    page = next(iter(history.pages(row["catalogue_id"])), None)
    return Validators(page.etag, page.last_modified) if page and page.via == "web" else None


def _got(row: Row, answer: Got, home: Home) -> Attempt:
    page = home.keep(row["catalogue_id"], answer.payload, answer.media_type)
    via: Via = "archive" if answer.archive_url else "web"
    return Attempt(
        row["catalogue_id"], row["url"], answer.fetched_at, "got", via, page, answer.sha256, answer.final_url,
        answer.status, answer.media_type, answer.charset, answer.validators.etag, answer.validators.last_modified,
        answer.archive_url, answer.archived_at,
    )  # fmt: skip


def _attempt(row: Row, answer: Got | Unchanged | Refused, home: Home, *, live: bool) -> Attempt:
    if isinstance(answer, Got):
        return _got(row, answer, home)
    via: Via = "web" if live else "archive"
    if isinstance(answer, Unchanged):
        return Attempt(row["catalogue_id"], row["url"], answer.fetched_at, "unchanged", via)
    return Attempt(
        row["catalogue_id"], row["url"], _now(), "refused", via, status=answer.status, reason=answer.reason,
        detail=answer.detail, again=answer.again,
    )  # fmt: skip


class Round:
    """What asks the network and writes the answers down, while a run lasts."""

    def __init__(self, fetcher: Fetcher, home: Home, log: Log) -> None:
        """Keep what answers come from and go to."""
        self._fetcher, self._home, self._log = fetcher, home, log

    def ask(self, rows: list[Row], *, archived: bool = False) -> Asked:
        """Ask for each pointer once, hosts in turn; with `archived` only archives are asked.

        Ctrl-C ends the asking, not the run.
        """
        number, history = 0, self._home.history()
        try:
            for row in bar(in_turn(rows), len(rows), "archives" if archived else "pages", "page"):
                live = not archived and row["fetch"] == "may_fetch"
                known = _known(history, row) if live else None
                answer = self._fetcher.fetch(row["url"], known=known, around=row["published"], live=live)
                self._log.add(_attempt(row, answer, self._home, live=live))
                number += 1
        except KeyboardInterrupt:
            _stopped()
            return Asked(number, interrupted=True)
        return Asked(number)


def _of_files(files: list[Path], keys: dict[str, list[Row]], limits: Pages, home: Home, log: Log) -> set[str]:
    """Write down what WARC files hold of the addresses in `keys`; returns the ids found."""
    from hashlib import sha256

    from espress_build.pages.reading import Saved
    from espress_build.pages.warc import read_warc

    found: set[str] = set()
    for file in bar(files, len(files), "WARC files", "file"):
        for saved in read_warc(file, limits, wanted=lambda url: page_key(url) in keys):
            if not isinstance(saved, Saved) or saved.url is None:
                continue
            for row in keys[page_key(saved.url)]:
                page = home.keep(row["catalogue_id"], saved.payload, None)
                digest = sha256(saved.payload).hexdigest()
                log.add(Attempt(row["catalogue_id"], row["url"], _now(), "got", "warc", page, digest, saved.url, 200,
                                charset=saved.charset, archived_at=saved.taken_at, detail=saved.source))  # fmt: skip
                found.add(row["catalogue_id"])
    return found


def look_up(rows: list[Row], files: list[Path], limits: Pages, home: Home, log: Log) -> Asked:
    """Look for each pointer in WARC files, by address; what is not there is written down, and no network is asked.

    Raises:
        InputError: a file does not exist.
        MissingLibraryError: FastWARC is not installed.
    """
    if missing := [file for file in files if not file.is_file()]:
        raise InputError([f"{file} is no file; name a WARC file, plain or gzipped." for file in missing])
    keys: dict[str, list[Row]] = {}
    for row in rows:
        keys.setdefault(page_key(row["url"]), []).append(row)
    try:
        found = _of_files(files, keys, limits, home, log)
    except KeyboardInterrupt:
        _stopped()
        return Asked(0, interrupted=True)
    named = ", ".join(file.name for file in files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    for row in rows:
        if row["catalogue_id"] not in found:
            log.add(Attempt(row["catalogue_id"], row["url"], _now(), "refused", "warc", reason="not_in_warc",
                            detail=f"looked for in {named}", again=True))  # fmt: skip
    return Asked(len(rows))
