"""The command `espress-build release`: cut a release of the current commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("release", help="cut a release of the commit: build twice, compare, check, archive")
    parser.add_argument("version", help="X.Y.Z; the changes since the last release determine the lowest allowed number")
    parser.add_argument("--date", help="YYYY-MM-DD (default: the day of the commit)")
    parser.add_argument(
        "--doi", help="the DOI, if it is known; with the number of an earlier release, only the DOI is recorded"
    )


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Cut the release and write its assets; returns 0."""
    from espress_build.release.assets import write_assets
    from espress_build.release.release import Request, release

    print(release(places.project, Request(arguments.version, arguments.date, arguments.doi)))
    print(*write_assets(places.project, places.dataset), sep="\n")
    return 0
