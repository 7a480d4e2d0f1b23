"""A predictions file is read, or refused with the rows that are wrong."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress import probe
from espress.errors import InputError
from espress.probe.predictions import check, parse_rows

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = probe.predict("majority", "position", date="2026-01-31")


def _message(rows: list[dict[str, Any]]) -> str:
    with pytest.raises(InputError) as caught:
        check(parse_rows(rows, "mine"), "mine")
    return str(caught.value)


def _rows(**changes: Any) -> list[dict[str, Any]]:
    """Rows that are sound but for the third."""
    rows = [asdict(one) for one in GIVEN]
    rows[2].update(changes)
    return rows


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_what_was_written_is_read_and_scores_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mine.{suffix}"
    probe.write(GIVEN, path)
    assert probe.read(path) == GIVEN
    assert [one.to_dict() for one in probe.score(path)] == [one.to_dict() for one in probe.score(GIVEN)]
    first = path.read_bytes()
    probe.write(reversed(GIVEN), path)
    assert path.read_bytes() == first


def test_a_file_of_the_needed_columns_alone_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    rows = [{k: v for k, v in asdict(one).items() if k not in ("family", "run", "score")} for one in GIVEN]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert probe.read(path) == GIVEN


def test_null_and_blank_predictions_are_failed_parses_and_count_as_wrong() -> None:
    rows = _rows(prediction=None)
    rows[5]["prediction"] = " "
    (result,) = probe.score(parse_rows(rows, "mine"))
    (whole,) = probe.score(GIVEN)
    assert result.failed == 2
    assert result.accuracy < whole.accuracy


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prediction": "Backing"}, "mine, row 3: has the unknown label 'Backing'; position has not_support, support"),
        ({"score": float("nan")}, "mine, row 3: has the score nan"),
        ({"score": float("inf")}, "mine, row 3: has the score inf"),
        ({"item_hash": "abc"},
         f"run '1', has 1 of {len(GIVEN)} items with changed inputs: {GIVEN[2].item_id}. Predict"),
        ({"split_hash": "abc"}, "mine, row 3: has split hash 'abc', but 'article' has"),
        ({"ran_on": "31 January"}, "mine, row 3: has ran_on '31 January', which is not a date"),
        ({"item_id": "nowhere"}, "mine, row 3: has the item 'nowhere', which position does not have"),
        ({"item_id": GIVEN[0].item_id}, "again; it is in row 1 already"),
        ({"task": "stance"}, "mine, row 3: has the unknown task 'stance'"),
        ({"split": "random"}, "mine, row 3: has the unknown split 'random'"),
        ({"model": ""}, "mine, row 3: has model '', which does not name a system"),
        ({"model": "two\nlines"}, "which does not name a system"),
        ({"family": "other"}, "has several families or dates in position"),
        ({"prediction": 1}, "mine, row 3: prediction is 1, not a string"),
        ({"model": None}, "mine, row 3: model is null"),
        ({"score": "high"}, "mine, row 3: score is 'high', not a number"),
        ({"logit": 0.1}, "mine, row 3: has the unknown column 'logit'"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    assert message in _message(_rows(**changes))


def test_answers_in_a_file_are_matched_like_those_of_a_model() -> None:
    rows = _rows(prediction='**"Not support."**')
    rows[4]["prediction"] = "Answer: SUPPORT"
    read = parse_rows(rows, "mine")
    assert (read[2].prediction, read[4].prediction) == ("not_support", "support")


def test_a_release_that_changes_no_item_orphans_no_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = probe.score(GIVEN)
    monkeypatch.setattr("espress.probe.scores.versions", lambda: ("99.0.0",))
    (after,) = probe.score(GIVEN)
    assert after.data_version == "99.0.0"
    assert after.value == before.value


def test_a_file_of_an_earlier_format_is_told_what_changed() -> None:
    rows = [{**asdict(one), "data_version": "0.1.1"} for one in GIVEN]
    with pytest.raises(InputError, match=r"Until 1\.0\.0, files named a data version"):
        parse_rows(rows, "mine")


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (GIVEN[7:],
         [f"position, split 'article', run '1', lacks 7 of {len(GIVEN)} items: {GIVEN[0].item_id}", "and 2 more"]),
        ([replace(one, split_hash="old") for one in GIVEN],
         [f"rows 1, 2, 3, 4, 5 and {len(GIVEN) - 5} more: has split hash 'old'"]),
        ([*GIVEN, *(replace(one, run="2") for one in GIVEN[1:])], ["run '2'", GIVEN[0].item_id]),
    ],
    ids=["missing items", "many rows", "an incomplete run"],
)  # fmt: skip
def test_faults_of_many_rows_name_a_few(given: list[probe.Prediction], parts: list[str]) -> None:
    message = _message([asdict(one) for one in given])
    assert [part for part in parts if part not in message] == []


def test_a_missing_column_is_reported_once(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([asdict(one) for one in GIVEN]).drop_columns(["split_hash"])
    pq.write_table(table, tmp_path / "mine.parquet")
    with pytest.raises(InputError, match=r"and \d+ more: lacks 'split_hash'.\nThe columns are task, item_id"):
        probe.read(tmp_path / "mine.parquet")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"task": 1\n', "row 1: is not JSON"),
        ("a.jsonl", b"[1]\n", "row 1: is not a JSON object"),
        ("a.jsonl", b"{}\n\n{}\n", "row 2: is empty"),
        ("a.jsonl", b"", "row 1: is empty"),
        ("a.jsonl", b'{"task": "a", "task": "b"}', "row 1: cannot be read: the key 'task' occurs twice"),
        ("a.jsonl", b"[" * 3_000 + b"]" * 3_000, "row 1: (cannot be read: brackets are nested too|is not a JSON obj)"),
        ("a.jsonl", b"[" * 200_000, "row 1: cannot be read: brackets are nested too deeply"),
        ("a.jsonl", b"\xff\xfe", "cannot be read as jsonl"),
        ("a.parquet", b"PAR1 and no more", "cannot be read as parquet"),
        ("a.csv", b"task,item_id\n", "ends in .parquet or .jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        probe.score(tmp_path / name)


def test_columns_of_one_name_in_a_parquet_file_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([asdict(one) for one in GIVEN])
    pq.write_table(table.append_column("prediction", table["prediction"]), tmp_path / "mine.parquet")
    with pytest.raises(InputError, match=r"mine\.parquet: several columns are called 'prediction'"):
        probe.read(tmp_path / "mine.parquet")


@pytest.mark.parametrize(
    ("written", "shown"), [("NaN", "nan"), ("1" * 400, "inf"), ("1" * 5_000, "inf")], ids=["NaN", "400", "5000"]
)
def test_a_score_in_a_jsonl_file_that_is_no_finite_number_is_named_by_row(
    tmp_path: Path, written: str, shown: str
) -> None:
    lines = [json.dumps(row) for row in _rows(score=0.25)]
    lines[2] = lines[2].replace("0.25", written)
    (tmp_path / "mine.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=f"row 3: has the score {shown}"):
        probe.score(tmp_path / "mine.jsonl")


@pytest.mark.parametrize("table", [pd.DataFrame(_rows()), _rows()])
def test_anything_but_predictions_is_refused_with_advice(table: Any) -> None:
    with pytest.raises(InputError, match=r": hold \w+, not espress\.probe\.Prediction"):
        probe.score(table)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.one_of(st.none(), st.integers(), st.floats(), TEXTS, st.booleans(), st.lists(st.integers(), max_size=1))


@given(st.dictionaries(st.sampled_from([*asdict(GIVEN[0]), "more"]), VALUES))
def test_any_wrong_row_raises_input_error(changes: dict[str, Any]) -> None:
    rows = [asdict(one) for one in GIVEN[:3]]  # too few items, so that some fault is always found
    rows[1].update(changes)
    with pytest.raises(InputError):
        check(parse_rows(rows, "mine"), "mine")
