"""The log of a hydration: a file that only grows, one line per attempt, synced to the disk before the next request."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta, Struct

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Via = Literal["web", "archive", "warc"]


class Attempt(Struct, frozen=True, forbid_unknown_fields=True):
    """One attempt at one catalogue entry: the page that came and its file below `pages/`, or why nothing came.

    `again` is true if a later run asks again by itself.
    """

    catalogue_id: str
    url: str
    at: str
    outcome: Literal["got", "unchanged", "refused"]
    via: Via
    page: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")] | None = None  # a file name, never a path
    sha256: str | None = None
    final_url: str | None = None
    status: Annotated[int, Meta(ge=0, lt=1000)] | None = None
    media_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    archive_url: str | None = None
    archived_at: str | None = None
    reason: str | None = None
    detail: str | None = None
    again: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError if a page came and the line does not name it."""
        if self.outcome == "got" and (self.page is None or self.sha256 is None):
            raise ValueError("the page of this attempt has no name or no hash")


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """The beginning of a run: the ids of the entries it chose, and its dataset; None for the bundled dataset."""

    chosen: tuple[str, ...]
    source: str | None = None


class History(Struct, frozen=True):
    """What a log holds: the entries that some run chose, and the attempts at each, the oldest first.

    `source` is the dataset of the newest run, `fresh` what that run attempted, `lost` the (page, SHA-256) whose bytes
    are no longer on the disk.
    """

    chosen: frozenset[str]
    attempts: dict[str, list[Attempt]]
    source: str | None = None
    fresh: frozenset[Attempt] = frozenset()
    lost: frozenset[tuple[str | None, str | None]] = frozenset()

    def fetched(self, catalogue_id: str) -> list[Attempt]:
        """Return the attempts that gave a page, the newest first, lost pages included."""
        return [one for one in reversed(self.attempts.get(catalogue_id, [])) if one.outcome == "got"]

    def pages(self, catalogue_id: str) -> list[Attempt]:
        """Return the attempts whose page is on the disk, the newest first; one per file, the newest."""
        newest: dict[str | None, Attempt] = {}
        for one in self.fetched(catalogue_id):
            if (one.page, one.sha256) not in self.lost:
                newest.setdefault(one.page, one)
        return list(newest.values())

    def is_lost(self, catalogue_id: str) -> bool:
        """Return whether the newest page that came is no longer there, or has other bytes."""
        fetched = self.fetched(catalogue_id)
        return bool(fetched) and (fetched[0].page, fetched[0].sha256) in self.lost

    def last(self, catalogue_id: str) -> Attempt | None:
        """Return the newest attempt."""
        return next(reversed(self.attempts.get(catalogue_id, [])), None)


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the number and the content of each line, None if a line is not JSON.

    A torn last line, left by a run that was killed, is passed over.
    """
    lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            yield number, None


def read_log(path: Path) -> History:
    """Read a log; raises InputError if a line is not one that a run writes."""
    chosen: set[str] = set()
    attempts: dict[str, list[Attempt]] = {}
    source: str | None = None
    fresh: set[Attempt] = set()
    for number, found in read_lines(path):
        try:
            if isinstance(found, dict) and "chosen" in found:
                start = msgspec.convert(found, Start)
                chosen.update(start.chosen)
                source, fresh = start.source, set()
            else:
                attempt = msgspec.convert(found, Attempt)
                attempts.setdefault(attempt.catalogue_id, []).append(attempt)
                fresh.add(attempt)
        except msgspec.ValidationError as error:
            message = f"{path}, line {number} is not an attempt ({error}). Remove the line; its address is asked again."
            raise InputError([message]) from error
    return History(frozenset(chosen), attempts, source, frozenset(fresh))


class Log:
    """A log that is open for more lines; a context manager. Each line is on the disk when its method returns."""

    def __init__(self, path: Path) -> None:
        """Open the file, and cut a torn last line off."""
        self._file = path.open("ab+")
        self._file.seek(0)
        whole = self._file.read().rfind(b"\n") + 1
        self._file.truncate(whole)
        self._file.seek(whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def start(self, ids: Iterable[str], source: str | None) -> None:
        """Write which entries a run asks for, and of which dataset."""
        self.write({"chosen": sorted(ids), "source": source})

    def add(self, attempt: Attempt) -> None:
        """Write an attempt."""
        self.write({name: value for name, value in msgspec.structs.asdict(attempt).items() if value is not None})

    def write(self, line: dict[str, Any]) -> None:
        """Write a line."""
        self._file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
