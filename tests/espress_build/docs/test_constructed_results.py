"""Generated sections on the constructed sets, and the predictions from which they are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.statistics.baselines import set_predictions, undated

from espress.probe.constructed.answers import check, read, write
from espress.probe.constructed.baselines import set_baselines
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import SETS
from espress.probe.constructed.runs import ask
from espress_build.docs.constructed_results import FILES, NO_RESULTS, SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

BASELINES = {one.name: one for name in SETS for one in set_baselines(name)}


def test_sections_say_so_if_there_are_no_predictions(tmp_path: Path) -> None:
    for name, section in SECTIONS.items():
        if name != "set-baselines":
            assert section(tmp_path / "dataset") == NO_RESULTS
    assert {file(tmp_path / "dataset")[:4] for name, file in FILES.items() if name.endswith(".svg")} == {"<svg"}


def test_sections_give_the_scores_of_every_system(tmp_path: Path, kept: None) -> None:
    folder = tmp_path / "predictions" / "sets"
    folder.mkdir(parents=True)
    for name in ("lexicon", "majority"):
        found = [answer for own in SETS for answer in ask(name, own, language=None, progress=False)]
        write(found, folder / f"{name}.parquet")
    made = {name: section(tmp_path / "dataset") for name, section in SECTIONS.items()}
    assert all("`lexicon`" in text and "`majority`" in text for text in made.values())
    assert "mean pass rate" in made["check-results"].lower()
    (line,) = [line for line in made["check-results"].splitlines() if line.startswith("| `majority`")]
    assert line.count("0.000") > 1
    assert all("lexicon" in file(tmp_path / "dataset") for file in FILES.values())
    for name, section in SECTIONS.items():
        assert section(tmp_path / "dataset") == made[name]


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_committed_predictions_answer_the_present_texts_as_the_baseline_does(name: str, project: Path) -> None:
    if not (project / "predictions" / "sets").is_dir():
        pytest.skip("there are no committed predictions; type: make baselines")
    held = read(project / "predictions" / "sets" / f"{name}.parquet")
    check(held, name)
    assert {one.model for one in held} == {name}
    for own in {one.set for one in held}:
        asked = {item.item_id for item in read_items(own) if item.split == "test"}
        assert {one.item_id for one in held if one.set == own} == asked
    if BASELINES[name].extra is None:  # what needs an extra may not be installed
        assert undated(set_predictions(name, "2026-01-31")) == undated(held)
