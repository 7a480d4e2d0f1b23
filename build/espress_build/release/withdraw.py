"""Withdraw an article: write a tombstone, mark the releases that contain the article, and list remaining quotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.releases import Withdrawn, format_releases
from espress.errors import EspressError, InputError, UnknownNameError
from espress.files import replace_file, sync_folder
from espress.text import words
from espress_build.inputs.record import parse_record
from espress_build.inputs.withdrawn import TOMBSTONE, Tombstone, as_toml, read_tombstone
from espress_build.release.git import read_commit_day
from espress_build.release.ledger import check_day, ledger_path, mark_withdrawn, read_ledger
from espress_build.release.pack_archive import open_release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REMOVED = ("source.txt", "source.html", "record.toml")
_QUOTED = 6  # consecutive words that do not coincide by chance; shorter quotations are names and set phrases
_IGNORED = {".git", ".venv", ".make", "data-docs", "dataset", "node_modules"}
_SUFFIXES = {".csv", ".ipynb", ".json", ".jsonl", ".md", ".py", ".R", ".toml", ".tsv", ".txt", ".html", ".yml", ".yaml"}
# Beginning of a file's path -> how to remove an article's words from the file; the first match counts.
_REMEDIES = {
    "raw/annotations": "remove the lines about the article; the build already ignores them, but they are in git",
    "releases": "written by a release, see below",
    "tests": "regenerate or shorten the text in the test",
    "": "shorten the quotation",
}


@dataclass(frozen=True)
class Quotation:
    """A file that holds words of the article: on how many lines, and what to do about it."""

    path: str
    lines: int
    remedy: str


@dataclass(frozen=True)
class Withdrawal:
    """The tombstone, the releases that hold the article, and the files that still quote the article."""

    tombstone: Tombstone
    releases: tuple[str, ...]
    quotations: tuple[Quotation, ...]

    def __str__(self) -> str:
        """Return a report of what was done, and what must be done by hand."""
        lines = [
            f"{self.tombstone.article_id} is withdrawn: its source and record were replaced by a tombstone.",
            *(f"Release {version} holds it and is marked in releases/releases.json." for version in self.releases),
            "These files still hold words of it:" if self.quotations else "No other file of the project quotes it.",
            *(f"  {one.path}, lines: {one.lines} - {one.remedy}" for one in self.quotations),
            "Every earlier commit holds the text. If it must be removed there, rewrite the history (git filter-repo)",
            "and publish the repository again.",
        ]
        if self.releases:
            lines.append("The archives of these releases hold it too: ask the hosts of published copies to hide them.")
        lines.append("Now type: espress-build run && espress-build generate. The next release must be MAJOR.")
        return "\n".join(lines)


def _read_runs(text: str) -> set[tuple[str, ...]]:
    """Return every sequence of words in a text that is long enough to count as a quotation."""
    found = [word.casefold() for word in words(text)]
    return {tuple(found[at : at + _QUOTED]) for at in range(len(found) - _QUOTED + 1)}


def _list_files(project: Path) -> Iterator[Path]:
    for top in sorted(project.iterdir(), key=lambda path: path.name):
        if top.name not in _IGNORED and not (top.name.startswith(".") and top.name.endswith("_cache")):
            yield from (path for path in ([top] if top.is_file() else sorted(top.rglob("*"))) if path.is_file())


def _count_lines(path: Path, runs: set[tuple[str, ...]]) -> int:
    """Return how many lines of a file contain one of the sequences; 1 if they occur only across line ends."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(bool(_read_runs(line) & runs) for line in lines) or int(bool(_read_runs(" ".join(lines)) & runs))


def find_quotations(project: Path, text: str, home: Path) -> Iterator[Quotation]:
    """Yield the text files outside the article's folder that hold words of it, except dataset and archives."""
    runs = _read_runs(text)
    for path in _list_files(project):
        name = path.relative_to(project).as_posix()
        if path.suffix in _SUFFIXES and not path.is_relative_to(home) and (number := _count_lines(path, runs)):
            yield Quotation(name, number, next(said for start, said in _REMEDIES.items() if name.startswith(start)))


def _make_tombstone(folder: Path, reason: str | None, day: str) -> Tombstone:
    """Return the tombstone that the folder has, or a new one; raises EspressError."""
    if (folder / TOMBSTONE).is_file():
        return read_tombstone(folder)
    if not reason or not reason.strip():
        raise EspressError(f'State why {folder.name} is withdrawn: --reason "…". The reason is published.')
    path = folder / "record.toml"
    record, problems = parse_record(path.read_text(encoding="utf-8"))
    if record is None:
        raise InputError([f"{path}: {problem}." for problem in problems])
    return Tombstone(folder.name, record.sha256, day, " ".join(reason.split()))


def _read_text(folder: Path, dataset: Path) -> str:
    """Return the article's text from its source, or from the last build if the source is gone."""
    if (folder / "source.txt").is_file():
        return (folder / "source.txt").read_text(encoding="utf-8", errors="replace")
    path = dataset / "data" / "articles.parquet"
    rows = pq.ParquetFile(path).read(["article_id", "title", "text"]).to_pylist() if path.is_file() else []
    return "\n".join(f"{row['title']}\n{row['text']}" for row in rows if row["article_id"] == folder.name)


def _find_releases(project: Path, article_id: str) -> Iterator[str]:
    """Yield the releases whose archive holds an article."""
    for version, release in read_ledger(project).items():
        with open_release(project, version, min(release.editions)) as folder:  # both editions have the same articles
            ids = pq.ParquetFile(folder / "data" / "articles.parquet").read(["article_id"])
        if article_id in ids["article_id"].to_pylist():
            yield version


def withdraw(project: Path, article_id: str, reason: str | None, day: str | None = None) -> Withdrawal:
    """Withdraw an article; by default, `day` is that of the current commit. After a stop, the same call finishes it.

    Raises:
        UnknownNameError: there is no such article.
        EspressError: the reason is missing, or the day is not a date.
        ArchiveError: the archive of a release is missing, so it is unknown whether it holds the article.
    """
    folder = project / "raw" / "articles" / article_id
    if article_id not in (known := sorted(path.name for path in folder.parent.iterdir())):
        raise UnknownNameError("article", article_id, known)
    tombstone = _make_tombstone(folder, reason, check_day(day) if day is not None else read_commit_day(project))
    holding = tuple(_find_releases(project, article_id))
    quotations = tuple(find_quotations(project, _read_text(folder, project / "dataset"), folder))
    if holding:
        mark = Withdrawn(tombstone.article_id, tombstone.date, tombstone.reason)
        releases = read_ledger(project)
        releases |= {version: mark_withdrawn(releases[version], mark) for version in holding}
        replace_file(ledger_path(project), format_releases(releases).encode())
    replace_file(folder / TOMBSTONE, as_toml(tombstone).encode())
    for name in _REMOVED:
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
    return Withdrawal(tombstone, holding, quotations)
