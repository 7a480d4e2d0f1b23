"""`espress-build diff` of folders, archives and releases by number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.release.made import Project, change

from espress_build.cli.main import main
from espress_build.release.diff import diff

if TYPE_CHECKING:
    from pathlib import Path

    Row = dict[str, Any]


def two_changes(rows: list[Row]) -> list[Row]:
    """Change a hash, which is provenance, and a title, which is not."""
    return [rows[0] | {"text_sha256": "0" * 64, "title": "Another title"}, *rows[1:]]


def test_folder_archive_and_number_are_the_same_thing(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(released.built), str(released.folder / "releases/archives/espress-0.1.0-full.tar.gz"), "0.1.0"]
    for name in names:
        assert main(["--project", str(released.folder), "diff", "0.1.0", name]) == 0
        assert capsys.readouterr().out == "no difference\n"
    change(released.built, "articles", two_changes)
    answers = []
    for name in names[1:]:
        assert main(["--project", str(released.folder), "diff", name, names[0], "--json"]) == 1
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]
    assert {cell["column"] for cell in answers[0][0]["changed"]} == {"text_sha256", "title"}


def test_essential_leaves_provenance_aside(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    change(released.built, "articles", two_changes)
    command = ["--project", str(released.folder), "diff", "0.1.0", str(released.built), "--essential"]
    assert main(command) == 1
    said = capsys.readouterr().out
    assert "title" in said
    assert "text_sha256" not in said


def test_provenance_alone_is_no_essential_difference(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    change(released.built, "articles", lambda rows: [rows[0] | {"text_sha256": "0" * 64}, *rows[1:]])
    command = ["--project", str(released.folder), "diff", "0.1.0", str(released.built)]
    assert main(command) == 1
    assert main([*command, "--essential"]) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("0.3.0", "There is no release '0.3.0'. Known, nearest first: 0.1.0."),
        ("0.1.0:closed", "There is no edition 'closed'"),
        ("no/such/folder", "no/such/folder holds no dataset"),
    ],
)
def test_what_is_not_there_is_told(
    released: Project, name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--project", str(released.folder), "diff", "0.1.0", name]) == 2
    assert words in capsys.readouterr().err


def test_a_release_whose_archive_lies_is_not_compared(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    path = released.folder / "releases/archives/espress-0.1.0-full.tar.gz"
    path.write_bytes(path.read_bytes() + b"\0")
    assert main(["--project", str(released.folder), "diff", "0.1.0", str(released.built)]) == 2
    assert "releases.json names" in capsys.readouterr().err


def test_a_cell_of_another_type_and_a_lost_key_are_told(released: Project, tmp_path: Path) -> None:
    before = released.folder / "dataset"
    path = released.built / "data" / "outlets.parquet"
    table = pq.read_table(path)
    kinds = pa.array(range(table.num_rows), pa.int32())
    pq.write_table(table.set_column(table.schema.get_field_index("kind"), "kind", kinds), path)
    (found,) = diff(before, released.built)
    assert found.schema == found.breaking == ["column kind: string became int32"]
    assert found.changed[0].after == "0"
    pq.write_table(table.drop_columns(["outlet_id"]), path)
    (found,) = diff(before, released.built)
    assert found.schema == ["column outlet_id is gone"]
    assert not found.changed


def test_tables_that_the_schema_does_not_know_are_named(released: Project) -> None:
    pq.write_table(pa.table({"a": [1]}), released.built / "data" / "moods.parquet")
    (found,) = diff(released.folder / "dataset", released.built)
    assert (found.table, found.schema, found.breaking) == ("moods", ["the table is new"], [])
    (found,) = diff(released.built, released.folder / "dataset")
    assert found.breaking == ["the table is gone"]
