"""A zip file holds every table of an edition, their dictionary, and how to cite them."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

import espress
from espress.cli.main import main
from espress.exporters.zip_file import export_zip
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {table.name for table in schema().tables} | {"dictionary", "about"}


@pytest.mark.parametrize("to", ["csv", "dta", "sav", "jsonl"])
def test_each_table_is_a_file(to: str, tmp_path: Path) -> None:
    name = f"espress-{espress.versions()[0]}-full-{to}"
    with zipfile.ZipFile(export_zip(to, tmp_path / "all.zip")) as archive:
        assert archive.testzip() is None
        tables = {f"{name}/tables/{table}.{to}" for table in TABLES}
        assert set(archive.namelist()) == {f"{name}/README.txt", *tables}


@pytest.mark.parametrize("to", ["xlsx", "sqlite", "duckdb"])
def test_formats_of_one_file_are_one_file(to: str, tmp_path: Path) -> None:
    name = f"espress-{espress.versions()[0]}-full-{to}"
    with zipfile.ZipFile(export_zip(to, tmp_path / "all.zip")) as archive:
        assert archive.namelist() == [f"{name}/README.txt", f"{name}/{name}.{to}"]


def test_the_command_names_the_file_by_version_edition_and_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["export", "--to", "csv", "--zip", "--version", "0.1.1", "--edition", "open"]
    assert main(command) == 0
    assert capsys.readouterr().out == "espress-0.1.1-open-csv.zip\n"
    first = (tmp_path / "espress-0.1.1-open-csv.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        said = archive.read("espress-0.1.1-open-csv/README.txt").decode()
        about = csv.DictReader(io.StringIO(archive.read("espress-0.1.1-open-csv/tables/about.csv").decode()))
        assert {row["field"]: row["value"] for row in about}["version"] == "0.1.1"
    for style in ("apa", "bibtex"):
        assert espress.cite(style, "0.1.1", edition="open") in said
    assert main(command) == 2
    assert "exists already; nothing was written" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0
    assert (tmp_path / "espress-0.1.1-open-csv.zip").read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["espress-0.1.1-open-csv.zip"]
    assert main(["export", "--to", "csv", "--zip", "--config", "events"]) == 2
