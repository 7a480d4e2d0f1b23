"""The command `espress-build diff`: compare two datasets."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("diff", help="compare two datasets; exit code 1 if they differ")
    for name in ("before", "after"):
        parser.add_argument(name, help="a dataset folder, an archive, or a release by number (0.1.0, 0.1.0:open)")
    parser.add_argument("--essential", action="store_true", help="leave out provenance: hashes, basis, byte offsets")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--moves", action="store_true", help="print CSV: units with a new id or text, and successors")


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Print the differences; returns 0 if there are none, else 1."""
    from espress_build.release.diff import diff, find_moves, format_diff
    from espress_build.release.pack_archive import open_dataset

    with (
        open_dataset(arguments.before, places.project) as before,
        open_dataset(arguments.after, places.project) as after,
    ):
        differences = diff(before, after, essential=arguments.essential)
        if arguments.json:
            print(json.dumps([asdict(one) for one in differences], ensure_ascii=False, indent=2))
        elif arguments.moves:
            lines = [f"{old},{new or ''}" for old, new in find_moves(before, after)]
            print("\n".join(["old_sentence_id,sentence_id", *lines]))
        else:
            print(format_diff(differences))
    return 1 if differences else 0
