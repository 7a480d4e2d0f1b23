"""`espress info`: what the dataset contains, and what it cannot support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command."""
    commands.add_parser("info", help="what the dataset contains, and what it cannot support")


def run(_: argparse.Namespace) -> int:
    """Print a summary of the bundled dataset."""
    from espress.display import info

    print(info())
    return SOUND
