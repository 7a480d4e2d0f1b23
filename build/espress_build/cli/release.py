"""The commands of `espress-build` that make releases: release, withdraw, freeze; and what `diff` compares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from espress_build.pipeline.build import Places

SOUND, FINDINGS = 0, 1


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Say what the commands take."""
    release = commands.add_parser("release", help="cut a release of the commit: build twice, compare, check, archive")
    release.add_argument("version", help="X.Y.Z; what changed since the last release says which is allowed")
    release.add_argument("--date", help="YYYY-MM-DD (default: the day of the commit)")
    release.add_argument("--doi", help="if it is known; for a release that is there already, it is written down")
    withdraw = commands.add_parser("withdraw", help="take an article back; a tombstone with the reason remains")
    withdraw.add_argument("article_id")
    withdraw.add_argument("--reason", help="a line that everybody will read")
    withdraw.add_argument("--date", help="YYYY-MM-DD (default: the day of the last commit)")
    freeze = commands.add_parser(
        "freeze", help="append to state/folds.csv the folds of new articles; `release` does it"
    )
    freeze.add_argument("version", help="the release that publishes them")
    diff = commands.add_parser("diff", help="what differs between two datasets; exit code 1 if something does")
    for name in ("before", "after"):
        diff.add_argument(name, help="a dataset folder, an archive, or a release by number (0.1.0, 0.1.0:open)")
    diff.add_argument("--essential", action="store_true", help="leave provenance aside: hashes, basis, byte offsets")
    how = diff.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for machines")
    how.add_argument("--moves", action="store_true", help="CSV: units whose id or text changed, and their successors")


def run_release(where: Places, arguments: argparse.Namespace) -> tuple[str, int]:
    """Cut a release; returns what to say and the exit code, as all of these."""
    from espress_build.release.release import Request, release

    return release(where.project, Request(arguments.version, arguments.date, arguments.doi)), SOUND


def run_withdraw(where: Places, arguments: argparse.Namespace) -> tuple[str, int]:
    """Take an article back."""
    from espress_build.release.withdraw import withdraw

    return str(withdraw(where.project, arguments.article_id, arguments.reason, arguments.date)), SOUND


def run_freeze(where: Places, arguments: argparse.Namespace) -> tuple[str, int]:
    """Freeze the folds of the dataset that was built last."""
    import pyarrow.parquet as pq

    from espress_build.inputs.folds import freeze_folds
    from espress_build.release.version_rule import parse_version

    splits = pq.ParquetFile(where.dataset / "data" / "splits.parquet").read()
    ids = freeze_folds(where.state, splits, str(parse_version(arguments.version)))
    lines = [f"{where.state / 'folds.csv'}: {one}" for one in ids]
    return "\n".join(lines) or "every article has its fold already", SOUND


def run_diff(project: Path, arguments: argparse.Namespace) -> tuple[str, int]:
    """Compare two datasets, in a project or not."""
    from espress_build.release import diff
    from espress_build.release.dataset_source import found

    with found(arguments.before, project) as before, found(arguments.after, project) as after:
        differences = diff.diff(before, after, essential=arguments.essential)
        said = diff.as_text(differences)
        if arguments.json:
            said = json.dumps(diff.as_records(differences), ensure_ascii=False, indent=2)
        elif arguments.moves:
            lines = [f"{old},{new or ''}" for old, new in diff.moves(before, after)]
            said = "\n".join(["old_sentence_id,sentence_id", *lines])
    return said, FINDINGS if differences else SOUND
