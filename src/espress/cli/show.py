"""`espress show`: print one article for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its argument."""
    parser = commands.add_parser("show", help="print one article for reading")
    parser.add_argument("article_id")


def run(arguments: argparse.Namespace) -> int:
    """Print the article; raises UnknownNameError if no article has that id."""
    from espress.display import show

    print(show(arguments.article_id))
    return SOUND
