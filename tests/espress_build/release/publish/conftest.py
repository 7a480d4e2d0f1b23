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
from espress_build.cli.main import main
from espress_build.release.ledger import describe_edition, new_release
from espress_build.release.pack_archive import archive_name, write_archive
from espress_build.release.publish.errors import retry

if TYPE_CHECKING:
    from collections.abc import Iterator
FIRST, SECOND = "71.0.0", "71.1.0"  # numbers that no real release has
_ROWS = 40


def _read_table(name: str, *, texts: bool, rights_basis: bool) -> Any:
    """Return the first rows of a table of the corpus; `rights_basis` invents a right to publish every text."""
    rows = pq.read_table(DATASET / "data" / f"{name}.parquet").slice(0, _ROWS)
    for place, column in enumerate(schema().file(name).columns):
        field, value = rows.schema.field(place).with_nullable(True), None
        if rights_basis and column.name == "rights_basis":
            value = "licence of the publisher"
        if value or (column.withheld and not texts):
            rows = rows.set_column(place, field, pa.array([value] * rows.num_rows, field.type))
    return rows


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
    """A copy of a project with two releases; `first`, `second` and `full` are their dataset folders."""
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
