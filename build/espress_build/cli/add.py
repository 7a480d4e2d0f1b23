"""The command `espress-build add`: draft folders of articles from saved pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "add", help="draft articles from saved pages, ask for confirmation, and write them to raw/"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="plain text, HTML, MHTML or WARC, or a folder of them")
    parser.add_argument("--outlet", help="outlet id, if the page does not show it")
    parser.add_argument("--republisher", help="outlet id of the site that republished the page")
    parser.add_argument("--event", action="append", help="event id; repeat for several, most prominent first")
    parser.add_argument("--published", help="e.g. 2019-07-23, if the page does not show it")
    parser.add_argument("--url", help="address of the page")
    parser.add_argument("--url-kind", choices=("original", "copy"), help="original or copy; required with --url")
    parser.add_argument(
        "--facts", type=Path, metavar="CSV", help="a row of facts for each page: the column file, then outlet_id, ..."
    )
    parser.add_argument("--yes", action="store_true", help="write without asking")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Draft and write articles; return 0, or 1 if a page was refused or nothing was written."""
    from espress_build.add.command import run_add

    if not arguments.file.exists():
        raise EspressError(f"{arguments.file} does not exist. Name a saved page, a folder of pages or a WARC file.")
    if (arguments.url is None) != (arguments.url_kind is None):
        raise EspressError("--url and --url-kind go together: state whether the page is the original or a copy.")
    stated = {
        "outlet_id": arguments.outlet,
        "republisher_id": arguments.republisher,
        "event_ids": arguments.event,
        "published": arguments.published,
        "url": arguments.url,
        "url_kind": arguments.url_kind,
    }
    if arguments.facts is not None and not arguments.facts.is_file():
        raise EspressError(f"{arguments.facts} does not exist. Name a CSV file with the column file.")
    said, is_complete = run_add(places, arguments, {name: value for name, value in stated.items() if value})
    print(said)
    return 0 if is_complete else 1
