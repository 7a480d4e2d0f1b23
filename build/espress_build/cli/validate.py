"""The command `espress-build validate`: run all checks over the dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    import argparse

    from espress_build.pipeline.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("validate", help="run all checks over the dataset; exit code 1 if one fails")
    parser.add_argument("--before", type=Path, help="the previous dataset, for the checks of level 5")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print the outcome of all checks; returns 0, or 1 if one fails."""
    from espress_build.checks.validate import format_report, validate

    if not places.dataset.is_dir():
        raise EspressError(f"{places.dataset} does not exist. Type `espress-build run`.")
    outcome = validate(places.dataset, before=arguments.before)
    print(format_report(outcome))
    return 1 if outcome.errors else 0
