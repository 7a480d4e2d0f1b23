"""The command `espress-build freeze`: fix the folds and splits that a release publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "freeze",
        help="freeze the folds of new articles and the splits of new constructed texts (`release` does this, too)",
    )
    parser.add_argument("version", help="the release that publishes them")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Freeze the folds and splits of the dataset that was built last; returns 0."""
    import pyarrow.parquet as pq

    from espress_build.constructed.splits import FILE, collect_splits, freeze_splits
    from espress_build.inputs.folds import freeze_folds
    from espress_build.release.version_rule import parse_version

    splits = pq.ParquetFile(places.dataset / "data" / "splits.parquet").read()
    version = str(parse_version(arguments.version))
    lines = [f"{places.state / 'folds.csv'}: {article}" for article in freeze_folds(places.state, splits, version)]
    print("\n".join(lines) or "The fold of every article is frozen already.")
    if number := freeze_splits(places.state, collect_splits(places.dataset), version):
        print(f"{places.state / FILE}: {number} frames and sheets")
    return 0
