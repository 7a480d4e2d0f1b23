"""`espress hydrate`: fetch articles of the catalogue into a folder of the user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, INTERRUPTED, SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "hydrate",
        "fetch articles of the catalogue to a folder of yours, as tables",
        "espress hydrate mine --language cs --limit 20",
    )
    parser.add_argument("folder", type=Path, help="a new folder, or the folder of an earlier run, which is continued")
    add_choices(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="fetch all articles, even if earlier runs in this folder were limited to some",
    )
    how = parser.add_argument_group("how")
    how.add_argument("--limit", type=int, metavar="N", help="request at most N pages; 0 only writes the tables again")
    how.add_argument(
        "--from-warc", dest="warc", type=Path, action="extend", nargs="+", default=[], metavar="FILE",
        help="look up the addresses in these WARC files (CC-NEWS), without network",
    )  # fmt: skip
    how.add_argument("--delay", type=float, metavar="S", help="seconds between two requests to one host")
    how.add_argument("--retry", action="store_true", help="request again every page that gave no article")
    how.add_argument("--refresh", action="store_true", help="check every page for changes")
    archive = how.add_mutually_exclusive_group()
    archive.add_argument(
        "--archive", default="", metavar="URL", help="Memento TimeGate to use for pages that no longer exist"
    )
    archive.add_argument("--no-archive", dest="archive", action="store_const", const=None, help="use no web archive")
    how.add_argument(
        "--allow-private", action="store_true", help="also allow requests to private addresses and this machine"
    )


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose entries of the catalogue."""
    chosen = parser.add_argument_group("which articles of the catalogue", "all articles, if no option is given")
    for name, dest, metavar, what in (
        ("event", "events", "ID", "about these events"),
        ("event-country", "event_countries", "CC", "about events in these countries (ISO 3166-1 alpha-2)"),
        ("outlet-country", "outlet_countries", "CC", "by outlets of these countries"),
        ("language", "languages", "xx", "in these languages"),
    ):
        chosen.add_argument(f"--{name}", dest=dest, action="extend", nargs="+", default=[], metavar=metavar, help=what)
    chosen.add_argument("--from", dest="since", metavar="DATE", help="published on or after this year, month or day")
    chosen.add_argument("--to", dest="until", metavar="DATE", help="published on or before this year, month or day")
    chosen.add_argument(
        "--source", help="a dataset folder or archive with the catalogue (default: the bundled dataset)"
    )


def read_choices(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of the options of `add_choices` as arguments of `espress.hydrate`."""
    names = ("events", "event_countries", "outlet_countries", "languages", "since", "until", "source")
    return {name: getattr(arguments, name) for name in names}


def run(arguments: argparse.Namespace) -> int:
    """Hydrate and print a summary; return 0, 1 if there is no article, 130 after Ctrl-C.

    Raises EspressError as `espress.hydrate` does.
    """
    from espress.hydration import hydrate

    names = ("limit", "warc", "delay", "archive", "allow_private", "retry", "refresh")
    options = read_choices(arguments) | {name: getattr(arguments, name) for name in names}
    try:
        done = hydrate(arguments.folder, everything=arguments.all, **options)
    except KeyboardInterrupt:  # before the first request, or while the tables were written
        print("Stopped early. Type the same command to continue.")
        return INTERRUPTED
    print(done)
    if done.articles:
        print(
            f'espress.load("articles", hydrated={str(done.folder)!r}) returns these articles with those of the corpus.'
        )
    else:
        print("There is no article; the reasons are above, and in the table rejects.")
    return INTERRUPTED if done.interrupted else SOUND if done.articles else FINDINGS
