"""`espress cite`: print the citation of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands, "cite", "print how to cite the dataset, with the hash of its bytes", "espress cite --style apa"
    )
    parser.add_argument("--style", default="bibtex", help="bibtex (default), apa, ris, csl-json, cff")
    parser.add_argument("--version", help="a released version (default: the bundled dataset)")
    parser.add_argument("--edition", help="full or open (default: that of the bundled dataset, or full with --version)")


def run(arguments: argparse.Namespace) -> int:
    """Print the citation; raises EspressError as `espress.cite` does."""
    from espress.citation import cite

    print(cite(arguments.style, arguments.version, edition=arguments.edition))
    return SOUND
