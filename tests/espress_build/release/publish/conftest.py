"""Fixtures of the tests of publishing: a project with two releases of small datasets, and the servers."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.release.publish.hub_server import Hub
from tests.espress_build.release.publish.zenodo_server import TOKEN as ZENODO_TOKEN
from tests.espress_build.release.publish.zenodo_server import Zenodo
from tests.helpers import DATASET, describe
from tests.web_server import serving

from espress.data.releases import Release, format_releases
from espress.schema import Edition, schema
from espress_build.arrow_schema import arrow_schema
from espress_build.cli.main import main
from espress_build.release.ledger import describe_edition, new_release
from espress_build.release.pack_archive import archive_name, write_archive
from espress_build.release.publish.errors import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
FIRST, SECOND = "71.0.0", "71.1.0"  # numbers that no real release has
_ROWS = 40


def _read_table(name: str, *, texts: bool, rights_basis: bool) -> Any:
    """Return the first rows of a table of the corpus, in the schema of today; a table that was never built is empty."""
    path, wanted = DATASET / "data" / f"{name}.parquet", arrow_schema(schema().file(name))
    rows = pq.read_table(path).slice(0, _ROWS) if path.is_file() else wanted.empty_table()
    columns = []
    for column, field in zip(schema().file(name).columns, wanted, strict=True):
        there = column.name in rows.column_names and (texts or not column.withheld)
        values = rows[column.name].to_pylist() if there else [None] * rows.num_rows
        if name == "articles" and column.name == "rights_basis" and rights_basis:
            values = ["licence of the publisher"] * rows.num_rows
        columns.append(pa.array(values, field.type))
    return pa.table(columns, names=wanted.names)


def make_dataset(
    folder: Path, *, version: str, edition: Edition = "open", texts: bool = False, rights_basis: bool = False
) -> Path:
    """Write a small dataset of a version and edition; `texts` are in the full edition anyway."""
    (folder / "data").mkdir(parents=True)
    for table in schema().files:
        data = _read_table(table.name, texts=texts or edition == "full", rights_basis=rights_basis)
        pq.write_table(data, folder / "data" / f"{table.name}.parquet")
    return describe(folder, version, "2026-11-21", edition)


def release(home: Path, version: str, **folders: Path) -> Release:
    """Write the archives of a release below a project; returns its entry in releases.json."""
    editions = {}
    for name, folder in folders.items():
        archive = home / "releases" / "archives" / archive_name(version, name)
        write_archive(folder, archive)
        editions[name] = describe_edition(folder, archive)
    return new_release(version, "2026-11-21", None, editions)


@dataclass(frozen=True)
class Project:
    """A project with releases, and the command in it."""

    home: Path

    def publish(self, *arguments: str) -> int:
        """Run the command; returns its exit code."""
        return main(["--project", str(self.home), "publish", *arguments])


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "project"
    for name in ("raw", "schema"):
        (home / name).mkdir(parents=True)
    first = make_dataset(home / "first", version=FIRST)
    second = make_dataset(home / "second", version=SECOND)
    full = make_dataset(home / "full", version=FIRST, edition="full")
    releases = {FIRST: release(home, FIRST, open=first, full=full), SECOND: release(home, SECOND, open=second)}
    (home / "releases" / "releases.json").write_text(format_releases(releases), encoding="utf-8")
    return home


@pytest.fixture
def released(made: Path, tmp_path: Path) -> Project:
    """A project of one's own, with two releases; `first`, `second` and `full` are their dataset folders."""
    return Project(Path(shutil.copytree(made, tmp_path / "project")))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with serving(Hub()) as hub:
        hub.point(monkeypatch, tmp_path / "home")
        monkeypatch.setattr(retry, "sleep", lambda _seconds: None)
        yield hub


@pytest.fixture
def zenodo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zenodo]:
    monkeypatch.setenv("ZENODO_TOKEN", ZENODO_TOKEN)
    monkeypatch.setattr(retry, "sleep", lambda _seconds: None)
    with serving(Zenodo()) as zenodo:
        yield zenodo
