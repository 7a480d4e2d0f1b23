"""`espress show`: print an article with the labels of its units, or write it as a web page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.cli import SOUND, add_command

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands, "show", "print one article, with the labels of each unit beside it", "espress show ARTICLE_ID --html"
    )
    parser.add_argument("article_id", nargs="?", help="an id or its beginning (default: list the ids with titles)")
    parser.add_argument("--all", action="store_true", help="also print all facts of the article with their basis")
    parser.add_argument("--unmasked", action="store_true", help="print the names of private persons")
    parser.add_argument(
        "--html", nargs="?", const="", metavar="FILE",
        help="write a web page that needs no other file; default: ARTICLE_ID.html in this folder; - prints it",
    )  # fmt: skip
    parser.add_argument("--hydrated", metavar="DIR", help="a folder of `espress hydrate` or `espress collect`")


def run(arguments: argparse.Namespace) -> int:
    """Print the article or the ids, or write the page.

    Raises:
        UnknownNameError: no article has the id.
        InputError: several ids begin in this way, the folder is not hydrated, or the page cannot be written.
    """
    from espress.display import list_articles, show

    if arguments.html is not None:
        return _write_page(arguments)
    if arguments.article_id is None:
        print(list_articles(hydrated=arguments.hydrated))
    else:
        options = {"everything": arguments.all, "unmasked": arguments.unmasked, "hydrated": arguments.hydrated}
        print(show(arguments.article_id, **options))
    return SOUND


def _write_page(arguments: argparse.Namespace) -> int:
    from espress.errors import InputError
    from espress.reader.page import write_page

    article_id, target = arguments.article_id, arguments.html
    if article_id is None and target:  # espress show --html ARTICLE
        article_id, target = target, ""
    if article_id is None:
        raise InputError(["Name an article: espress show ARTICLE --html. `espress show` lists the ids."])
    path = write_page(article_id, target, hydrated=arguments.hydrated, unmasked=arguments.unmasked)
    if path:
        print(f"{path}: open it in a web browser. The text belongs to its publisher: do not pass the page on.")
    return SOUND
