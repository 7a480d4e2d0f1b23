"""The command `espress-build trace`: show one article after each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("trace", help="show one article after each stage, with the changed columns")
    parser.add_argument("article_id")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print the article after each stage; returns 0."""
    from espress_build.inputs.params import read_params
    from espress_build.pipeline.trace import trace

    print(trace(places, arguments.article_id, read_params()))
    return 0
