"""A small project under git whose builds copy a prepared dataset, so that a release takes seconds."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.helpers import read_files

from espress_build.pipeline.package import write_sums
from espress_build.release import release as releasing
from espress_build.release.fresh_build import FreshBuild

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]

FIRST, LATER = "2026-01-31", "2026-03-31"


@dataclass(frozen=True)
class CopyingBuild(FreshBuild):
    """A fresh build that copies its dataset instead of building it."""

    source: Path = Path()

    def run(self, *arguments: str) -> None:
        """Write the citation where documents are generated; otherwise do nothing."""
        if arguments == ("generate",):
            about = (self.folder / "schema" / "dataset.toml").read_text(encoding="utf-8")
            (self.folder / "CITATION.cff").write_text(about, encoding="utf-8")

    def make_editions(self) -> None:
        """Replace the committed dataset with the prepared one, and put an open edition beside it."""
        full, opened = self.editions["full"], self.editions["open"]
        shutil.rmtree(full, ignore_errors=True)
        shutil.copytree(self.source, full)
        shutil.copytree(self.source, opened)
        (opened / "README.md").write_text("Open edition.\n", encoding="utf-8")
        (opened / "SHA256SUMS").unlink()
        write_sums(opened)


def git(project: Path, *arguments: str) -> None:
    """Run git with an invented author."""
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(project), *who, *arguments], check=True, capture_output=True)


def commit(project: Path) -> None:
    """Commit all files."""
    git(project, "add", "-A", ".")
    git(project, "commit", "-qm", "all")


def tree(project: Path) -> dict[str, bytes]:
    """Return every file of a project that git does not ignore, with its bytes."""
    return {
        name: data
        for name, data in read_files(project).items()
        if not name.startswith((".git/", ".make/")) and name != "dataset.lock"
    }


def change(dataset: Path, table: str, work: Callable[[list[Row]], list[Row]]) -> None:
    """Change the rows of a table, and the sums with it."""
    path = dataset / "data" / f"{table}.parquet"
    old = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(work(old.to_pylist()), schema=old.schema), path)
    (dataset / "SHA256SUMS").unlink()
    write_sums(dataset)


@dataclass(frozen=True)
class Project:
    """A project, and the dataset that its builds copy."""

    folder: Path
    built: Path

    def copy(self, to: Path) -> Project:
        """Copy it into a folder."""
        shutil.copytree(self.built, to / "built")
        return Project(shutil.copytree(self.folder, to / "project", symlinks=True), to / "built")

    def release(self, version: str, date: str | None = FIRST, doi: str | None = None) -> str:
        """Cut a release of it."""
        return release(self.folder, self.built, version, date, doi)

    def build(self, table: str, work: Callable[[list[Row]], list[Row]]) -> None:
        """Change the rows of a table for the next builds."""
        change(self.built, table, work)


def release(folder: Path, built: Path, version: str, date: str | None = FIRST, doi: str | None = None) -> str:
    """Cut a release of a project whose builds give this dataset."""

    def environment(build: FreshBuild) -> FreshBuild:
        return CopyingBuild(build.folder, build.log, build.variables, source=built)

    return releasing.release(folder, releasing.Request(version, date, doi), environment)
