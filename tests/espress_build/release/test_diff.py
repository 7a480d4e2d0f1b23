"""`espress-build diff` of folders, archives and releases by number."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.release.small_project import Project, change

from espress_build.cli.main import main
from espress_build.release.diff import Cell, TableDiff, diff, find_judged, find_moves, format_diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Row = dict[str, Any]

ARCHIVE = "releases/archives/espress-0.1.0-full.tar.gz"


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project / "dataset", tmp_path / "dataset")


def two_changes(rows: list[Row]) -> list[Row]:
    """Change a hash, which is provenance, and a title, which is not."""
    return [rows[0] | {"text_sha256": "0" * 64, "title": "Another title"}, *rows[1:]]


def test_added_and_removed_rows_and_changed_cells_are_listed(
    project: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change_events(rows: list[Row]) -> list[Row]:
        (one,) = (row for row in rows if row["event_id"] == "bis-report-2018")
        one["outcome"], one["outcome_date"] = "dropped", None
        return [*rows[:-1], rows[-1] | {"event_id": "other-2020"}]

    change(copy, "events", change_events)
    assert main(["diff", str(project / "dataset"), str(copy), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["table"], found["added"], found["removed"]) == ("events", ["other-2020"], ["wsj-mfa-2024"])
    changed = {(cell["key"], cell["column"]): (cell["before"], cell["after"]) for cell in found["changed"]}
    assert changed == {
        ("bis-report-2018", "outcome"): ("alleged", "dropped"),
        ("bis-report-2018", "outcome_date"): ("2019-11-26", None),
    }


@pytest.mark.parametrize("doubled", ["before", "after", "both"])
def test_repeated_keys_are_listed_if_their_rows_differ(project: Path, copy: Path, doubled: str) -> None:
    change(copy, "events", lambda rows: [*rows, rows[0]])
    before, after = (copy if doubled in (side, "both") else project / "dataset" for side in ("before", "after"))
    found = diff(before, after)
    if doubled == "both":
        assert found == []
    else:
        numbers = (2, 1) if doubled == "before" else (1, 2)
        (key,) = found[0].repeated
        assert key.endswith(f": {numbers[0]} rows before, {numbers[1]} after")
        assert f"! {key}" in format_diff(found)


def test_another_order_of_columns_is_a_difference_that_breaks_nothing(project: Path, copy: Path) -> None:
    path = copy / "data" / "events.parquet"
    table = pq.read_table(path)
    pq.write_table(table.select(table.column_names[::-1]), path)
    (found,) = diff(project / "dataset", copy)
    assert (found.schema, found.breaking) == (["the order of the columns changed"], [])


def test_changes_late_in_a_long_text_and_of_unicode_form_are_shown(project: Path, copy: Path) -> None:
    def change_texts(rows: list[Row]) -> list[Row]:
        assert len(rows[0]["text"]) > 500
        return [
            rows[0] | {"text": rows[0]["text"] + " LATE"},
            rows[1] | {"title": "caf\u00e9"},
            *rows[2:],
        ]

    def decompose(rows: list[Row]) -> list[Row]:
        return [rows[0], rows[1] | {"title": "cafe\u0301"}, *rows[2:]]

    change(copy, "articles", change_texts)
    assert " LATE'" in format_diff(diff(project / "dataset", copy))
    other = shutil.copytree(copy, copy.parent / "other")
    change(other, "articles", decompose)
    assert "'caf\\xe9' -> 'cafe\\u0301'" in format_diff(diff(copy, other))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:200] + b"\0" * 400 + data[600:],
        lambda data: data[: len(data) // 2],  # no footer, so that no reader can open it
        lambda _: b"PAR1xx",
        lambda _: b"",
    ],
)
def test_a_damaged_parquet_file_is_an_error_and_not_a_finding(
    project: Path, copy: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[bytes], bytes]
) -> None:
    path = copy / "data" / "events.parquet"
    path.write_bytes(damage(path.read_bytes()))
    assert main(["diff", str(project / "dataset"), str(copy)]) == 2
    assert "events.parquet cannot be read as Parquet" in capsys.readouterr().err


def test_columns_of_another_type_and_removed_and_new_columns_are_listed(project: Path, copy: Path) -> None:
    path = copy / "data" / "outlets.parquet"
    table = pq.read_table(path)
    kinds = pa.array(range(table.num_rows), pa.int32())
    pq.write_table(table.set_column(table.schema.get_field_index("outlet_kind"), "outlet_kind", kinds), path)
    (found,) = diff(project / "dataset", copy)
    assert found.schema == found.breaking == ["column outlet_kind: string became int32"]
    assert found.changed[0].after == "0"
    pq.write_table(table.drop_columns(["outlet_kind"]).append_column("mood", kinds), path)
    (found,) = diff(project / "dataset", copy)
    assert found.schema == ["column outlet_kind was removed", "column mood (int32) is new"]
    pq.write_table(table.drop_columns(["outlet_id"]), path)  # the key, without which rows cannot be matched
    (found,) = diff(project / "dataset", copy)
    assert found.schema == ["column outlet_id was removed"]
    assert not found.changed


def test_tables_that_only_one_dataset_has_are_listed(project: Path, copy: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), copy / "data" / "moods.parquet")
    (copy / "data" / "events.parquet").unlink()
    lost, come = diff(project / "dataset", copy)
    assert (lost.table, lost.schema, lost.breaking) == ("events", ["the table was removed"], ["the table was removed"])
    assert (come.table, come.schema, come.breaking) == ("moods", ["the table is new"], [])
    come, lost = diff(copy, project / "dataset")
    assert (come.table, lost.table, lost.breaking) == ("events", "moods", ["the table was removed"])


def test_merged_units_move_to_the_unit_that_holds_them(
    project: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def merge(rows: list[Row]) -> list[Row]:
        first = next(row for row in rows if row["sentence_id"] == f"{STEM}.01")
        second = next(row for row in rows if row["sentence_id"] == f"{STEM}.02")
        first |= {name: second[name] for name in ("text_end", "source_byte_end")}
        first["text"] += f" {second['text']}"
        return [row for row in rows if row is not second]

    change(copy, "sentences", merge)
    assert find_moves(project / "dataset", copy) == [(f"{STEM}.01", f"{STEM}.01"), (f"{STEM}.02", f"{STEM}.01")]
    assert main(["diff", str(project / "dataset"), str(copy), "--moves"]) == 1
    lines = ["old_sentence_id,sentence_id", f"{STEM}.01,{STEM}.01", f"{STEM}.02,{STEM}.01"]
    assert capsys.readouterr().out.splitlines() == lines


STEM = "epoch-times-20190723-36a0d4b9.p05"


def _move_border(rows: list[Row], share: float) -> list[Row]:
    """Let the second unit of a paragraph begin where this share of the first one ends."""
    first, second = (next(row for row in rows if row["sentence_id"] == f"{STEM}.0{number}") for number in (1, 2))
    start, end = first["source_byte_start"], first["source_byte_end"]
    first["source_byte_end"] = second["source_byte_start"] = start + round(share * (end - start))
    first["text"], second["text"] = f"{first['text']} shorter", f"{second['text']} longer"
    return rows


@pytest.mark.parametrize(("share", "holder"), [(0.3, "02"), (0.7, "01")])
def test_a_unit_that_was_cut_moves_to_the_larger_part(project: Path, copy: Path, share: float, holder: str) -> None:
    change(copy, "sentences", lambda rows: _move_border(rows, share))
    expected = [(f"{STEM}.01", f"{STEM}.{holder}"), (f"{STEM}.02", f"{STEM}.02")]
    assert find_moves(project / "dataset", copy) == expected


def test_a_unit_that_is_gone_moves_nowhere_though_its_neighbours_touch_it(project: Path, copy: Path) -> None:
    def remove(rows: list[Row]) -> list[Row]:
        at = next(at for at, row in enumerate(rows) if row["sentence_id"] == f"{STEM}.02")
        before, gone, after = rows[at - 1 : at + 2]
        before["source_byte_end"], after["source_byte_start"] = gone["source_byte_start"], gone["source_byte_end"]
        return [row for row in rows if row is not gone]

    change(copy, "sentences", remove)
    assert find_moves(project / "dataset", copy) == [(f"{STEM}.02", None)]


def test_equal_halves_move_to_the_first_unit(project: Path, tmp_path: Path) -> None:
    def cut(rows: list[Row], share: float) -> list[Row]:
        first = next(row for row in rows if row["sentence_id"] == f"{STEM}.01")
        first["source_byte_end"] = first["source_byte_start"] + 100
        return _move_border(rows, share)

    even = shutil.copytree(project / "dataset", tmp_path / "even")
    whole = shutil.copytree(project / "dataset", tmp_path / "whole")
    change(whole, "sentences", lambda rows: cut(rows, 1.0))
    change(even, "sentences", lambda rows: [row | {"text": row["text"] + "."} for row in cut(rows, 0.5)])
    assert dict(find_moves(whole, even))[f"{STEM}.01"] == f"{STEM}.01"


def test_articles_that_persons_judged_since_are_found(project: Path, copy: Path, tmp_path: Path) -> None:
    def judge(rows: list[Row]) -> list[Row]:
        by_person = {"judgement_id": "new", "annotator_kind": "human", "article_id": "a-person-s"}
        return [*rows, rows[0] | by_person, rows[1] | {"judgement_id": "newer", "article_id": "a-model-s"}]

    change(copy, "annotations", judge)
    assert find_judged(project / "dataset", copy) == {"a-person-s"}
    assert find_judged(copy, copy) == set()
    assert find_judged(tmp_path / "nowhere", copy) == {"a-person-s"}


def test_tables_that_the_schema_does_not_know_are_listed_lost_ones_first(project: Path, copy: Path) -> None:
    old = shutil.copytree(copy, copy.parent / "old")
    for folder, name in ((old, "zebras"), (copy, "apes"), (copy, "moods")):
        pq.write_table(pa.table({"a": [1]}), folder / "data" / f"{name}.parquet")
    assert [one.table for one in diff(old, copy)] == ["zebras", "apes", "moods"]


def test_null_and_a_value_differ_in_both_directions(project: Path, copy: Path) -> None:
    def swap(rows: list[Row]) -> list[Row]:
        null = next(row for row in rows if row["outcome_date"] is None)
        dated = next(row for row in rows if row["outcome_date"] is not None)
        null["outcome_date"], dated["outcome_date"] = dated["outcome_date"], None
        return rows

    change(copy, "events", swap)
    (found,) = diff(project / "dataset", copy)
    assert {(cell.column, cell.before is None, cell.after is None) for cell in found.changed} == {
        ("outcome_date", True, False), ("outcome_date", False, True),
    }  # fmt: skip
    assert [cell.key for cell in found.changed] == sorted(cell.key for cell in found.changed)


LONG = "x" * 100


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (None, "a", "null -> 'a'"),
        ("a", None, "'a' -> null"),
        ("y" * 60, "z", f"'{'y' * 59}…' -> 'z'"),
        ("y" * 59, "z", f"'{'y' * 59}' -> 'z'"),
        (f"{LONG}a", f"{LONG}b", f"'…{'x' * 20}a' -> '…{'x' * 20}b'"),
        (f"{LONG}a{LONG}", f"{LONG}b", f"'…{'x' * 20}a{'x' * 38}…' -> '…{'x' * 20}b'"),
        ("\u00e9", "\uff45\u0301", "'\\xe9' -> '\\uff45\\u0301'"),
        ("\u00e9", "e", "'\u00e9' -> 'e'"),
    ],
)
def test_changed_values_are_cut_to_where_they_differ(before: str | None, after: str | None, text: str) -> None:
    shown = format_diff([TableDiff("events", changed=[Cell("k", "named", before, after)])])
    assert shown == f"events: 0 added, 0 removed, 1 cells changed\n  ~ k named: {text}"


def test_every_kind_of_difference_has_its_line() -> None:
    one = TableDiff("events", ["column a was removed"], ["n"], ["o"], [], ["k: 2 rows before, 1 after"])
    assert format_diff([one, TableDiff("outlets", added=["p"])]).splitlines() == [
        "events: 1 added, 1 removed, 0 cells changed, 1 keys with several rows",
        "  column a was removed",
        "  + n",
        "  - o",
        "  ! k: 2 rows before, 1 after",
        "outlets: 1 added, 0 removed, 0 cells changed",
        "  + p",
    ]
    assert format_diff([]) == "no difference"


def test_folder_archive_and_number_name_the_same_dataset(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(released.built), str(released.folder / ARCHIVE), "0.1.0"]
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


def test_essential_leaves_out_provenance(project: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["diff", str(project / "dataset"), str(copy), "--essential"]
    change(copy, "articles", two_changes)
    assert main(command) == 1
    said = capsys.readouterr().out
    assert "title" in said
    assert "text_sha256" not in said
    title = pq.read_table(project / "dataset" / "data" / "articles.parquet")["title"][0].as_py()
    change(copy, "articles", lambda rows: [rows[0] | {"title": title}, *rows[1:]])
    assert main(command) == 0
    assert main(command[:-1]) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("0.3.0", "There is no release '0.3.0'. Known, nearest first: 0.1.0."),
        ("0.1.0:closed", "There is no edition 'closed'"),
        ("no/such/folder", "no/such/folder is not a dataset"),
        ("releases", "releases is not a dataset"),
        ("releases/releases.json", "releases.json is not an archive of a known release"),
    ],
)
def test_unknown_datasets_are_refused(
    released: Project, name: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(released.folder)
    assert main(["diff", "0.1.0", name]) == 2
    assert words in capsys.readouterr().err


def test_a_changed_archive_of_a_release_is_refused(released: Project, capsys: pytest.CaptureFixture[str]) -> None:
    path = released.folder / ARCHIVE
    path.write_bytes(path.read_bytes() + b"\0")
    for name in ("0.1.0", str(path)):
        assert main(["--project", str(released.folder), "diff", name, str(released.built)]) == 2
        assert "differs from the released archive" in capsys.readouterr().err
