"""The command `espress-build list`: print the ids of a registry, for the options and records that need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_text

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places

# registry -> the columns beside the id
_COLUMNS = {
    "outlets": ("name", "kind", "country"),
    "events": ("kind", "date", "country", "description"),
    "sources": ("name", "class", "country"),
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("list", help="print the ids of outlets, events or sources")
    parser.add_argument("registry", choices=tuple(_COLUMNS))
    parser.add_argument("word", nargs="?", default="", help="print only entries that contain it, in any case")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print one line an entry; return 0, or 1 if no entry contains the word."""
    from espress_build.inputs.registries import read_registries

    columns = _COLUMNS[arguments.registry]
    entries = getattr(read_registries(places.registries), arguments.registry)
    rows = [
        (key, *(row.get(column) for column in columns))
        for key, row in entries.items()
        if arguments.word.casefold() in f"{key} {row}".casefold()
    ]
    print(format_text(rows, ("id", *columns)))
    return 0 if rows else 1
