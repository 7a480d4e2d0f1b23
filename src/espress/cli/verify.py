"""`espress verify`: compare a dataset with its hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import FINDINGS, SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its argument."""
    parser = add_command(
        commands,
        "verify",
        "compare every byte with releases.json, or with SHA256SUMS; exit code 1 if one differs",
        "espress verify dataset",
    )
    parser.add_argument(
        "path", nargs="?", help="a dataset folder, an archive or a version (default: the bundled dataset)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return 1 if a file differs, else 0. Raises EspressError as `espress.verify` does."""
    from espress.data.verification import verify

    report = verify(arguments.path)
    print(report)
    return FINDINGS if report.problems else SOUND
