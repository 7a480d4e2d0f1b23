"""A dataset says the number of a release only if its bytes are that release's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.helpers import PROJECT

from espress.data.integrity import root_hash
from espress.data.releases import Archive, Release
from espress.schema import schema
from espress_build import build
from espress_build.checks.validate import Outcome
from espress_build.pipeline import version_number
from espress_build.pipeline.version_number import Number, candidate_numbers
from espress_build.release.ledger import describe_edition, new_release

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-01-31"
NOTHING = Outcome((), (), {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the tables of the dataset staged for the last steps of a build, whose checks find nothing."""
    monkeypatch.setattr(build, "validate", lambda *_, **__: NOTHING)
    shutil.copy(PROJECT / "LICENSE-DATA", tmp_path)
    shutil.copytree(PROJECT / "dataset" / "data", tmp_path / ".dataset-new" / "data")
    return tmp_path


def about(monkeypatch: pytest.MonkeyPatch, **stated: str) -> None:
    """Let schema/dataset.toml say this of version and day of release."""
    known = {key: value for key, value in schema().about.items() if key not in ("version", "released")}
    monkeypatch.setattr(version_number, "schema", lambda: replace(schema(), about=known | stated))


def finish(folder: Path) -> Path:
    """Do the last steps of a build; returns the staged dataset."""
    where, staged = build.Places(folder, folder / "dataset"), folder / ".dataset-new"
    build.describe(staged, where, candidate_numbers(staged)[0])
    build.check(staged, where)
    return staged


def read_versions(dataset: Path) -> set[str]:
    """Return the versions that the files of a dataset name."""
    found: dict[str, Any] = {
        name: json.loads((dataset / name).read_bytes()) for name in ("datapackage.json", "incidents.json")
    }
    return {str(content["version"]) for content in found.values()}


def record(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Let this dataset be release 0.1.0."""
    (archive := dataset.parent / "archive").write_bytes(b"")
    full = replace(describe_edition(dataset, archive), archive=Archive("a", 0, ""))
    release = new_release("0.1.0", DAY, None, {"full": full})
    monkeypatch.setattr(version_number, "known_releases", lambda: {"0.1.0": release})
    return release


@pytest.fixture
def released(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Release 0.1.0, made of the staged dataset."""
    about(monkeypatch, version="0.1.0", released=DAY)
    monkeypatch.setattr(version_number, "known_releases", dict)  # while it is being made
    made = finish(folder)
    assert read_versions(made) == {"0.1.0"}
    return record(made, monkeypatch)


def test_before_any_release_it_is_dev(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about(monkeypatch, version="0.1.0")
    monkeypatch.setattr(version_number, "known_releases", dict)
    assert read_versions(finish(folder)) == {"0.1.0-dev"}


def test_the_bytes_of_a_release_have_its_number_again(folder: Path, released: Release) -> None:
    again = finish(folder)
    assert read_versions(again) == {"0.1.0"}
    assert root_hash(again) == released.editions["full"].root


@pytest.mark.usefixtures("released")
def test_other_rows_are_plus_dev(folder: Path) -> None:
    path = folder / ".dataset-new" / "data" / "articles.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    assert candidate_numbers(folder / ".dataset-new") == [Number("0.1.0+dev")]
    assert read_versions(finish(folder)) == {"0.1.0+dev"}


@pytest.mark.usefixtures("released")
def test_other_words_about_the_same_rows_are_plus_dev(folder: Path) -> None:
    (folder / "LICENSE-DATA").write_text("Other words.\n", encoding="utf-8")
    assert read_versions(finish(folder)) == {"0.1.0+dev"}


def test_no_table_holds_the_version(project: Path) -> None:
    names = {column.name for table in schema().tables for column in table.columns}
    assert "version" not in names
    metadata = [pq.read_schema(path).metadata or {} for path in (project / "dataset" / "data").glob("*.parquet")]
    assert not [value for one in metadata for value in one.values() if b"0.1.0" in value]
