"""What differs between two datasets."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from espress_build.cli.main import main
from espress_build.release.diff import diff, moves

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project / "dataset", tmp_path / "dataset")


def _change(folder: Path, table: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    path = folder / "data" / f"{table}.parquet"
    old = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(change(old.to_pylist()), schema=old.schema), path)


def test_equal_datasets_do_not_differ(project: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(project / "dataset"), str(copy)]) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_rows_added_and_removed_and_cells_changed_are_named(
    project: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        (one,) = (row for row in rows if row["event_id"] == "bis-report-2018")
        one["outcome"], one["outcome_date"] = "dropped", None
        return [*rows[:-1], rows[-1] | {"event_id": "other-2020"}]

    _change(copy, "events", change)
    assert main(["diff", str(project / "dataset"), str(copy), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["table"] == "events"
    assert found["added"] == ["other-2020"]
    assert found["removed"] == ["wsj-mfa-2024"]
    changed = {(cell["key"], cell["column"]): (cell["before"], cell["after"]) for cell in found["changed"]}
    assert changed == {
        ("bis-report-2018", "outcome"): ("alleged", "dropped"),
        ("bis-report-2018", "outcome_date"): ("2019-11-26", None),
    }


def test_a_changed_schema_is_told(project: Path, copy: Path) -> None:
    path = copy / "data" / "sentences.parquet"
    table = pq.read_table(path)
    table = table.drop_columns(["aspect"]).append_column("mood", pa.nulls(table.num_rows, pa.string()))
    pq.write_table(table, path)
    (found,) = diff(project / "dataset", copy)
    assert found.schema == ["column aspect is gone", "column mood (string) is new"]


def test_moves_map_units_to_those_that_hold_most_of_their_bytes(project: Path, copy: Path) -> None:
    stem = "epoch-times-20190723-36a0d4b9.p05"

    def merge(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = next(row for row in rows if row["sentence_id"] == f"{stem}.01")
        second = next(row for row in rows if row["sentence_id"] == f"{stem}.02")
        first |= {"text": f"{first['text']} {second['text']}", "end": second["end"], "source_end": second["source_end"]}
        return [row for row in rows if row is not second]

    _change(copy, "sentences", merge)
    assert moves(project / "dataset", copy) == [(f"{stem}.01", f"{stem}.01"), (f"{stem}.02", f"{stem}.01")]


def test_a_folder_that_is_no_dataset_is_an_error(
    tmp_path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(tmp_path / "nothing"), str(copy)]) == 2
    assert "holds no dataset" in capsys.readouterr().err
