"""The command `espress-build trace`: show one article after each stage, or where a constructed text comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "trace", help="show one article after each stage, or where a constructed text comes from"
    )
    parser.add_argument("article_id", help="id of an article, a case of `check`, or an article of `stance_articles`")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print the article after each stage, or the facts of a constructed text; returns 0."""
    from espress_build.build import constructed_inputs
    from espress_build.constructed.tables import trace_constructed
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pipeline.trace import trace

    params = read_params()
    if "/" in arguments.article_id:
        given = constructed_inputs(places, read_registries(places.registries), params)
        if facts := trace_constructed(given, arguments.article_id):
            print(facts)
            return 0
    print(trace(places, arguments.article_id, params))
    return 0
