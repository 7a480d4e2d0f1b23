"""What became of each address, in a file that only grows: one line an attempt, on the disk before the next begins."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Outcome = Literal["got", "unchanged", "refused"]
Via = Literal["web", "archive", "warc"]


@dataclass(frozen=True)
class Attempt:
    """One attempt at one pointer: what came and where it lies below `pages/`, or why nothing came.

    `again` says that a later run may try anew without being told to.
    """

    catalogue_id: str
    url: str
    at: str
    outcome: Outcome
    via: Via
    page: str | None = None
    sha256: str | None = None
    final_url: str | None = None
    status: int | None = None
    media_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    archive_url: str | None = None
    archived_at: str | None = None
    reason: str | None = None
    detail: str | None = None
    again: bool = False


_KEYS = {field.name for field in fields(Attempt)}
_PAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # a name below pages/, and no path


@dataclass(frozen=True)
class Chosen:
    """What a run began with: the pointers that it chose, and the source of its dataset, null for the bundled one."""

    ids: tuple[str, ...]
    source: str | None


@dataclass(frozen=True)
class History:
    """All that a log tells: pointers that some run chose, and the attempts at each, the oldest first.

    `source` is the dataset of the newest run, `fresh` what that run attempted, `lost` the (page, SHA-256) of which the
    bytes are no longer there.
    """

    chosen: frozenset[str]
    attempts: dict[str, list[Attempt]]
    source: str | None = None
    fresh: frozenset[Attempt] = frozenset()
    lost: frozenset[tuple[str | None, str | None]] = frozenset()

    def got(self, catalogue_id: str) -> list[Attempt]:
        """Return the attempts that gave a page, the newest first, whatever became of the page."""
        return [one for one in reversed(self.attempts.get(catalogue_id, [])) if one.outcome == "got"]

    def pages(self, catalogue_id: str) -> list[Attempt]:
        """Return the attempts whose page is there, the newest first; of several that gave the same bytes the newest."""
        newest: dict[str | None, Attempt] = {}
        for one in self.got(catalogue_id):
            if (one.page, one.sha256) not in self.lost:
                newest.setdefault(one.page, one)
        return list(newest.values())

    def is_lost(self, catalogue_id: str) -> bool:
        """Say whether the newest page that came is no longer there, or has other bytes."""
        got = self.got(catalogue_id)
        return bool(got) and (got[0].page, got[0].sha256) in self.lost

    def last(self, catalogue_id: str) -> Attempt | None:
        """Return the newest attempt, null if there was none."""
        return next(reversed(self.attempts.get(catalogue_id, [])), None)


def _is_attempt(found: dict[str, Any]) -> bool:
    """Say whether a line holds what an attempt may hold; its page is read from the disk, so it must be a bare name."""
    texts = [value for name, value in found.items() if name not in ("status", "again")]
    status, page = found.get("status", 200), found.get("page")
    return (
        found.keys() <= _KEYS
        and all(isinstance(value, str) for value in texts)
        and found.get("outcome") in get_args(Outcome)
        and found.get("via") in get_args(Via)
        and type(status) is int
        and 0 <= status < 1000
        and type(found.get("again", False)) is bool
        and (page is None or _PAGE.fullmatch(page) is not None)
        and (found["outcome"] != "got" or {"page", "sha256"} <= found.keys())
    )


def _chosen(found: dict[str, Any]) -> Chosen | None:
    ids, source = found["chosen"], found.get("source")
    if found.keys() <= {"chosen", "source"} and isinstance(ids, list) and isinstance(source, str | None):
        return Chosen(tuple(map(str, ids)), source)
    return None


def _parsed(line: bytes) -> Attempt | Chosen | None:
    """Return an attempt, or what a run began with; null for what is neither."""
    try:
        found = json.loads(line)
        if isinstance(found, dict) and "chosen" in found:
            return _chosen(found)
        return Attempt(**found) if isinstance(found, dict) and _is_attempt(found) else None
    except (ValueError, TypeError, RecursionError):
        return None


def read_log(path: Path) -> History:
    """Read a log; a last line that was torn off when the run was killed is as if it had not been written.

    Raises:
        InputError: another line cannot be read.
    """
    lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    chosen: set[str] = set()
    attempts: dict[str, list[Attempt]] = {}
    source: str | None = None
    fresh: set[Attempt] = set()
    for number, line in enumerate(lines[:-1], 1):
        found = _parsed(line)
        if found is None:
            raise InputError(
                [f"{path}, line {number} is no attempt. Take the line out; its address is asked for anew."]
            )
        if isinstance(found, Attempt):
            attempts.setdefault(found.catalogue_id, []).append(found)
            fresh.add(found)
        else:
            chosen.update(found.ids)
            source, fresh = found.source, set()
    return History(frozenset(chosen), attempts, source, frozenset(fresh))


class Log:
    """The log of a folder, open for more lines; a context manager."""

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

    def chose(self, ids: Iterable[str], source: str | None) -> None:
        """Write down what a run will ask for, and of which dataset."""
        self.write({"chosen": sorted(ids), "source": source})

    def add(self, attempt: Attempt) -> None:
        """Write an attempt down; it is on the disk on return."""
        self.write({name: value for name, value in asdict(attempt).items() if value is not None})

    def write(self, what: dict[str, Any]) -> None:
        """Write a line; it is on the disk on return."""
        self._file.write(json.dumps(what, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
