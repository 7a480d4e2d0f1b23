"""`espress links`: check which addresses of the catalogue still answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, INTERRUPTED, SOUND, add_command
from espress.cli.hydrate import add_choices, read_choices

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "links",
        "check which addresses of the catalogue still answer, and write a table",
        "espress links --language cs --out links.csv",
    )
    parser.add_argument("--out", type=Path, default=Path("links.csv"), help="the table, .csv (default) or .parquet")
    add_choices(parser)
    how = parser.add_argument_group("how")
    how.add_argument("--limit", type=int, metavar="N", help="request at most N addresses; 0 only writes the table")
    how.add_argument("--delay", type=float, metavar="S", help="seconds between two requests to one host")
    again = how.add_mutually_exclusive_group()
    again.add_argument("--retry", action="store_true", help="request again if the failure may be transient")
    again.add_argument("--refresh", action="store_true", help="request all addresses again")
    how.add_argument(
        "--allow-private", action="store_true", help="also allow requests to private addresses and this machine"
    )
    how.add_argument("--fail-on-dead", action="store_true", help="exit code 1 if an address is dead")


def run(arguments: argparse.Namespace) -> int:
    """Check the addresses, write the table and print a summary.

    Return 0, 130 after Ctrl-C, or, with --fail-on-dead, 1 if an address is dead.

    Raises EspressError as `espress_build.hydrate.links.check_links` does.
    """
    from espress.hydration import check_links

    names = ("limit", "delay", "retry", "refresh", "allow_private")
    options = read_choices(arguments) | {name: getattr(arguments, name) for name in names}
    report = check_links(arguments.out, **options)
    print(report)
    if report.interrupted:
        return INTERRUPTED
    return FINDINGS if arguments.fail_on_dead and report.dead else SOUND
