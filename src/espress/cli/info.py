"""`espress info`: describe the dataset, one of its tables, or a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its argument."""
    parser = add_command(
        commands, "info", "list the tables, or explain the columns and classes of one table", "espress info entries"
    )
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE[.COLUMN]",
        help="a table, or one of its columns with all its classes (default: list the tables and articles)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a summary of the bundled dataset, a table or a column; raises UnknownNameError for an unknown name."""
    from espress.display import info

    print(info(arguments.table))
    return SOUND
