"""The folder of a hydration: pages as they came, the log, and what is made from both."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import DamagedDataError, InputError
from espress_build.hydrate.log import History, Log, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

HUB = "hub:"  # as in resolving
_TOLD = "hydrated.json"
_OWN = {"pages", "raw", "data", "state.jsonl", _TOLD, "lock"}


def lasting(source: str | Path | None) -> str | None:
    """Return a source as it is found from any folder, under any locale; one of the Hub stays, null is the bundled."""
    if source is None or str(source).startswith(HUB):
        return None if source is None else str(source)
    return os.fsencode(Path(source).expanduser().resolve()).decode("utf-8", "surrogateescape")


def found_again(source: str | None) -> str | None:
    """Return what `lasting` made of a source as the name that it has here."""
    return None if source is None else os.fsdecode(source.encode("utf-8", "surrogateescape"))


def typed(folder: Path, more: str = "") -> str:
    """Return a command on a folder as a shell takes it."""
    return f"espress hydrate {shlex.quote(str(folder))}{more}"


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


@dataclass(frozen=True)
class Told:
    """Which dataset the tables belong to, where it came from, and the SHA-256 of each file below `data/`."""

    version: str
    edition: str
    root: str
    files: dict[str, str]
    source: str | None


@dataclass(frozen=True)
class Home:
    """The folder; nothing in it need exist."""

    folder: Path

    @property
    def pages(self) -> Path:
        """The bytes that came, one file a page; none is ever overwritten."""
        return self.folder / "pages"

    @property
    def raw(self) -> Path:
        """Drafted articles in the form of the corpus's own; made anew by every run."""
        return self.folder / "raw"

    @property
    def data(self) -> Path:
        """The tables; made anew by every run."""
        return self.folder / "data"

    @property
    def told(self) -> Path:
        """What the tables are: written last, so that a folder without it is not whole."""
        return self.folder / _TOLD

    @property
    def state(self) -> Path:
        """The log: what was chosen, and what became of each attempt."""
        return self.folder / "state.jsonl"

    def log(self) -> Log:
        """Open the log for more lines."""
        return Log(self.state)

    def history(self) -> History:
        """Read the log, and look whether the pages that came are there as they came; raises InputError."""
        history = read_log(self.state)
        wanted = {(one.page, one.sha256) for name in history.attempts for one in history.got(name)}
        there = {page: _digest(self.pages / page) for page, _ in wanted if page is not None}
        return replace(history, lost=frozenset(one for one in wanted if there.get(one[0] or "") != one[1]))

    def keep(self, catalogue_id: str, payload: bytes, media_type: str | None) -> str:
        """Write a page's bytes, whole or not at all; returns the name of its file, the one there if it has them."""
        from espress_build.pipeline import dataset_exchange

        ending = "txt" if media_type == "text/plain" else "html"
        for number in count(1):
            path = self.pages / (f"{catalogue_id}.{ending}" if number == 1 else f"{catalogue_id}.{number}.{ending}")
            if not path.exists():
                dataset_exchange.replace_bytes(path, payload)
                return path.name
            if path.read_bytes() == payload:
                return path.name
        raise AssertionError("there is always another number")

    def read_told(self) -> Told:
        """Return what the tables are.

        Raises:
            InputError: there is no such folder, or a run in it has not come to its end.
            DamagedDataError: what it says cannot be read.
        """
        if not self.told.is_file():
            raise InputError([self._untold()])
        try:
            told = json.loads(self.told.read_bytes())
            source = found_again(told.get("source"))
            return Told(str(told["version"]), str(told["edition"]), str(told["root"]), dict(told["files"]), source)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DamagedDataError(
                f"{self.told} cannot be read: {error!r}. Type: {typed(self.folder, ' --limit 0')} (pages are kept)"
            ) from error

    def _untold(self) -> str:
        if self.state.is_file():
            return (
                f"{self.folder} is not whole: a run is at work in it, or was stopped. Go on with "
                f"`{typed(self.folder)}`, or make tables of what came with `{typed(self.folder, ' --limit 0')}`."
            )
        what = "holds nothing that was hydrated" if self.folder.exists() else "does not exist"
        return f"{self.folder} {what}. Is the name right? `espress hydrate FOLDER` makes and fills such a folder."


def _check_whole(home: Home) -> None:
    """Raise InputError where a part is not what a run may replace, or pages are there that nobody knows of."""
    for part in (home.raw, home.data, home.told, home.state):
        kind = "folder" if part in (home.raw, home.data) else "file"
        if part.is_symlink() or (part.exists() and part.is_dir() != (kind == "folder")):
            said = (
                f"{part} is a link, or no {kind}, and a run would replace it. Move it away and type the command again."
            )
            raise InputError([said])
    begun = home.state.is_file() and home.state.stat().st_size > 0
    if not begun and any(not page.name.startswith(".") for page in home.pages.iterdir()):
        said = f"{home.pages} holds pages, but {home.state}, which says what they are, is gone."
        raise InputError([f"{said} Put it back, or name another folder."])


@contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """Make the folder if need be, and hold it alone.

    Raises:
        InputError: it holds something else, another run holds it, its log is gone, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = sorted(one.name for one in folder.iterdir() if one.name not in _OWN and not one.name.startswith("."))
        if foreign:
            raise InputError(
                [f"{folder} holds what no hydration made: {', '.join(foreign[:5])}. Name a folder of its own."]
            )
        (folder / "pages").mkdir(exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            _check_whole(Home(folder))
            yield Home(folder)
    except Timeout as error:
        raise InputError([f"Another run works in {folder}. Wait for it to end."]) from error
    except OSError as error:
        raise InputError([f"{folder} cannot be written: {error}."]) from error
