"""`espress probe …`, as typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from espress import probe
from espress.cli.main import main
from espress.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

DATE = "2026-01-31"
MINE = """
def predict(rows):
    return ["not_support" if "article" in row["source"] else "support" for row in rows]

def broken(rows):
    raise RuntimeError("no answer today")
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_tasks_says_what_is_asked_what_may_be_claimed_and_what_is_withheld(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "tasks"]) == 0
    shown = capsys.readouterr().out
    for task in probe.tasks():
        assert f"## {task.name}" in shown
        assert all(f"- may not be claimed: {line}" in shown for line in task.may_not_claim)
    assert "- article stance: " in shown
    assert "`check-position`" in shown
    assert probe.split_hash("block") in shown


def test_rows_are_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "rows", "position"]) == 0
    hashes = probe.item_hashes("position")
    wanted = [{**row, "item_hash": hashes[row["item_id"]]} for row in probe.rows("position")]
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == wanted


def test_a_model_of_ones_own_is_run_kept_scored_and_reported(
    mine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept" / "mine.jsonl"
    kept.parent.mkdir()
    options = ["--task", "position", "--split", "article", "--date", DATE, "--name", "mine", "--out", str(kept)]
    assert main(["probe", "run", f"{mine}:predict", *options]) == 0
    ran = capsys.readouterr().out
    assert "`mine` on position, split by article" in ran
    assert main(["probe", "score", str(kept)]) == 0
    assert capsys.readouterr().out == ran
    assert main(["probe", "score", str(kept), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [one.to_dict() for one in probe.score(kept)]
    assert main(["probe", "report", str(kept.parent)]) == 0
    assert "### position, split by article" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "Give either a model or --baselines"),
        (["run", "majority", "--baselines", "x"], "Give either a model or --baselines"),
        (["run", "--baselines", "x", "--out", "y.jsonl"], "leave out --name and --out"),
        (["run", "nobody"], "no baseline 'nobody'"),
        (["run", "{mine}:broken", "--out", "mine.csv"], "ends in .parquet or .jsonl"),
        (["run", "{mine}:broken", "--out", "no/such/mine.jsonl"], "there is no folder no/such"),
        (["run", "{mine}:broken", "--date", "today"], "date 'today' is not a date"),
        (["run", "no.such.module:predict"], "ModuleNotFoundError"),
        (["run", "{mine}:absent"], "no attribute 'absent'"),
        (["run", "{mine}:broken", "--task", "position"], "batch 1, from row .*no answer today"),
        (["run", "majority", "--task", "poetry"], "no task 'poetry'"),
        (["run", "majority", "--task", "position", "--split", "random"], "no split 'random'"),
        (["rows", "poetry"], "no task 'poetry'"),
        (["score", "absent.parquet"], "there is no such file"),
        (["report", "absent"], "holds no predictions"),
    ],
)
def test_wrong_usage_exits_2_with_advice(
    arguments: list[str], message: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    assert main(["probe", *(argument.replace("{mine}", str(mine)) for argument in arguments)]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_every_baseline_is_run_on_every_task_and_split_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "run", "--baselines", str(tmp_path), "--task", "position", "--date", DATE]) == 0
    files = [tmp_path / f"{one.name}.parquet" for one in probe.baselines() if one.extra is None]
    assert capsys.readouterr().out.split() == list(map(str, files))
    assert {one.split for one in probe.read(files[0])} == {"article", "block"}
    assert {one.name for one in probe.baselines() if one.extra is None} == {
        row.model for path in files for row in probe.read(path)
    }


def test_a_report_is_the_same_bytes_whatever_the_files_are_called(tmp_path: Path) -> None:
    found = {name: probe.predict(name, "position", date=DATE) for name in ("majority", "stratified", "article")}
    for folder, names in (("a", "xyz"), ("b", "zyx")):
        (tmp_path / folder).mkdir()
        for file, predictions in zip(names, found.values(), strict=True):
            probe.write(predictions, tmp_path / folder / f"{file}.parquet")
    report = probe.report(tmp_path / "a")
    assert report == probe.report(tmp_path / "b")
    assert report.index("`article`") < report.index("`majority`") < report.index("`stratified`")
    assert "not applicable by construction" in report
    assert "trained here: a lower bound" in report


def test_one_system_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        probe.write(probe.predict("majority", "position", date=DATE), tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="'majority' on position, split 'article', is also in"):
        probe.report(tmp_path)
