"""Hugging Face pipelines are put to the probe as they are; the models are made here and know nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from espress.errors import EspressError
from espress.probe import rows, run, task, tasks
from espress.probe.items import as_text
from espress.probe.model_runs import predict
from espress.probe.models import HYPOTHESIS

if TYPE_CHECKING:
    from collections.abc import Callable

transformers = pytest.importorskip("transformers", reason="type: make test-harnesses")

_CHECKED = 20  # items that the pipeline is asked a second time, one by one


def check_answers(pipeline: Any, name: str, answer: Callable[[str], str], **about: Any) -> set[str | None]:
    """Compare the answers to a task with those that the pipeline gives alone; return all answers."""
    predictions = predict(pipeline, name, date="2026-01-31", progress=False, **about)
    found = {one.item_id: one.prediction for one in predictions}
    assert list(found) == [row["item_id"] for row in rows(name)]
    for row in rows(name)[:_CHECKED]:
        assert found[row["item_id"]] == answer(as_text(row))
    return set(found.values())


@pytest.mark.parametrize("name", [one.name for one in tasks()])
def test_a_text_classifier_whose_labels_are_the_tasks_answers_every_item(
    name: str, classifier: Any, tokenizer: Any
) -> None:
    model = classifier([label.upper() for label in task(name).labels])
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer)
    assert len(check_answers(pipeline, name, lambda text: pipeline(text, truncation=True)[0]["label"].lower())) > 1


def test_a_text_classifiers_own_labels_are_mapped(classifier: Any, tokenizer: Any) -> None:
    model = classifier(["entailment", "other", "contradiction"])
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer)
    with pytest.raises(EspressError, match="entailment"):
        predict(pipeline, "position", date="2026-01-31", progress=False)
    meant = {"entailment": "support", "other": "not_support", "contradiction": "not_support"}
    check_answers(pipeline, "position", lambda text: meant[pipeline(text, truncation=True)[0]["label"]], labels=meant)


@pytest.mark.parametrize("name", ["position", "cue-strength"])
def test_a_zero_shot_classifier_chooses_among_the_phrases(name: str, classifier: Any, tokenizer: Any) -> None:
    model = classifier(["contradiction", "neutral", "entailment"])
    pipeline = transformers.pipeline("zero-shot-classification", model=model, tokenizer=tokenizer)
    phrases = {phrase: label for label, phrase in task(name).phrases.items()}

    def answer(text: str) -> str:
        alone = pipeline(text, candidate_labels=list(phrases), hypothesis_template=HYPOTHESIS)
        return phrases[alone["labels"][0]]

    assert check_answers(pipeline, name, answer) == set(task(name).labels)


def test_a_pipeline_of_another_kind_is_refused(language_model: Any) -> None:
    pipeline = transformers.pipeline("text-generation", model=str(language_model))
    with pytest.raises(EspressError, match="text-generation"):
        run(pipeline, task="position", progress=False)
