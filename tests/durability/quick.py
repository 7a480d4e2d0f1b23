"""`espress-build` in strange surroundings and without its checks, which take most of the time.

Type: python -m tests.durability.quick [--batch N] [--reverse] [--clock SECONDS] [--umask OCTAL] -- ARGUMENTS
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from typing import Any, Self
from unittest import mock


def reverse_folders() -> None:
    """Let the system list every folder in the opposite of alphabetical order."""
    listdir, scandir = os.listdir, os.scandir

    class Reversed:
        """What os.scandir gives: an iterator that can be closed."""

        def __init__(self, *arguments: Any) -> None:
            with scandir(*arguments) as found:
                self._entries = iter(sorted(found, key=lambda entry: entry.name, reverse=True))

        def __iter__(self) -> Self:
            return self

        def __next__(self) -> os.DirEntry[str]:
            return next(self._entries)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def close(self) -> None:
            """Nothing is open."""

    mock.patch.object(os, "listdir", lambda *path: sorted(listdir(*path), reverse=True)).start()
    mock.patch.object(os, "scandir", Reversed).start()


def set_clock(seconds: float) -> None:
    """Let the clock that Python code reads stand at this time."""
    mock.patch.multiple(time, time=lambda: seconds, time_ns=lambda: int(seconds * 1e9)).start()


def main() -> int:
    """Set the surroundings, then type the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, help="articles a batch")
    parser.add_argument("--reverse", action="store_true", help="folders are listed backwards")
    parser.add_argument("--clock", type=float, help="what the clock says, in seconds since 1970")
    parser.add_argument("--umask", type=lambda text: int(text, 8), default=0o022)
    parser.add_argument("arguments", nargs="+")
    given = parser.parse_args()
    os.umask(given.umask)
    if given.reverse:
        reverse_folders()
    if given.clock is not None:
        set_clock(given.clock)

    from espress_build import build
    from espress_build.checks.validate import Outcome
    from espress_build.cli import main as cli
    from espress_build.inputs.params import read_params

    params = read_params()
    if given.batch:
        params = replace(params, package=replace(params.package, batch_articles=given.batch))
    mock.patch.multiple(build, read_params=lambda: params, validate=lambda *_, **__: Outcome((), (), {})).start()
    return cli.main(given.arguments)


if __name__ == "__main__":
    sys.exit(main())
