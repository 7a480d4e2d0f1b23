"""The command `espress-build agreement`: print how reliable the labels are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    commands.add_parser("agreement", help="how reliable the labels are; exit code 1 if two passes are the same")


def run(places: Places, _arguments: argparse.Namespace) -> int:
    """Print agreement and disputes; returns 0, or 1 if a pass is a copy of another."""
    from espress_build.docs.labels import report
    from espress_build.metadata.labels import find_copied_passes

    print(report(places.dataset))
    copies = find_copied_passes(places.dataset)
    for first, second in copies:
        print(f"\n{first} and {second} gave the same judgements with the same reasons: one is a copy.", file=sys.stderr)
    return 1 if copies else 0
