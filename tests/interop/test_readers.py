"""Clients that need only the project's own environment agree; one that differs or stops is reported."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from tests.interop import readers, run, subjects
from tests.interop.readers import Reader

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the subject full of hard characters."""
    return subjects.hard(tmp_path_factory.mktemp("interop"), {"sqlite": "espress.sqlite"})


@pytest.fixture(scope="module")
def expected(hard: Path) -> run.Expected:
    """Return what must be found in it."""
    return subjects.expected(hard)


def _find_reader(name: str) -> Reader:
    return next(reader for reader in readers.READERS if reader.name == name)


@pytest.mark.parametrize("name", ["polars", "duckdb", "pandas", "sqlite"])
def test_clients_read_the_same_tables(name: str, hard: Path, expected: run.Expected, tmp_path: Path) -> None:
    result = run.run_client(_find_reader(name), {hard: expected}, tmp_path)
    assert (result.status, result.reason) == ("PASS", "")
    assert result.sha256 == run.hash_all({n: t for n, t in expected.items() if n not in subjects.OFFSETS})


def test_the_hard_subject_holds_hard_characters_and_its_offsets_fit(hard: Path) -> None:
    text = "".join(pq.read_table(hard / "dataset" / "data" / "articles.parquet")["text"].to_pylist())
    assert {"𝒆", "😀", '"', "\\", "\t", "\u2028", "\u0301", "\u200d"} <= set(text)
    given = json.loads((hard / "units.json").read_text(encoding="utf-8"))
    assert given
    assert all(one["text"][one["start"] : one["end"]] == one["unit"] for one in given)


def test_a_changed_cell_and_a_missing_table_are_reported(hard: Path, expected: run.Expected, tmp_path: Path) -> None:
    data = shutil.copytree(hard / "dataset", tmp_path / "dataset") / "data"
    table = pq.read_table(data / "events.parquet")
    place = table.column_names.index("description")
    changed = [None, *table["description"].to_pylist()[1:]]
    pq.write_table(table.set_column(place, table.field(place).with_nullable(True), [changed]), data / "events.parquet")
    (data / "claim_matrix.parquet").unlink()
    (data / "unit_moves.parquet").unlink()  # without rows: may be left out
    result = run.run_client(_find_reader("pyarrow"), {tmp_path: expected}, tmp_path)
    assert (result.status, result.reason) == ("FAIL", f"other content in {tmp_path.name}: claim_matrix, events")


def test_a_missing_client_is_skipped_with_what_to_type(tmp_path: Path) -> None:
    absent = replace(_find_reader("datasets-oldest"), command=(str(tmp_path / "python"), "x.py"))
    result = run.run_client(absent, {}, tmp_path)
    assert result.status == "SKIP"
    assert str(result).startswith(f"datasets-oldest - 0 - SKIP there is no {tmp_path}/python; ")
    assert "make interop" in result.reason


@pytest.mark.parametrize(
    ("code", "said"),
    [("import nothing_of_that_name", "ModuleNotFoundError"), ("print('1.0'); print('what')", "'what'")],
)
def test_a_client_that_stops_or_prints_something_else_fails(code: str, said: str, tmp_path: Path) -> None:
    result = run.run_client(Reader("x", "nothing", (sys.executable, "-c", code)), {tmp_path: {}}, tmp_path)
    assert result.status == "FAIL"
    assert said in result.reason
