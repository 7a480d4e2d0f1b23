"""The folder of a hydration: pages as they came, the log, and what is made from both."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from espress.errors import DamagedDataError, InputError
from espress.hydrating.log import History, Log, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TOLD = "hydrated.json"
_OWN = {"pages", "raw", "data", "state.jsonl", _TOLD, "lock"}


@dataclass(frozen=True)
class Told:
    """Which dataset the tables belong to, and the SHA-256 of each file below `data/`."""

    version: str
    edition: str
    root: str
    files: dict[str, str]


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

    def log(self) -> Log:
        """Open the log for more lines."""
        return Log(self.folder / "state.jsonl")

    def history(self) -> History:
        """Read the log; raises InputError."""
        return read_log(self.folder / "state.jsonl")

    def keep(self, catalogue_id: str, payload: bytes, media_type: str | None) -> str:
        """Write a page's bytes, whole or not at all; returns the name of its file, the one there if it has them."""
        from espress_build import disk

        ending = "txt" if media_type == "text/plain" else "html"
        for number in count(1):
            path = self.pages / (f"{catalogue_id}.{ending}" if number == 1 else f"{catalogue_id}.{number}.{ending}")
            if not path.exists():
                disk.replace_bytes(path, payload)
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
            begun = (self.folder / "state.jsonl").is_file()
            why = "is not whole: a run is at work in it, or was stopped" if begun else "holds nothing that was hydrated"
            raise InputError([f"{self.folder} {why}. Type: espress hydrate {self.folder}"])
        try:
            told = json.loads(self.told.read_bytes())
            return Told(str(told["version"]), str(told["edition"]), str(told["root"]), dict(told["files"]))
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedDataError(
                f"{self.told} cannot be read: {error!r}. Type: espress hydrate {self.folder} (pages are kept)"
            ) from error


@contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """Make the folder if need be, and hold it alone.

    Raises:
        InputError: it holds something else, another run holds it, or it cannot be written.
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
            yield Home(folder)
    except Timeout as error:
        raise InputError([f"Another run works in {folder}. Wait for it to end."]) from error
    except OSError as error:
        raise InputError([f"{folder} cannot be written: {error}."]) from error
