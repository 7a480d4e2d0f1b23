"""The command `espress-build withdraw`: replace an article by a tombstone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("withdraw", help="withdraw an article; a tombstone with the reason is kept")
    parser.add_argument("article_id")
    parser.add_argument("--reason", help="the reason in one line, which is published")
    parser.add_argument("--date", help="YYYY-MM-DD (default: the day of the last commit)")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Withdraw the article; returns 0."""
    from espress_build.release.withdraw import withdraw

    print(withdraw(places.project, arguments.article_id, arguments.reason, arguments.date))
    return 0
