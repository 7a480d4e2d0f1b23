"""`espress rejoin`: fill the user's texts into an open edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "rejoin",
        "fill the texts of articles that you lawfully have into an open edition",
        "espress rejoin espress-1.0.0-open my-texts --out rejoined",
    )
    parser.add_argument("dataset", help="a folder or archive of the open edition, or the version of a release")
    parser.add_argument("texts", help="a folder of texts or pages, or a file .jsonl, .json or .parquet")
    parser.add_argument("--out", required=True, metavar="DIR", help="a new folder for the tables")


def run(arguments: argparse.Namespace) -> int:
    """Write the tables and print the outcome of each article; return 1 if the text of one is still withheld, else 0.

    Raises EspressError as `espress.rejoin` does.
    """
    from espress.rejoining.rejoin import rejoin

    rejoined = rejoin(arguments.dataset, arguments.texts, arguments.out)
    print(rejoined)
    print(f'Written to {arguments.out}; espress.load("articles", source="{arguments.out}") reads it.')
    return FINDINGS if rejoined.withheld else SOUND
