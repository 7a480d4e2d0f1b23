"""The command `espress-build validate`: run all checks over the dataset."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places
    from espress_build.checks.validate import Outcome


_UNREADABLE = ("files-expected", "files-readable")  # level 1: tables are missing or damaged


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("validate", help="run all checks over the dataset; exit code 1 if one fails")
    parser.add_argument("--before", type=Path, help="the previous dataset, for the checks of level 5")
    parser.add_argument(
        "--alone", action="store_true", help="check the dataset alone, not against a new build from raw/ (level 6)"
    )


def _compare_with_raw(places: Places) -> Outcome:
    from espress_build.build import build_beside
    from espress_build.checks.against_raw import compare_with_build

    with TemporaryDirectory(prefix="espress-validate-") as folder:
        return compare_with_build(places.dataset, build_beside(places, Path(folder)))


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print the outcome of all checks; returns 0, or 1 if one fails.

    In a clone the dataset is also compared with a new build, unless it is an open edition, which raw/ does not give.
    """
    from espress_build.checks.against_raw import LEVEL
    from espress_build.checks.dataset_files import edition_of
    from espress_build.checks.validate import Outcome, format_report, validate

    if not places.dataset.is_dir():
        raise EspressError(f"{places.dataset} does not exist. Type `espress-build run`.")
    with TemporaryDirectory(prefix="espress-validate-") as pages:  # so that Great Expectations runs as well
        outcome = validate(places.dataset, before=arguments.before, data_docs=Path(pages))
    why = "--alone" if arguments.alone else "there is no raw/" if not places.raw.is_dir() else None
    if edition_of(places.dataset) == "open":
        why = "raw/ gives the full edition"
    if unread := [one for one in outcome.errors if one.level == 2 or one.check in _UNREADABLE]:
        why = f"level {unread[0].level} failed"
    outcome += Outcome((), (), {LEVEL: why}) if why else _compare_with_raw(places)
    print(format_report(outcome))
    return 1 if outcome.errors else 0
