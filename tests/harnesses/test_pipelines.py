"""Hugging Face pipelines are put to the probe as they are; the models are made here and know nothing."""

from __future__ import annotations

from typing import Any

import pytest

from espress.errors import EspressError
from espress.probe import rows, run, task, tasks
from espress.probe.inference import predict
from espress.probe.items import as_text
from espress.probe.models import HYPOTHESIS

transformers = pytest.importorskip("transformers", reason="type: make test-harnesses")

_CHECKED = 20  # items that the pipeline is asked a second time, one by one


def _given(model: Any, name: str, **about: Any) -> dict[str, str | None]:
    found = predict(model, name, date="2026-01-31", progress=False, **about)
    return {one.item_id: one.prediction for one in found}


@pytest.mark.parametrize("name", [one.name for one in tasks()])
def test_a_text_classifier_whose_labels_are_the_tasks_answers_every_item(
    name: str, classifier: Any, tokenizer: Any
) -> None:
    pipeline = transformers.pipeline(
        "text-classification", model=classifier([label.upper() for label in task(name).labels]), tokenizer=tokenizer
    )
    found = _given(pipeline, name)
    assert list(found) == [row["item_id"] for row in rows(name)]
    assert len(set(found.values())) > 1
    for row in rows(name)[:_CHECKED]:
        assert found[row["item_id"]] == pipeline(as_text(row), truncation=True)[0]["label"].lower()


def test_a_text_classifiers_own_labels_are_mapped(classifier: Any, tokenizer: Any) -> None:
    pipeline = transformers.pipeline(
        "text-classification", model=classifier(["entailment", "other", "contradiction"]), tokenizer=tokenizer
    )
    with pytest.raises(EspressError, match="entailment"):
        predict(pipeline, "position", date="2026-01-31", progress=False)
    meant = {"entailment": "support", "other": "not_support", "contradiction": "not_support"}
    found = _given(pipeline, "position", labels=meant)
    for row in rows("position")[:_CHECKED]:
        assert found[row["item_id"]] == meant[pipeline(as_text(row), truncation=True)[0]["label"]]


@pytest.mark.parametrize("name", ["position", "cue-strength"])
def test_a_zero_shot_classifier_chooses_among_the_phrases(name: str, classifier: Any, tokenizer: Any) -> None:
    pipeline = transformers.pipeline(
        "zero-shot-classification",
        model=classifier(["contradiction", "neutral", "entailment"]),
        tokenizer=tokenizer,
    )
    found = _given(pipeline, name)
    assert set(found) == {row["item_id"] for row in rows(name)}
    assert set(found.values()) == set(task(name).labels)
    phrases = {phrase: label for label, phrase in task(name).phrases.items()}
    for row in rows(name)[:_CHECKED]:
        alone = pipeline(as_text(row), candidate_labels=list(phrases), hypothesis_template=HYPOTHESIS)
        assert found[row["item_id"]] == phrases[alone["labels"][0]]


def test_a_pipeline_is_scored_in_one_call(classifier: Any, tokenizer: Any) -> None:
    pipeline = transformers.pipeline(
        "text-classification", model=classifier(["support", "not_support"]), tokenizer=tokenizer
    )
    result = run(pipeline, task="position", name="tiny", date="2026-01-31", progress=False)
    assert "tiny" in str(result)


def test_a_pipeline_of_another_kind_is_refused(language_model: Any) -> None:
    pipeline = transformers.pipeline("text-generation", model=str(language_model))
    with pytest.raises(EspressError, match="text-generation"):
        run(pipeline, task="position", progress=False)
