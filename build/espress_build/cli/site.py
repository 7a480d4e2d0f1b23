"""The command `espress-build site`: build the static site of corpus, documentation and checks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("site", help="build the site: the corpus and its documentation as pages for a browser")
    parser.add_argument("--dataset", type=Path, default=argparse.SUPPRESS, help="the dataset (default: dataset/)")
    parser.add_argument(
        "--edition", choices=("full", "open"), help="open: a site without article text (default: that of the dataset)"
    )
    parser.add_argument("--out", type=Path, help="the folder of the site (default: site/ in the project)")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Build the site and print its address; returns 0."""
    from espress_build.site.build import build_site
    from espress_build.site.marker import HOME

    target = arguments.out or places.site
    missing = build_site(places, target, arguments.edition, places.node_modules)
    if missing:
        print(f"The site has no search and no map. {missing}")
    print(f"Open {(target.resolve() / HOME).as_uri()}")
    return 0
