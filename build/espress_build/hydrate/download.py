"""Asking the network for pages; each answer is on the disk before the next is asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from espress_build.hydrate.choose import in_turn
from espress_build.hydrate.log import Attempt
from espress_build.hydrate.outcomes import Got, Refused, Unchanged, Validators
from espress_build.hydrate.progress import bar

if TYPE_CHECKING:
    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.client import Fetcher
    from espress_build.hydrate.folder import Home
    from espress_build.hydrate.log import History, Log, Via


@dataclass(frozen=True)
class Asked:
    """How many pointers were asked for, and whether somebody stopped it."""

    number: int
    interrupted: bool = False


def say_stopped() -> None:
    """Tell whoever pressed Ctrl-C what becomes of what is there."""
    sys.stderr.write("Stopped; tables are made of what is here.\n")


def now() -> str:
    """Return the moment, in UTC to the second."""
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
        row["catalogue_id"], row["url"], now(), "refused", via, status=answer.status, reason=answer.reason,
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
            say_stopped()
            return Asked(number, interrupted=True)
        return Asked(number)
