"""The package lm-evaluation-harness itself reads our files, runs models on them, and scores them as the probe does."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from espress.probe import rows, run, task, tasks
from espress.probe.constructed.questions import questions
from espress.probe.harnesses import export, recorded
from espress.probe.harnesses.lm_eval import FAILED
from espress.probe.harnesses.shared import find_any
from espress.probe.prompts import prompt

if TYPE_CHECKING:
    from pathlib import Path

lm_eval = pytest.importorskip("lm_eval", reason="type: make test-harnesses")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lm-eval") / "tasks"
    export("lm-eval", made)
    return made


def _number(*texts: str) -> int:
    return int(hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8], 16)


def _answer(asked: str, name: str) -> str:
    answers = [f" {label}\n" for label in find_any(name).labels] + ["I cannot tell."]
    return answers[_number(asked) % len(answers)]


def _guesser() -> Any:
    """Return a model that answers by the hash of what it is asked: every label, and now and then none."""
    from lm_eval.api.model import LM

    members = {
        "loglikelihood": lambda _, asked: [(-_number(*one.args) / 1e9, False) for one in asked],
        "loglikelihood_rolling": None,
        "generate_until": lambda _, asked: [_answer(one.args[0], one.doc["task"]) for one in asked],
    }
    return type("Guesser", (LM,), members)()


def _evaluated(folder: Path, names: list[str], **about: Any) -> Any:
    from lm_eval.tasks import TaskManager

    return lm_eval.simple_evaluate(
        _guesser(), tasks=names, task_manager=TaskManager(include_path=str(folder)), log_samples=True, **about
    )


def _saved(samples: Any, path: Path) -> Path:
    path.write_text("".join(json.dumps(sample, default=str) + "\n" for sample in samples), encoding="utf-8")
    return path


@pytest.mark.parametrize("style", ["generate", "choice"])
def test_every_tasks_score_is_the_probes(folder: Path, tmp_path: Path, style: str) -> None:
    names = [f"espress_{one.name.replace('-', '_')}_prompt2_{style}" for one in tasks()]
    found = _evaluated(folder, names)
    for one, name in zip(tasks(), names, strict=True):
        saved = _saved(found["samples"][name], tmp_path / f"{name}.jsonl")
        result = run(recorded(saved, one), task=one.name, name="guesser", date="2026-01-31", progress=False)
        if result.value is not None:
            assert found["results"][name][f"{result.metric},none"] == result.value
        if style == "generate":
            failed = sum(one.prediction is None for one in result.predictions)
            assert found["results"][name][f"{FAILED},none"] == failed > 0


def test_check_is_answered_by_the_samples_of_its_four_questions(folder: Path, tmp_path: Path, kept: None) -> None:
    names = {one.name: f"espress_{one.name.replace('-', '_')}_prompt1_generate" for one in questions("check")}
    found = _evaluated(folder, list(names.values()))
    files = [_saved(found["samples"][name], tmp_path / f"{name}.jsonl") for name in names.values()]
    result = run(recorded(files, "check"), task="check", name="guesser", date="2026-01-31", progress=False)
    scores = {f"check-{one.task.replace('_', '-')}": one.macro_f1.value for one in result.tasks}
    for question, name in names.items():
        assert found["results"][name][
            "macro_f1[{0} of {0}],none".format(len(find_any(question).labels))
        ] == pytest.approx(scores[question])
    failed = sum(found["results"][name][f"{FAILED},none"] for name in names.values())
    assert failed == result.failed > 0


def test_stance_scores_the_articles_as_written_alone(folder: Path, tmp_path: Path, kept: None) -> None:
    name = "espress_stance_prompt2_choice"
    found = _evaluated(folder, [name])
    saved = _saved(found["samples"][name], tmp_path / "stance.jsonl")
    result = run(recorded(saved, "stance"), task="stance", name="guesser", date="2026-01-31", progress=False)
    assert found["results"][name]["macro_f1[3 of 3],none"] == pytest.approx(result.value)
    assert result.swaps
    assert result.controls is not None


def test_the_answers_are_those_of_the_model_asked_directly(folder: Path, tmp_path: Path) -> None:
    name = "espress_attribution_prompt3_draw2_generate"
    saved = _saved(_evaluated(folder, [name])["samples"][name], tmp_path / "s.jsonl")
    one = task("attribution")
    asked = [prompt(one, row, 3, 2) for row in rows(one)]
    assert recorded(saved, one)(rows(one)) == [_answer(text, one.name).strip() for text in asked]


def test_a_tag_names_the_prompts_of_a_task(folder: Path) -> None:
    found = _evaluated(folder, ["espress_position_choice"], limit=4)
    assert sorted(found["results"]) == [f"espress_position_prompt{number}_choice" for number in (1, 2, 3)]
    assert "may not be taken for" in found["configs"]["espress_position_prompt1_choice"]["metadata"]["description"]


def test_examples_are_never_taken_from_test_items(folder: Path) -> None:
    name = "espress_position_prompt1_choice"
    (first, _) = _evaluated(folder, [name], num_fewshot=2, limit=2)["samples"][name]
    assert first["arguments"][0][0] == prompt("position", rows("position")[0], 1)


@pytest.mark.parametrize("style", ["generate", "choice"])
def test_the_command_runs_a_language_model_and_its_log_is_scored(
    folder: Path, language_model: Path, tmp_path: Path, style: str
) -> None:
    name = f"espress_cue_strength_prompt1_{style}"
    command = [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--device", "cpu", "--batch_size", "16"]
    command += ["--model_args", f"pretrained={language_model}", "--include_path", str(folder), "--tasks", name]
    command += ["--log_samples", "--output_path", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    (samples,) = tmp_path.rglob("samples_*.jsonl")
    (results,) = tmp_path.rglob("results_*.json")
    scores = json.loads(results.read_text(encoding="utf-8"))["results"][name]
    result = run(recorded(samples, "cue-strength"), task="cue-strength", name="tiny", date="2026-01-31", progress=False)
    assert scores[f"{result.metric},none"] == result.value
