"""The command `espress-build generate`: write the schema in other formats, and the generated parts of documents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "generate", help="write the schema in other formats, and sections and values in documents"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something differs")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Write generated files that differ; returns 0, or 1 if --check finds a difference."""
    from espress_build.docs.generate import DriftError, generate

    try:
        written = generate(places, check=arguments.check)
    except DriftError as drift:
        print(drift, file=sys.stderr)
        return 1
    print("\n".join(f"wrote {path}" for path in written) or "everything is current")
    return 0
