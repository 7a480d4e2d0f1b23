"""`espress show`: print one article for reading, with the labels of its units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands, "show", "print one article, with the labels of each unit beside it", "espress show ARTICLE_ID --all"
    )
    parser.add_argument("article_id", nargs="?", help="an id or its beginning (default: list the ids with titles)")
    parser.add_argument("--all", action="store_true", help="also print all facts of the article with their basis")
    parser.add_argument("--unmasked", action="store_true", help="print the names of private persons")


def run(arguments: argparse.Namespace) -> int:
    """Print the article, or the ids; raises UnknownNameError or InputError if the id is not one article's."""
    from espress.display import list_articles, show

    if arguments.article_id is None:
        print(list_articles())
    else:
        print(show(arguments.article_id, everything=arguments.all, unmasked=arguments.unmasked))
    return SOUND
