"""Building in a fresh place: the files of a commit in a folder of their own, with an environment of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.errors import EspressError
from espress.files import hash_file
from espress_build.release import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OPEN = (
    "import sys, pathlib; from espress_build.open_edition.edition import open_edition; "
    "open_edition(*map(pathlib.Path, sys.argv[1:]))"
)
_TAIL = 15  # lines of a failed command that a message shows; the log has them all
# What would let the surroundings of the caller into a fresh environment.
_OWN = re.compile(r"PYTHON|VIRTUAL_ENV|MAKE|MFLAGS|ESPRESS|TZ$|LC_|LANG")


class RebuildError(EspressError):
    """A fresh build failed, or gave other bytes than the first one."""


@dataclass(frozen=True)
class Clone:
    """A fresh copy of the commit: where, in what surroundings, what it logs, and which Python runs there."""

    folder: Path
    log: Path
    surroundings: dict[str, str]
    python: str = sys.executable
    paths: dict[str, str] = field(default_factory=dict)  # more of the environment, where it is not the clone's own

    @property
    def dataset(self) -> Path:
        """The dataset that is built here."""
        return self.folder / "dataset"

    @property
    def open_edition(self) -> Path:
        """The same without texts."""
        return self.folder / "open-edition"

    def call(self, *command: str) -> None:
        """Run a command here, with what it says in the log.

        Raises:
            RebuildError: it failed; the message has the end of what it said.
        """
        own = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
        done = subprocess.run(  # noqa: S603  # commands are our own
            command,
            cwd=self.folder,
            env=own | self.surroundings | self.paths | {"PIP_QUIET": "1"},  # on top of make's: no word on indexes
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said, shown = self._shown(done.stdout.decode(errors="replace")), self._shown(" ".join(command))
        self.note(f"$ {shown}\n{said}".rstrip("\n"))
        if done.returncode:
            end = "\n".join(said.splitlines()[-_TAIL:])
            raise RebuildError(f"`{shown}` failed in a fresh copy of the commit:\n{end}\nAll that was said: {self.log}")

    def _shown(self, text: str) -> str:
        """Return text without what is this machine's alone, so that it may be published."""
        for what, name in ((self.python, "python"), (sys.executable, "python"), (str(self.folder), "CLONE")):
            text = text.replace(what, name)
        return text

    def note(self, text: str) -> None:
        """Write lines into the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")

    def build(self, *arguments: str) -> None:
        """Run `espress-build` here."""
        self.call(self.python, "-m", "espress_build.cli.main", *arguments)

    def make_editions(self) -> None:
        """Build the dataset from raw/ alone, check it, and make the open edition of it."""
        shutil.rmtree(self.dataset, ignore_errors=True)
        self.build("run")
        self.call(self.python, "-c", _OPEN, str(self.dataset), str(self.open_edition))
        for name, folder in self.editions.items():
            self.note(f"{name} edition: root sha256 {root_hash(folder)}")

    @property
    def editions(self) -> dict[str, Path]:
        """The folders of both editions, by name."""
        return {"full": self.dataset, "open": self.open_edition}


def fresh_environment(clone: Clone) -> Clone:
    """Install what requirements.lock names into an environment inside the clone, as `make` does for everybody."""
    clone.call("make", "--no-print-directory", ".venv/.installed", f"PYTHON={sys.executable}")
    return Clone(clone.folder, clone.log, clone.surroundings, str(clone.folder / ".venv" / "bin" / "python"))


def new_clone(
    project: Path, folder: Path, log: Path, surroundings: dict[str, str], environment: Callable[[Clone], Clone]
) -> Clone:
    """Write the commit's files into a folder and give it an environment; the log begins with what was cloned where."""
    git.check_out(project, folder)
    log.parent.mkdir(parents=True, exist_ok=True)
    shown = " ".join(f"{name}={value}" for name, value in surroundings.items())
    log.write_text(
        f"commit {git.head(project)}\nPython {sys.version.split()[0]} on {sys.platform}\n{shown}\n"
        f"requirements.lock sha256 {hash_file(folder / 'requirements.lock')}\n",
        encoding="utf-8",
    )
    return environment(Clone(folder, log, surroundings))


def differing(one: Path, other: Path) -> list[str]:
    """Return the names of files that are not in both folders with the same bytes."""
    here, there = (
        {path.relative_to(home).as_posix(): hash_file(path) for path in home.rglob("*") if path.is_file()}
        for home in (one, other)
    )
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))


def check_same(first: Clone, second: Clone) -> None:
    """Compare what two clones built, byte by byte; raises RebuildError, naming the files that differ."""
    for name, folder in first.editions.items():
        if files := differing(folder, second.editions[name]):
            raise RebuildError(
                f"Two builds of one commit gave different bytes in the {name} edition: {', '.join(files)}. Compare "
                f"{first.log} with {second.log}, find what hangs on folder, clock or environment, and mend it."
            )
