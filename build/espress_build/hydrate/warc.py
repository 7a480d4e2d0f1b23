"""Find pages by address in WARC files that the user has, such as those of CC-NEWS; no network is asked."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.tables import join_few
from espress.urls import page_key
from espress_build.hydrate.archive import parse_moment
from espress_build.hydrate.log import Attempt
from espress_build.hydrate.progress import bar, now

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.folder import Folder
    from espress_build.hydrate.log import Log
    from espress_build.inputs.params import Pages
    from espress_build.pages.saved import Failure, LeftOut, Saved

_FAR = float("inf")
_REASON_BY_STATUS = {"404": "not_found", "410": "gone"}


def search_warc(rows: list[Row], files: tuple[Path, ...], limits: Pages, folder: Folder, log: Log) -> int:
    """Look for entries in WARC files by address, log a page or a reason for each, and return how many.

    Of several pages with one address, the one taken nearest to the day of publication is kept; if two are as near, the
    first. Faults of a whole file go to stderr.

    Raises:
        InputError: a file does not exist.
        MissingLibraryError: FastWARC is not installed.
    """
    from espress_build.pages.warc import read_warc

    if missing := [file for file in files if not file.is_file()]:
        raise InputError([f"{file} is not a file; name a WARC file, plain or gzipped." for file in missing])
    search = _Search(rows, folder, log)
    for file in bar(files, len(files), "WARC files", "file"):
        for found in read_warc(file, limits, wanted=search.wants):
            search.take(found)
    named = join_few([file.name for file in files], 3)
    for row in rows:
        if row["catalogue_id"] not in search.nearest:
            reason, detail = search.reasons.get(row["catalogue_id"], ("not_in_warc", f"looked for in {named}"))
            log.add(Attempt(row["catalogue_id"], row["url"], now(), "refused", "warc", reason=reason, detail=detail,
                            again=True))  # fmt: skip
    return len(rows)


class _Search:
    """The entries by address, the distance of the nearest page of each so far, and reasons why there is no page."""

    def __init__(self, rows: list[Row], folder: Folder, log: Log) -> None:
        self._folder, self._log = folder, log
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            self._rows.setdefault(page_key(row["url"]), []).append(row)
        self.nearest: dict[str, float] = {}
        self.reasons: dict[str, tuple[str, str]] = {}

    def wants(self, url: str) -> bool:
        """Return whether an entry has this address."""
        return page_key(url) in self._rows

    def take(self, found: Saved | Failure | LeftOut) -> None:
        """Keep what a record holds: a page, or the reason why it holds none."""
        from espress_build.pages.saved import Failure, Saved

        if found.url is None:
            if isinstance(found, Failure):
                sys.stderr.write(f"{found.source}: {found.detail}\n")
            return
        for row in self._rows[page_key(found.url)]:
            if isinstance(found, Saved):
                self._take_page(row, found)
            elif explained := _explain(found):
                reason, detail = explained
                self.reasons.setdefault(row["catalogue_id"], (reason, f"{found.source}: {detail}"))

    def _take_page(self, row: Row, saved: Saved) -> None:
        name, distance = row["catalogue_id"], _measure_distance(row, saved.taken_at)
        if name in self.nearest and distance >= self.nearest[name]:
            return
        self.nearest[name] = distance
        page, digest = self._folder.save_page(name, saved.payload, None), sha256(saved.payload).hexdigest()
        self._log.add(Attempt(name, row["url"], now(), "got", "warc", page, digest, saved.url, 200,
                              charset=saved.charset, archived_at=saved.taken_at, detail=saved.source))  # fmt: skip


def _measure_distance(row: Row, taken_at: str | None) -> float:
    """Return the seconds between the publication of an article and the record of its page; infinite if unknown."""
    published = parse_moment(row["published"])
    try:
        taken = datetime.fromisoformat(taken_at or "")
    except ValueError:
        return _FAR
    taken = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
    return _FAR if published is None else abs((taken - published).total_seconds())


def _explain(found: Failure | LeftOut) -> tuple[str, str] | None:
    """Return the reason and details why a record holds no page; None for requests and other records."""
    from espress_build.pages.saved import Failure

    if isinstance(found, Failure):
        return "too_large" if found.reason == "too_large" else "incomplete", found.detail
    kind, _, status = found.what.partition(" ")
    if kind == "status":
        if status.startswith("3"):
            return "too_many_redirects", f"status {status}; the file does not say what the redirect gave"
        return _REASON_BY_STATUS.get(status, "server_error" if status.startswith("5") else "refused"), found.what
    return ("not_a_page", found.what) if "/" in found.what else None
