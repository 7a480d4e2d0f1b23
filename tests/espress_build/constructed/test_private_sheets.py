"""`espress-build sheets`: fact sheets that nobody has seen become a table on which a model is scored."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from tests.espress_build.constructed.test_sheets import write

from espress import probe
from espress.cli.main import main as espress
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def table(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    (tmp_path / "mine").mkdir()
    for name in ("s901", "s902"):
        write(tmp_path / "mine", name=name)
    out = tmp_path / "mine.parquet"
    assert main(["sheets", str(tmp_path / "mine"), "--out", str(out)]) == 0
    return out


def test_the_table_has_the_columns_of_stance_articles(table: Path) -> None:
    made = pq.read_table(table)
    assert made.schema.equals(arrow_schema(schema().table("stance_articles")))
    rows = made.to_pylist()
    assert len(rows) == 2 * 7 * 3
    assert {row["split"] for row in rows} == {"test"}
    assert all(row["kept"] for row in rows)


def test_a_model_is_scored_on_it_and_trained_on_the_published_set(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def predict(rows: list[dict[str, str]]) -> list[str]:
        texts = [row["text"] for row in rows]
        return ["favor" if "Favor" in t else "against" if "Against" in t else "neither" for t in texts]

    result = probe.run(predict, task="stance", data=table, date="2026-01-31", progress=False)
    assert (result.value, result.classes) == (1.0, dict.fromkeys(("against", "neither", "favor"), (4, 1.0)))
    kept = tmp_path / "answers.parquet"
    typed = ["probe", "run", "lexicon", "--task", "stance", "--data", str(table), "--out", str(kept)]
    capsys.readouterr()
    assert espress(typed) == 0
    assert "42 kept items of stance" in capsys.readouterr().out
    assert espress(["probe", "score", str(kept)]) == 2  # without the table, these articles are not known
    assert "has the item 's901/control', which stance does not have" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("published", "s001.toml: s001 is a published sheet. Rename it."),
        ("name", "the name of a sheet is an s and three digits"),
        ("shared", "shares the words"),
        ("empty", "holds no fact sheets"),
        ("suffix", "ends in .parquet"),
        ("inside", "lies in the project's data"),
    ],
)
def test_bad_input_is_named(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, message: str
) -> None:
    folder, out = tmp_path / "mine", tmp_path / "mine.parquet"
    folder.mkdir()
    public = project / "raw" / "constructed" / "stance" / "s001.toml"
    if fault == "published":
        shutil.copy(public, folder)
    elif fault == "name":
        write(folder, name="mine")
    elif fault == "shared":
        text = public.read_text(encoding="utf-8").replace('id = "s001"', 'id = "s901"', 1)
        (folder / "s901.toml").write_text(text, encoding="utf-8")
    elif fault != "empty":
        write(folder, name="s901")
    out = {"suffix": tmp_path / "mine.csv", "inside": project / "raw" / "mine.parquet"}.get(fault, out)
    assert main(["--dataset", str(project / "dataset"), "sheets", str(folder), "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()
