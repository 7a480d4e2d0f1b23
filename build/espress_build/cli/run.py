"""The command `espress-build run`: build the dataset, check it, and replace the previous one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from espress.errors import EspressError
from espress.tables import join_few

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places

_NEXT_STEPS = """
Dataset          {dataset}
Report           {docs}/report.md
{pages}
To load it in Python:
    import espress
    articles = espress.load("articles")
    units = espress.load("sentences", as_="pandas")

{site}"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("run", help="build the dataset from raw/, check it, and replace the previous one")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="number of processes; the output does not depend on it"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="compute every article again; the output does not depend on it"
    )
    parser.add_argument(
        "--data-docs",
        action="store_true",
        help="check the values a second time with Great Expectations itself, and write its pages",
    )


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Build, and print the checks, the articles, and those that were dropped.

    Returns:
        0, or 1 if a check fails and the old dataset is kept, or if the build dropped an article that the previous
        dataset did not drop.
    """
    import pyarrow.parquet as pq

    from espress.display import article_table
    from espress_build.build import ChecksFailedError, find_newly_dropped, make_dataset, make_report, read_dropped
    from espress_build.site.marker import describe_site

    if arguments.workers < 1:
        raise EspressError(f"--workers is {arguments.workers}; it must be at least 1.")
    is_first, before = not places.dataset.is_dir(), read_dropped(places.dataset)
    try:
        cache = None if arguments.no_cache else places.cache
        outcome = make_dataset(places, arguments.workers, cache, pages=arguments.data_docs)
    except ChecksFailedError as failed:
        print(failed.report)
        print(str(failed).splitlines()[0], file=sys.stderr)  # the report lists the failed checks
        return 1
    print(make_report(outcome, places.dataset))
    print(article_table(pq.ParquetFile(places.dataset / "data" / "articles.parquet").read()))
    docs = places.data_docs.resolve()
    pages = f"Great Expectations {docs}/level-3/index.html (needs a network)\n" if arguments.data_docs else ""
    site = describe_site(places.site, places.dataset)
    print(_NEXT_STEPS.format(dataset=places.dataset, docs=docs, pages=pages, site=site))
    if is_first or not (new := find_newly_dropped(before, read_dropped(places.dataset))):
        return 0
    print(
        f"\nThe build dropped {join_few(new)}, which the previous dataset did not drop. Correct what the list of "
        "dropped articles says, then type `espress-build run` again; or remove the folder below raw/articles.",
        file=sys.stderr,
    )
    return 1
