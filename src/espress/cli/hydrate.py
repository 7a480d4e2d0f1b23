"""The command `espress hydrate`: the catalogue's articles, fetched to a folder on the user's machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress_build.hydrate.choose import add_choices, choice_of

if TYPE_CHECKING:
    import argparse

DONE, NOTHING, INTERRUPTED = 0, 1, 130


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("hydrate", help="fetch articles of the catalogue to a folder of yours, as tables")
    parser.add_argument("folder", type=Path, help="a new folder, or one of an earlier run, which is gone on with")
    add_choices(parser)
    parser.add_argument("--all", action="store_true", help="everything, in a folder that was for less, too")
    how = parser.add_argument_group("how")
    how.add_argument("--limit", type=int, metavar="N", help="ask for at most N pages; 0 makes the tables anew")
    how.add_argument(
        "--from-warc", dest="warc", type=Path, action="extend", nargs="+", default=[], metavar="FILE",
        help="search these WARC files (CC-NEWS) by address; no network",
    )  # fmt: skip
    how.add_argument("--delay", type=float, metavar="S", help="seconds between two requests to one host")
    how.add_argument("--retry", action="store_true", help="ask again for everything that has no article")
    how.add_argument("--refresh", action="store_true", help="ask for everything whether it changed")
    archive = how.add_mutually_exclusive_group()
    archive.add_argument("--archive", default="", metavar="URL", help="Memento TimeGate for pages that are gone")
    archive.add_argument("--no-archive", dest="archive", action="store_const", const=None, help="ask no archive")
    how.add_argument("--allow-private", action="store_true", help="ask private addresses and this machine, too")


def _quoted(folder: Path) -> str:
    return '"' + str(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def run(arguments: argparse.Namespace) -> int:
    """Hydrate and say what there is; returns 0, 1 where there is no article, 130 where Ctrl-C ended it.

    Raises:
        EspressError: as `espress.hydrate`.
    """
    from espress_build.hydrate.run import Manner
    from espress_build.hydrate.run import run as hydrate

    manner = Manner(
        arguments.limit, arguments.retry, arguments.refresh, arguments.delay, arguments.allow_private,
        arguments.archive, tuple(arguments.warc),
    )  # fmt: skip
    try:
        choice = replace(choice_of(arguments), everything=arguments.all)
        done = hydrate(arguments.folder, choice, manner, arguments.source)
    except KeyboardInterrupt:  # while tables were made, or before anything was asked for
        print("Stopped before the end; the same command goes on from here.")
        return INTERRUPTED
    print(done)
    if done.articles:
        print(f'espress.load("articles", hydrated={_quoted(done.folder)}) joins them with the rest.')
    else:
        print("No article was obtained; the reasons are above, and in the table rejects.")
    return INTERRUPTED if done.interrupted else DONE if done.articles else NOTHING
