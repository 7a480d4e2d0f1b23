"""The folder of a hydration: pages as received, the log, and the drafts and tables that are made from both.

The log is a file that only grows, one line per attempt, synced to the disk before the next request.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from filelock import FileLock, Timeout

from espress.data.hydrated import CONTENTS, LOG
from espress.errors import InputError
from espress.files import explain_json_error, hash_file, replace_file
from espress.schema import schema
from espress.tables import join_few
from espress_build.inputs.toml_files import structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_Line = TypeVar("_Line")

_LOCK = "lock"
TABLES = ("articles", "sentences", "catalogue", "rejects", "provenance", "relations")
_RAW = ("articles", "unit_moves.csv")  # only earlier versions made unit_moves.csv
_DRAFT = re.compile(r"(record\.toml|source\.[a-z]+)")
_PAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Attempt:
    """One attempt at one catalogue entry: the fetched page and its file below `pages/`, or why there is none.

    `again` is true if a later run repeats the request without `retry`.
    """

    catalogue_id: str
    url: str
    at: str
    outcome: Literal["got", "unchanged", "refused"]
    via: Literal["web", "archive", "warc"]
    page: str | None = None  # a file name, never a path
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

    def __post_init__(self) -> None:
        """Raise ValueError if the page, its hash or the status is invalid."""
        if self.outcome == "got" and (self.page is None or self.sha256 is None):
            raise ValueError("the page of this attempt has no name or no hash")
        if self.page is not None and not _PAGE.fullmatch(self.page):
            raise ValueError(f"{self.page!r} is not the name of a page")
        if self.status is not None and not 0 <= self.status < 1000:
            raise ValueError(f"{self.status} is not an HTTP status")


@dataclass(frozen=True)
class Start:
    """The beginning of a run: the ids of the entries it chose, and its dataset; None for the bundled dataset."""

    chosen: tuple[str, ...]
    source: str | None = None


@dataclass
class History:
    """What a log holds: the entries that some run chose, and the attempts at each, the oldest first.

    `pages_folder` holds the pages, `source` is the dataset of the newest run, `fresh` holds the attempts of that run.
    """

    pages_folder: Path
    chosen: set[str] = field(default_factory=set)
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    source: str | None = None
    fresh: set[Attempt] = field(default_factory=set)

    @cached_property
    def lost(self) -> set[tuple[str | None, str | None]]:
        """The names and SHA-256 of fetched pages whose bytes are missing or changed on the disk."""
        wanted = {(one.page, one.sha256) for name in self.attempts for one in self.fetched(name)}
        there = {page: _hash_page(self.pages_folder / (page or "")) for page, _ in wanted}
        return {(page, sha256) for page, sha256 in wanted if there[page] != sha256}

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
        """Return whether the newest fetched page is missing or changed on the disk."""
        fetched = self.fetched(catalogue_id)
        return bool(fetched) and (fetched[0].page, fetched[0].sha256) in self.lost

    def last(self, catalogue_id: str) -> Attempt | None:
        """Return the newest attempt."""
        return next(reversed(self.attempts.get(catalogue_id, [])), None)


def read_lines(path: Path, what: str, choose: Callable[[Any], type[_Line]]) -> Iterator[_Line]:
    """Yield each line of a log as the dataclass that `choose` returns for it.

    A torn last line, left by a run that was killed, is passed over.

    Raises:
        InputError: a line is not `what`.
    """
    lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    for number, line in enumerate(lines[:-1], 1):
        try:
            raw = json.loads(line)
            found, problems = structure(choose(raw), raw, "the line")
        except (ValueError, RecursionError) as error:
            found, problems = None, [explain_json_error(error)]
        if found is None:
            said = "; ".join(problems)
            raise InputError(
                [f"{path}, line {number} is not {what}: {said}. Remove the line; its address is then requested again."]
            )
        yield found


def _choose_kind(raw: Any) -> type[Start | Attempt]:
    return Start if isinstance(raw, dict) and "chosen" in raw else Attempt


def _hash_page(path: Path) -> str | None:
    try:
        return hash_file(path)
    except OSError:
        return None


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

    def add(self, attempt: Attempt) -> None:
        """Write an attempt."""
        self.write({name: value for name, value in asdict(attempt).items() if value is not None})

    def write(self, line: dict[str, Any]) -> None:
        """Write a line."""
        self._file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class Folder:
    """The paths of a hydration; nothing need exist.

    `pages` holds the pages as received, one file each, never overwritten; `log` records what all runs did. Every run
    replaces `raw` (the drafts in the form of the corpus's own articles) and `data` (the tables). `contents` describes
    the tables; it is written last, so a folder without it is not complete.
    """

    def __init__(self, path: Path) -> None:
        """Name the parts of a folder."""
        self.path = path
        self.pages, self.raw, self.data = path / "pages", path / "raw", path / "data"
        self.log, self.contents = path / LOG, path / CONTENTS

    def read_history(self) -> History:
        """Read the log; raises InputError if a line is invalid."""
        history = History(self.pages)
        for line in read_lines(self.log, "an attempt", _choose_kind):
            if isinstance(line, Start):
                history.chosen.update(line.chosen)
                history.source, history.fresh = line.source, set()
            else:
                history.attempts.setdefault(line.catalogue_id, []).append(line)
                history.fresh.add(line)
        return history

    def save_page(self, catalogue_id: str, payload: bytes, media_type: str | None) -> str:
        """Save the bytes of a page and return the name of its file; a file with the same bytes is used again."""
        ending = "txt" if media_type == "text/plain" else "html"
        for number in count(1):
            path = self.pages / (f"{catalogue_id}.{ending}" if number == 1 else f"{catalogue_id}.{number}.{ending}")
            if not path.exists():
                replace_file(path, payload)
                return path.name
            if path.read_bytes() == payload:
                return path.name
        raise AssertionError("there is always another number")


@contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Raise InputError if another run holds the lock of a path, or if it cannot be written."""
    try:
        yield
    except Timeout as error:
        raise InputError([f"Another run works in {path}. Wait for it to end."]) from error
    except OSError as error:
        raise InputError([f"{path} cannot be written: {error}."]) from error


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Make a folder if need be, and hold its lock.

    Raises:
        InputError: it holds files that no run made, another run holds it, its log is gone, or it cannot be written.
    """
    folder = Folder(path)
    with explain_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        if foreign := sorted(_find_foreign(folder)):
            names = join_few(foreign)
            raise InputError(
                [f"{path} holds files that no run wrote: {names}. Move them away, or name another folder."]
            )
        folder.pages.mkdir(exist_ok=True)
        with FileLock(path / _LOCK, timeout=0):
            _check_parts(folder)
            yield folder


def _list_names(path: Path) -> list[str]:
    """Return the names in a folder that are not hidden; none if it is a link or no folder."""
    if path.is_symlink() or not path.is_dir():
        return []
    return [one.name for one in path.iterdir() if not one.name.startswith(".")]


def _find_foreign(folder: Folder) -> Iterator[str]:
    """Yield the files that no run made, in the folder itself and in the parts that every run replaces."""
    own = {"pages", "raw", "data", LOG, CONTENTS, _LOCK}
    yield from (name for name in _list_names(folder.path) if name not in own)
    tables = {f"{name}.parquet" for name in TABLES}
    yield from (f"data/{name}" for name in _list_names(folder.data) if name not in tables)
    yield from (f"raw/{name}" for name in _list_names(folder.raw) if name not in _RAW)
    pattern = next(one.pattern for one in schema().table("articles").columns if one.name == "article_id") or ""
    for article in _list_names(folder.raw / "articles"):
        names = _list_names(folder.raw / "articles" / article)
        if not re.fullmatch(pattern, article):
            yield f"raw/articles/{article}"
        yield from (f"raw/articles/{article}/{name}" for name in names if not _DRAFT.fullmatch(name))


def _check_parts(folder: Folder) -> None:
    """Raise InputError if a part is a link or of the wrong kind, or if there are pages but no log."""
    for part in (folder.raw, folder.data, folder.contents, folder.log):
        kind = "folder" if part in (folder.raw, folder.data) else "file"
        if part.is_symlink() or (part.exists() and part.is_dir() != (kind == "folder")):
            raise InputError([f"{part} is a link or not a {kind}. Move it away and type the command again."])
    begun = folder.log.is_file() and folder.log.stat().st_size > 0
    if not begun and _list_names(folder.pages):
        raise InputError(
            [f"{folder.pages} holds pages, but their log {folder.log} is gone. Restore it, or name another folder."]
        )
