"""Pages from WARC files that the user has, such as those of CC-NEWS, found by address; no network is asked."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.tables import join_few
from espress.urls import page_key
from espress_build.hydrate.archive import moment_of
from espress_build.hydrate.download import Asked, now, say_stopped
from espress_build.hydrate.log import Attempt
from espress_build.hydrate.progress import bar

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.folder import Home
    from espress_build.hydrate.log import Log
    from espress_build.inputs.params import Pages
    from espress_build.pages.read import Failure, LeftOut, Saved

_FAR = float("inf")
_MEANS = {"404": "not_found", "410": "gone"}  # a server's answers; of class 5 it failed, all others refuse the page


def _seconds_from(row: Row, taken_at: str | None) -> float:
    """Return how far from its publication a page was taken, in seconds; infinite where either is unknown."""
    published = moment_of(row["published"])
    try:
        taken = datetime.fromisoformat(taken_at or "")
    except ValueError:
        return _FAR
    taken = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
    return _FAR if published is None else abs((taken - published).total_seconds())


def _reason(found: Failure | LeftOut) -> tuple[str, str] | None:
    """Return why a record holds no page, in our terms and in its own; null for requests and the like."""
    from espress_build.pages.read import Failure

    if isinstance(found, Failure):
        return "too_large" if found.reason == "too_large" else "incomplete", found.detail
    kind, _, status = found.what.partition(" ")
    if kind == "status":
        if status.startswith("3"):
            return "too_many_redirects", f"status {status}; a file holds what came, not where it led"
        return _MEANS.get(status, "server_error" if status.startswith("5") else "refused"), found.what
    return ("not_a_page", found.what) if "/" in found.what else None


@dataclass
class _Search:
    """What the files hold of the pointers whose addresses are `keys`: the nearest page so far, or why there is none."""

    keys: dict[str, list[Row]]
    home: Home
    log: Log
    nearest: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, tuple[str, str]] = field(default_factory=dict)

    def wants(self, url: str) -> bool:
        """Whether an address is that of a pointer."""
        return page_key(url) in self.keys

    def take(self, found: Saved | Failure | LeftOut) -> None:
        """Note what a record holds; a page counts only if none was taken nearer to the day of publication."""
        from espress_build.pages.read import Failure, Saved

        if found.url is None:
            if isinstance(found, Failure):
                sys.stderr.write(f"{found.source}: {found.detail}\n")
            return
        for row in self.keys[page_key(found.url)]:
            if isinstance(found, Saved):
                self._take_page(row, found)
            elif why := _reason(found):
                self.reasons.setdefault(row["catalogue_id"], (why[0], f"{found.source}: {why[1]}"))

    def _take_page(self, row: Row, saved: Saved) -> None:
        name, far = row["catalogue_id"], _seconds_from(row, saved.taken_at)
        if name in self.nearest and far >= self.nearest[name]:
            return
        self.nearest[name] = far
        page, digest = self.home.keep(name, saved.payload, None), sha256(saved.payload).hexdigest()
        self.log.add(Attempt(name, row["url"], now(), "got", "warc", page, digest, saved.url, 200,
                             charset=saved.charset, archived_at=saved.taken_at, detail=saved.source))  # fmt: skip


def look_up(rows: list[Row], files: list[Path], limits: Pages, home: Home, log: Log) -> Asked:
    """Look for each pointer in WARC files, by address; what is not there is written down.

    Of several pages with one address the one counts that was taken nearest to the day of publication, of those as
    near the first. What is wrong with a file is said on stderr.

    Raises:
        InputError: a file does not exist.
        MissingLibraryError: FastWARC is not installed.
    """
    from espress_build.pages.warc import read_warc

    if missing := [file for file in files if not file.is_file()]:
        raise InputError([f"{file} is no file; name a WARC file, plain or gzipped." for file in missing])
    search = _Search({}, home, log)
    for row in rows:
        search.keys.setdefault(page_key(row["url"]), []).append(row)
    try:
        for file in bar(files, len(files), "WARC files", "file"):
            for found in read_warc(file, limits, wanted=search.wants):
                search.take(found)
    except KeyboardInterrupt:
        say_stopped()
        return Asked(0, interrupted=True)
    named = join_few([file.name for file in files], 3)
    for row in rows:
        if row["catalogue_id"] not in search.nearest:
            reason, detail = search.reasons.get(row["catalogue_id"], ("not_in_warc", f"looked for in {named}"))
            log.add(Attempt(row["catalogue_id"], row["url"], now(), "refused", "warc", reason=reason, detail=detail,
                            again=True))  # fmt: skip
    return Asked(len(rows))
