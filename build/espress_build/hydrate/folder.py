"""The folder of a hydration: pages as they came, the log, and the drafts and tables that are made from both."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from espress.data.hydrated import CONTENTS, LOG
from espress.errors import InputError
from espress.files import replace_file
from espress.schema import schema
from espress.tables import join_few
from espress_build.hydrate.log import History, Log, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUB = "hub:"  # how a source of the Hugging Face Hub begins
_LOCK = "lock"
TABLES = ("articles", "sentences", "catalogue", "rejects", "provenance", "relations")
_RAW = ("articles", "unit_moves.csv")  # earlier versions made the second
_DRAFT = re.compile(r"(record\.toml|source\.[a-z]+)")


def record_source(source: str | Path | None) -> str | None:
    """Return a source so that a later run finds it from any folder and under any locale; None is the bundled one."""
    if source is None or str(source).startswith(_HUB):
        return None if source is None else str(source)
    return os.fsencode(Path(source).expanduser().resolve()).decode("utf-8", "surrogateescape")


class Folder:
    """The paths of a hydration; nothing need exist.

    `pages` holds the pages as they came, one file each, never overwritten; `log` what all runs did. Every run makes
    again `raw`, the drafts in the form of the corpus's own articles, and `data`, the tables. `contents` describes the
    tables; it is written last, so a folder without it is not complete.
    """

    def __init__(self, path: Path) -> None:
        """Name the parts of a folder."""
        self.path = path
        self.pages, self.raw, self.data = path / "pages", path / "raw", path / "data"
        self.log, self.contents = path / LOG, path / CONTENTS

    def open_log(self) -> Log:
        """Open the log for more lines."""
        return Log(self.log)

    def read_history(self) -> History:
        """Read the log and compare the pages with their hashes; raises InputError."""
        history = read_log(self.log)
        wanted = {(one.page, one.sha256) for name in history.attempts for one in history.fetched(name)}
        there = {page: _hash_page(self.pages / page) for page, _ in wanted if page is not None}
        lost = frozenset(one for one in wanted if there.get(one[0] or "") != one[1])
        return msgspec.structs.replace(history, lost=lost)

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


def _hash_page(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Make a folder if need be, and hold its lock.

    Raises:
        InputError: it holds files that no run made, another run holds it, its log is gone, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = Folder(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        if foreign := sorted(_find_foreign(folder)):
            names = join_few(foreign)
            raise InputError([f"{path} holds files of others: {names}. Move them away, or name another folder."])
        folder.pages.mkdir(exist_ok=True)
        with FileLock(path / _LOCK, timeout=0):
            _check_parts(folder)
            yield folder
    except Timeout as error:
        raise InputError([f"Another run works in {path}. Wait for it to end."]) from error
    except OSError as error:
        raise InputError([f"{path} cannot be written: {error}."]) from error


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
    """Raise InputError if a part is not what a run may replace, or if there are pages and no log."""
    for part in (folder.raw, folder.data, folder.contents, folder.log):
        kind = "folder" if part in (folder.raw, folder.data) else "file"
        if part.is_symlink() or (part.exists() and part.is_dir() != (kind == "folder")):
            raise InputError([f"{part} is a link or not a {kind}. Move it away and type the command again."])
    begun = folder.log.is_file() and folder.log.stat().st_size > 0
    if not begun and _list_names(folder.pages):
        raise InputError(
            [f"{folder.pages} holds pages, but their log {folder.log} is gone. Restore it, or name another folder."]
        )
