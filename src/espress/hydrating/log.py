"""What became of each address, in a file that only grows: one line an attempt, on the disk before the next begins."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self

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


@dataclass(frozen=True)
class History:
    """All that a log tells: pointers that some run chose, and the attempts at each, the oldest first."""

    chosen: frozenset[str]
    attempts: dict[str, list[Attempt]]

    def pages(self, catalogue_id: str) -> list[Attempt]:
        """Return the attempts that gave a page, the newest first; of several that gave the same bytes the newest."""
        newest: dict[str | None, Attempt] = {}
        for one in reversed(self.attempts.get(catalogue_id, [])):
            if one.outcome == "got":
                newest.setdefault(one.page, one)
        return list(newest.values())

    def last(self, catalogue_id: str) -> Attempt | None:
        """Return the newest attempt, null if there was none."""
        return next(reversed(self.attempts.get(catalogue_id, [])), None)


def _parsed(line: bytes) -> Attempt | list[str] | None:
    """Return an attempt, or the ids that a run chose; null for what is neither."""
    try:
        found = json.loads(line)
        if isinstance(found, dict) and set(found) == {"chosen"} and isinstance(found["chosen"], list):
            return [str(one) for one in found["chosen"]]
        return Attempt(**found) if isinstance(found, dict) and set(found) <= _KEYS else None
    except (ValueError, TypeError):
        return None


def read_log(path: Path) -> History:
    """Read a log; a last line that was torn off when the run was killed is as if it had not been written.

    Raises:
        InputError: another line cannot be read.
    """
    lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    chosen: set[str] = set()
    attempts: dict[str, list[Attempt]] = {}
    for number, line in enumerate(lines[:-1], 1):
        found = _parsed(line)
        if found is None:
            raise InputError(
                [f"{path}, line {number} is no attempt. Take the line out; its address is asked for anew."]
            )
        if isinstance(found, Attempt):
            attempts.setdefault(found.catalogue_id, []).append(found)
        else:
            chosen.update(found)
    return History(frozenset(chosen), attempts)


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

    def chose(self, ids: Iterable[str]) -> None:
        """Write down what a run will ask for."""
        self.write({"chosen": sorted(ids)})

    def add(self, attempt: Attempt) -> None:
        """Write an attempt down; it is on the disk on return."""
        self.write({name: value for name, value in asdict(attempt).items() if value is not None})

    def write(self, what: dict[str, Any]) -> None:
        """Write a line; it is on the disk on return."""
        self._file.write(json.dumps(what, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
