"""The command `espress-build open`: write the open edition of the dataset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("open", help="write the open edition of the dataset: the same tables, no article text")
    parser.add_argument("folder", type=Path, help="a new folder")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Write the open edition and print its checks; returns 0, or 1 if a check fails."""
    from espress_build.build import ChecksFailedError
    from espress_build.checks.validate import format_report
    from espress_build.open_edition.edition import open_edition

    try:
        print(format_report(open_edition(places.dataset, arguments.folder)))
    except ChecksFailedError as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0
