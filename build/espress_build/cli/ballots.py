"""The command `espress-build ballots`: give constructed texts to annotators, and read their answers as votes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.cli import add_command

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places
    from espress_build.constructed.ballots import Item


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "ballots", help="give constructed texts to annotators, and read their answers as votes"
    )
    kinds = parser.add_subparsers(dest="what", required=True, metavar="ACTION")
    export = add_command(
        kinds,
        "export",
        "write sheets of numbered items without labels, and the key",
        "espress-build ballots export check sheets --annotator anna",
    )
    export.add_argument("set", choices=("check", "stance_articles"))
    export.add_argument("folder", type=Path, help="a new folder; give its part-N.csv to the annotator, not key.csv")
    export.add_argument("--annotator", required=True, help="sets the random order; items judged already are left out")
    export.add_argument("--language", help="only cases in this language: en, cs, de, zh")
    export.add_argument(
        "--copies", action="store_true", help="for stance_articles: the copies with states or sides exchanged"
    )
    export.add_argument(
        "--parts", type=int, default=1, help="number of sheets; similar items are put on different sheets"
    )
    read = add_command(
        kinds,
        "import",
        "append the answers to raw/constructed/votes",
        "espress-build ballots import check part-1.csv --key key.csv --annotator anna",
    )
    read.add_argument("set", choices=("check", "stance_articles"))
    read.add_argument("answers", type=Path, nargs="+", help="CSV files with the columns no and answer")
    read.add_argument("--key", type=Path, required=True, help="the key.csv of the export")
    read.add_argument("--annotator", required=True, help="an entry of raw/constructed/votes/passes.toml")


def _read_items(places: Places, arguments: argparse.Namespace) -> list[Item]:
    from espress_build.build import constructed_inputs
    from espress_build.constructed.ballots import list_articles, list_cases
    from espress_build.constructed.tables import Material
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries

    registries = read_registries(places.registries)
    made = Material.read(constructed_inputs(places, registries, read_params()))
    if arguments.set == "stance_articles":
        return list_articles(made, copies=arguments.copies if arguments.what == "export" else None)
    statements = {key: str(row["statement"]) for key, row in registries.propositions.items()}
    return list_cases(made, statements, getattr(arguments, "language", None))


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Write the sheets or read the answers; returns 0."""
    from espress_build.constructed.ballots import export_items, import_answers
    from espress_build.inputs.toml_files import read_csv_rows

    votes, who = places.raw / "constructed" / "votes", arguments.annotator
    items = _read_items(places, arguments)
    if arguments.what == "import":
        number = import_answers(items, arguments.set, arguments.answers, key=arguments.key, annotator=who, votes=votes)
        print(f"{number:,} votes were added to {votes / arguments.set / who}.csv")
        return 0
    done = votes / arguments.set / f"{who}.csv"
    judged = {row["item_id"] for _, row in read_csv_rows(done)} if done.is_file() else set()
    left = [item for item in items if item.item_id not in judged]
    paths = export_items(left, arguments.set, arguments.folder, who, arguments.parts)
    print("\n".join(map(str, [*paths, arguments.folder / "key.csv"])))
    return 0
