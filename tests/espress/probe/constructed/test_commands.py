"""`espress probe …` on the constructed sets, as typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from espress import probe
from espress.cli.main import main
from espress.errors import InputError
from espress.probe.constructed.items import read_items

if TYPE_CHECKING:
    from pathlib import Path

MINE = """
def predict(rows):
    return ["yes" if "step" in row["text"] else "no" for row in rows]
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return f"{path}:predict"


def test_run_and_score(mine: str, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.parquet"
    options = ["--task", "check", "--data", str(cases), "--date", "2026-01-31"]
    assert main(["probe", "run", mine, *options, "--out", str(out)]) == 0
    ran = capsys.readouterr().out
    assert ran.startswith("predict on check (constructed)\nmean pass rate of 2 functions: 1.000")
    assert main(["probe", "score", str(out), "--data", str(cases)]) == 0
    assert capsys.readouterr().out == ran
    assert main(["probe", "score", str(out), "--data", str(cases), "--page"]) == 0
    assert "## By function" in capsys.readouterr().out
    assert main(["probe", "score", str(out), "--data", str(cases), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["value"] == 1.0


def test_report_has_a_table_for_each_set(tmp_path: Path, kept: None, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("facts", "lexicon"):
        result = probe.run(name, task="stance", date="2026-01-31", progress=False)
        probe.write(result.predictions, tmp_path / f"{name}.parquet")
    natural = probe.run("majority", task="position", date="2026-01-31", progress=False)
    probe.write(natural.predictions, tmp_path / "majority.parquet")
    assert main(["probe", "report", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert shown.index("### position, split by article") < shown.index("### stance (constructed), split test")
    assert shown.index("`facts`") < shown.index("`lexicon`")
    with pytest.raises(InputError, match="the other on a constructed set"):
        probe.compare(result, natural)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["--task", "check", "--task", "position"], "run it alone"),
        (["--task", "check", "--split", "test", "--split", "dev"], "one --split at a time"),
        (["--task", "position", "--language", "de"], "--language: only with --task check or --task stance"),
    ],
)
def test_options_that_do_not_go_together(
    mine: str, typed: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "run", mine, *typed]) == 2
    assert message in capsys.readouterr().err


def test_rows_have_hashes(kept: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "rows", "stance", "--split", "dev"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    items = {item.item_id: item for item in read_items("stance") if item.split == "dev"}
    assert {row["item_id"]: row["item_hash"] for row in found} == {name: one.item_hash for name, one in items.items()}
