"""`espress-build withdraw`: an article is taken back; a tombstone remains, and a mark on each release that held it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as day
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.releases import Release, Withdrawn, releases_text
from espress.errors import EspressError, InputError, UnknownNameError
from espress_build.inputs.record import parse_record
from espress_build.inputs.withdrawn import TOMBSTONE, Tombstone, as_toml, read_tombstone
from espress_build.pipeline import dataset_exchange
from espress_build.release import archive, git, releases_json
from espress_build.release.remaining_words import Trace, traces

if TYPE_CHECKING:
    from pathlib import Path

_GONE = ("source.txt", "source.html", "record.toml")


@dataclass(frozen=True)
class Withdrawal:
    """What was taken back, the releases that hold it, and where its words still stand."""

    stone: Tombstone
    releases: tuple[str, ...]
    traces: tuple[Trace, ...]

    def __str__(self) -> str:
        """Say what was done, and what is left to do by hand."""
        lines = [
            f"{self.stone.article_id} is withdrawn: its source and record are gone, a tombstone stands there.",
            *(f"Release {version} holds it and is marked so in releases/releases.json." for version in self.releases),
            "Words of it still stand in:" if self.traces else "No other file of the project holds words of it.",
            *(f"  {one.path}, lines: {one.lines} - {one.remedy}" for one in self.traces),
            "And in git: every earlier commit holds the text. Where that may not be, rewrite history (git filter-repo)",
            "and publish the repository anew.",
        ]
        if self.releases:
            lines.append("And in the archives of these releases: where they were published, ask the host to hide them.")
        lines.append("Now: espress-build run && espress-build generate; the next release must be MAJOR.")
        return "\n".join(lines)


def _stone(folder: Path, date: str | None, reason: str | None, today: str) -> Tombstone:
    """Return the tombstone that stands there, or the one to be put up; raises InputError or EspressError."""
    if (folder / TOMBSTONE).is_file():
        return read_tombstone(folder)
    if not reason or not reason.strip():
        raise EspressError(f'Say why {folder.name} is withdrawn: --reason "…". Everybody will read it.')
    try:
        good = date is None or day.fromisoformat(date).isoformat() == date
    except ValueError:
        good = False
    if not good:
        raise EspressError(f"--date {date!r} is no day; write YYYY-MM-DD.")
    path = folder / "record.toml"
    record, problems = parse_record(path.read_text(encoding="utf-8"))
    if record is None:
        raise InputError([f"{path}: {problem}." for problem in problems])
    return Tombstone(folder.name, record.sha256, date or today, " ".join(reason.split()))


def _text(folder: Path, dataset: Path) -> str:
    """Return the article's text as far as it is still at hand: the source, else what the last build made of it."""
    if (folder / "source.txt").is_file():
        return (folder / "source.txt").read_text(encoding="utf-8", errors="replace")
    path = dataset / "data" / "articles.parquet"
    rows = pq.ParquetFile(path).read(["article_id", "title", "text"]).to_pylist() if path.is_file() else []
    return "\n".join(f"{row['title']}\n{row['text']}" for row in rows if row["article_id"] == folder.name)


def _holders(project: Path, releases: dict[str, Release], article_id: str) -> list[str]:
    """Return the releases that hold an article, as their archives say; raises ArchiveError."""
    held = []
    for version, release in releases.items():
        edition = min(release.editions)  # either names the same articles
        path = archive.checked(project / "releases" / "archives", release, edition)
        with archive.opened(path) as folder:
            ids = pq.ParquetFile(folder / "data" / "articles.parquet").read(["article_id"])
        held += [version] if article_id in ids["article_id"].to_pylist() else []
    return held


def withdraw(project: Path, article_id: str, reason: str | None, date: str | None = None) -> Withdrawal:
    """Take an article back. Stopped anywhere, it can be run again; `date` None is the day of the last commit.

    Raises:
        UnknownNameError: there is no such article.
        EspressError: there is no reason, or the date is none.
        ArchiveError: the archive of a release is not at hand, so nobody knows whether the article is in it.
    """
    home = project / "raw" / "articles"
    folder = home / article_id
    if article_id not in (known := sorted(path.name for path in home.iterdir())):
        raise UnknownNameError("article", article_id, known)
    stone = _stone(folder, date, reason, date or git.day(project))
    releases = releases_json.recorded(project)
    held = _holders(project, releases, article_id)
    found = tuple(traces(project, _text(folder, project / "dataset"), folder))
    mark = Withdrawn(stone.article_id, stone.date, stone.reason)
    if held:
        marked = {version: releases_json.marked(releases[version], mark) for version in held}
        dataset_exchange.replace_bytes(releases_json.ledger_path(project), releases_text(releases | marked).encode())
    dataset_exchange.replace_bytes(folder / TOMBSTONE, as_toml(stone).encode())
    for name in _GONE:
        dataset_exchange.reached("remove")
        (folder / name).unlink(missing_ok=True)
    dataset_exchange.sync_folder(folder)
    return Withdrawal(stone, tuple(held), found)
