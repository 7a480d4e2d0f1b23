"""The command `espress-build assets`: write the files that are attached to a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command, which has no arguments."""
    commands.add_parser(
        "assets", help="write wheel, archive and zip files (csv, dta, sav, xlsx, sqlite, duckdb) to releases/assets/"
    )


def run(places: Places, _: argparse.Namespace) -> int:
    """Write the files for both editions and print their paths; returns 0."""
    from espress_build.release.assets import write_assets

    print(*write_assets(places.project, places.dataset), sep="\n")
    return 0
