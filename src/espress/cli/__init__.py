"""The command `espress`. Each subcommand is implemented in the module of its name.

The module has `add_parser(commands)`, which adds the options, and `run(arguments)`, which returns the exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

SOUND, FINDINGS, USAGE = 0, 1, 2
INTERNAL = 70  # an unexpected exception (EX_SOFTWARE of sysexits.h)
INTERRUPTED = 130  # Ctrl-C, as shells report it


def add_command(commands: Any, name: str, does: str, example: str) -> argparse.ArgumentParser:
    """Add a subcommand; its help has a sentence on its purpose and an example."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=f"Example: {example}"
    )
    return parser
