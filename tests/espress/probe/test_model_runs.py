"""A model is put to a task as it was promised, and what it does wrong is said where it does it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from espress import probe
from espress.errors import InputError, UnknownNameError
from espress.probe.folds import folds
from espress.probe.items import items
from espress.probe.models import HYPOTHESIS

DATE = "2026-01-31"
Row = dict[str, Any]


def _support(rows: list[Row]) -> list[str]:
    return ["support"] * len(rows)


def test_a_function_is_asked_every_item_once_and_sees_the_rows() -> None:
    seen: list[Row] = []

    def predict(rows: list[Row]) -> list[str]:
        seen.extend(rows)
        return _support(rows)

    found = probe.predict(predict, "position", date=DATE)
    assert seen == probe.rows("position")
    assert [one.item_id for one in found] == [row["item_id"] for row in seen]
    assert {(one.model, one.ran_on, one.split, one.split_hash) for one in found} == {
        ("predict", DATE, "article", probe.split_hash("article"))
    }


def test_answers_are_matched_and_others_are_failed_parses_that_are_shown() -> None:
    def predict(rows: list[Row]) -> list[str]:
        return [" **Support.**\n", "I support it.", "", *_support(rows)[3:]]

    result = probe.run(predict, "position", date=DATE)
    assert result.failed == 2 * -(-len(probe.rows("position")) // 32)
    assert {one.said for one in result.failed_examples} == {"I support it.", ""}
    assert "'I support it.'" in str(result)
    assert result.hint is None
    assert result.predictions[0].prediction == "support"


def _raises(rows: list[Row]) -> list[str]:
    raise ValueError("out of memory")


def _emptied(rows: list[Row]) -> list[str]:
    rows[1]["text"] = ""
    return _support(rows)


def _dropped(rows: list[Row]) -> list[str]:
    answers = _support(rows)
    rows.pop()
    return answers


def _late(rows: list[Row]) -> Any:
    yield from _support(rows)
    raise ValueError("late")


def _slowly(rows: list[Row]) -> Any:
    for row in rows:
        row["text"] = ""
        yield "support"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (_late, "the model raised ValueError: late"),
        (_slowly, "the model changed its input"),
        (_raises, "the model raised ValueError: out of memory"),
        (lambda rows: _support(rows)[1:], "returned 31 labels for 32 rows"),
        (lambda rows: [*_support(rows), "support"], "returned 33 labels for 32 rows"),
        (lambda rows: [0] * len(rows), "32 answers are not strings"),
        (lambda rows: [None] * len(rows), "32 answers are not strings"),
        (lambda _: "support", "returned str, not a list"),
        (lambda _: None, "returned NoneType, not a list"),
        (_emptied, "the model changed its input"),
        (_dropped, "the model changed its input"),
    ],
)
def test_a_failing_model_is_reported_with_task_batch_and_first_row(model: Any, message: str) -> None:
    first = probe.rows("position")[0]["item_id"]
    with pytest.raises(probe.ModelError, match=re.escape(f"position, batch 1, from row {first}: ") + f".*{message}"):
        probe.run(model, "position")


def test_a_later_batch_is_named_by_its_own_first_row() -> None:
    rows = probe.rows("position")

    def predict(asked: list[Row]) -> list[str]:
        return _support(asked) if asked[0] == rows[0] else []

    with pytest.raises(probe.ModelError, match=re.escape(f"batch 2, from row {rows[32]['item_id']}")):
        probe.run(predict, "position")


def test_answers_may_come_one_by_one_and_a_nameless_system_is_refused() -> None:
    found = probe.predict(lambda rows: (answer for answer in _support(rows)), "position", date=DATE)
    assert {one.prediction for one in found} == {"support"}
    with pytest.raises(InputError, match="is not a name for a system"):
        probe.run(_support, "position", name=" ")


@pytest.mark.parametrize("model", [42, None, dict, {"a": 1}])
def test_anything_but_a_model_is_refused(model: object) -> None:
    with pytest.raises(probe.ModelError, match="cannot be run"):
        probe.run(model, "position")


def test_baselines_run_by_name_and_unknown_names_list_the_known() -> None:
    assert probe.run("majority", "position", date=DATE).model == "majority"
    with pytest.raises(UnknownNameError, match=r"no baseline 'majorite'\. Known, nearest first: majority"):
        probe.run("majorite", "position")


@dataclass
class Recorder:
    """A model trained on rows that keeps what it was trained on and asked."""

    trained: list[list[tuple[str, str]]] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)

    def fit(self, rows: list[Row], labels: list[str]) -> None:
        """Keep what it is trained on."""
        self.trained.append([(row["item_id"], label) for row, label in zip(rows, labels, strict=True)])
        self.asked.append([])

    def predict(self, rows: list[Row]) -> list[str]:
        """Keep what it is asked."""
        self.asked[-1] += [row["item_id"] for row in rows]
        return ["neutral"] * len(rows)


@pytest.mark.parametrize("split", ["article", "block"])
def test_a_trained_model_never_sees_the_fold_that_it_is_asked(split: str) -> None:
    model, fold = Recorder(), folds(split)
    probe.predict(model, "cue-strength", split, date=DATE)
    where = {item.item_id: fold[item.article_id] for item in items("cue-strength")}
    assert len(model.trained) == len(set(fold.values()))
    for trained, asked in zip(model.trained, model.asked, strict=True):
        held_out = {where[item] for item in asked}
        assert len(held_out) == 1
        assert not held_out & {where[item] for item, _ in trained}
    assert sorted(item for asked in model.asked for item in asked) == sorted(where)
    gold = list(probe.gold("cue-strength").items())
    assert sorted(pair for trained in model.trained for pair in trained) == sorted(gold * (len(model.trained) - 1))


def test_a_scikit_learn_estimator_is_fitted_out_of_fold_on_the_template_and_left_as_it_was() -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(CountVectorizer(), MultinomialNB())
    found = probe.predict(model, "position", date=DATE)
    assert not hasattr(model[0], "vocabulary_")
    held_out = items("position")[0].article_id
    training = [item for item in items("position") if item.article_id != held_out]
    asked = [item for item in items("position") if item.article_id == held_out]
    model.fit([probe.as_text(item.row()) for item in training], [item.gold for item in training])
    mine = model.predict([probe.as_text(item.row()) for item in asked])
    assert [one.prediction for one in found[: len(asked)]] == list(mine)


def test_an_estimator_that_cannot_be_fitted_is_reported_with_the_fold() -> None:
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(probe.ModelError, match=r"position, training without fold .* the model raised ValueError"):
        probe.run(LogisticRegression(), "position")  # no vectoriser


class Pipeline:
    """What of a Hugging Face pipeline is used."""

    def __init__(self, task: str, id2label: dict[int, str]) -> None:
        """Make a pipeline for a task, whose model has these labels."""
        self.task, self.calls = task, list[dict[str, Any]]()
        self.model = SimpleNamespace(config=SimpleNamespace(id2label=id2label), name_or_path="org/tiny")

    def __call__(self, texts: list[str], **options: Any) -> list[dict[str, Any]]:
        """Answer in the shape that the libraries' pipelines do."""
        self.calls.append(options)
        if self.task == "zero-shot-classification":
            best = sorted(options["candidate_labels"], key=lambda label: "denies" in label)
            return [{"sequence": text, "labels": best, "scores": [0.9, 0.1]} for text in texts]
        return [{"label": self.model.config.id2label[len(text) % 2], "score": 0.9} for text in texts]


def test_labels_of_a_text_classification_pipeline_are_matched_or_mapped() -> None:
    named = Pipeline("text-classification", {0: "SUPPORT", 1: "not_support"})
    found = probe.run(named, "position", date=DATE)
    assert found.model == "org/tiny"
    mapped = Pipeline("text-classification", {0: "LABEL_0", 1: "LABEL_1"})
    labels = {"LABEL_0": "support", "LABEL_1": "not_support"}
    again = probe.run(mapped, "position", labels=labels, date=DATE)
    assert [one.prediction for one in again.predictions] == [one.prediction for one in found.predictions]
    with pytest.raises(probe.ModelError, match=r"labels \['LABEL_0', 'LABEL_1'\] are not mapped .* labels=\{'LABEL_0'"):
        probe.run(mapped, "position")
    with pytest.raises(probe.ModelError, match=r"\['LABEL_1'\] are not mapped"):
        probe.run(mapped, "position", labels={"LABEL_0": "support", "LABEL_1": "neither"})


def test_a_zero_shot_pipeline_is_given_a_phrase_for_each_label() -> None:
    pipeline = Pipeline("zero-shot-classification", {})
    found = probe.predict(pipeline, "position", date=DATE)
    assert {one.prediction for one in found} == {"support"}
    assert pipeline.calls[0] == {
        "candidate_labels": list(probe.task("position").phrases.values()),
        "hypothesis_template": HYPOTHESIS,
    }


def test_another_pipeline_is_refused_with_what_to_do() -> None:
    with pytest.raises(probe.ModelError, match=r"'text-generation' cannot be run.*probe\.prompted"):
        probe.run(Pipeline("text-generation", {}), "position")


def test_a_bar_is_drawn_on_stderr_when_asked_and_never_off_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    probe.run(_support, "position", progress=True)
    assert "position" in capfd.readouterr().err
    probe.run(_support, "position")
    assert capfd.readouterr() == ("", "")


def test_the_probe_is_imported_when_first_used_and_then_without_heavy_libraries() -> None:
    code = (
        "import sys, espress; assert 'numpy' not in sys.modules and 'espress.probe' not in sys.modules;"
        "assert callable(espress.probe.run); assert espress.probe.baselines();"
        "heavy = 'sklearn pandas vaderSentiment torch transformers sentence_transformers'.split();"
        "assert not [name for name in heavy if name in sys.modules]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
