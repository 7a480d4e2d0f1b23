"""Build both editions from a commit in a new folder, with an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espress.data.integrity import root_hash
from espress.errors import EspressError
from espress.files import hash_file
from espress_build.release.git import check_out, read_head
from espress_build.release.ledger import list_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_TAIL = 15  # lines of a failed command's output that a message shows; the log has all of them
# Environment variables that would influence a fresh environment.
_CALLERS_OWN = re.compile(r"PYTHON|VIRTUAL_ENV|MAKE|MFLAGS|ESPRESS|TZ$|LC_|LANG")


class RebuildError(EspressError):
    """A fresh build failed, or its bytes differ from the first one."""


@dataclass(frozen=True)
class FreshBuild:
    """A checked-out commit: its folder, the log of its commands, their environment variables and its Python."""

    folder: Path
    log: Path
    variables: Mapping[str, str]
    python: str = sys.executable

    @property
    def editions(self) -> dict[str, Path]:
        """The folders of both editions, by name."""
        return {"full": self.folder / "dataset", "open": self.folder / "open-edition"}

    def call(self, *command: str) -> None:
        """Run a command in the folder and log its output; raises RebuildError with the end of the output if it fails.

        Names of this machine's folders are replaced, because the log is published.
        """
        inherited = {name: value for name, value in os.environ.items() if not _CALLERS_OWN.match(name)}
        done = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=self.folder,
            env={**inherited, **self.variables, "PIP_QUIET": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        shown, output = " ".join(command), done.stdout.decode(errors="replace")
        for local, name in ((self.python, "python"), (sys.executable, "python"), (str(self.folder), "CLONE")):
            shown, output = shown.replace(local, name), output.replace(local, name)
        self.note(f"$ {shown}\n{output}".rstrip("\n"))
        if done.returncode:
            end = "\n".join(output.splitlines()[-_TAIL:])
            raise RebuildError(f"`{shown}` failed in a fresh copy of the commit:\n{end}\nThe whole output: {self.log}")

    def note(self, text: str) -> None:
        """Append lines to the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")

    def run(self, *arguments: str) -> None:
        """Run `espress-build` in the folder."""
        self.call(self.python, "-m", "espress_build.cli.main", *arguments)

    def make_editions(self) -> None:
        """Build and check the dataset and its open edition."""
        shutil.rmtree(self.editions["full"], ignore_errors=True)
        self.run("run", "--no-cache", "--data-docs")
        self.run("open", str(self.editions["open"]))
        for name, folder in self.editions.items():
            self.note(f"{name} edition: root sha256 {root_hash(folder)}")


def install(build: FreshBuild) -> FreshBuild:
    """Install requirements.lock into an environment inside the folder, as `make` does."""
    build.call("make", "--no-print-directory", ".venv/.installed", "VENV=.venv", f"PYTHON={sys.executable}")
    return replace(build, python=str(build.folder / ".venv" / "bin" / "python"))


def start_build(
    project: Path,
    folder: Path,
    log: Path,
    variables: Mapping[str, str],
    environment: Callable[[FreshBuild], FreshBuild] = install,
) -> FreshBuild:
    """Check out the current commit of a project, start the log, and install an environment."""
    check_out(project, folder)
    build = FreshBuild(folder, log, variables)
    log.parent.mkdir(parents=True, exist_ok=True)
    build.note(f"commit {read_head(project)}\nPython {sys.version.split()[0]} on {sys.platform}")
    build.note(" ".join(f"{name}={value}" for name, value in variables.items()))
    build.note(f"requirements.lock sha256 {hash_file(folder / 'requirements.lock')}")
    return environment(build)


def compare_builds(first: FreshBuild, second: FreshBuild) -> None:
    """Compare all bytes of both editions of two builds; raises RebuildError, naming the files that differ."""
    for name, folder in first.editions.items():
        differing = {file.path for file in set(list_files(folder)) ^ set(list_files(second.editions[name]))}
        if differing:
            raise RebuildError(
                f"Two builds of one commit gave different bytes in the {name} edition: {', '.join(sorted(differing))}. "
                f"Compare {first.log} with {second.log}, find what depends on folder, clock or environment, and fix it."
            )
