"""The command `espress-build run`: build the dataset, check it, and replace the previous one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    import argparse

    from espress_build.pipeline.build import Places

_NEXT_STEPS = """
Dataset          {dataset}
Report           {docs}/report.md
Values to browse {docs}/level-3/index.html

To load it in Python:
    import espress
    articles = espress.load("articles")
    units = espress.load("sentences", as_="pandas")"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("run", help="build the dataset from raw/, check it, and replace the previous one")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="number of processes; the output does not depend on it"
    )


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Build, and print the checks and the articles; returns 0, or 1 if a check fails and the old dataset is kept."""
    import pyarrow.parquet as pq

    from espress.display import article_table
    from espress_build.checks.validate import format_report
    from espress_build.pipeline.build import ChecksFailedError, make_dataset

    if arguments.workers < 1:
        raise EspressError(f"--workers is {arguments.workers}; it must be at least 1.")
    try:
        print(format_report(make_dataset(places, arguments.workers)))
    except ChecksFailedError as failed:
        print(format_report(failed.outcome))
        print(failed, file=sys.stderr)
        return 1
    print(article_table(pq.ParquetFile(places.dataset / "data" / "articles.parquet").read()))
    print(_NEXT_STEPS.format(dataset=places.dataset, docs=places.data_docs.resolve()))
    return 0
