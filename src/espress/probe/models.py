"""What can be probed, brought to one shape: a function of rows, a scikit-learn estimator, a Hugging Face pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import ModelError
from espress.probe.baselines import Baseline, baseline
from espress.probe.text_template import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.probe.items import Row
    from espress.probe.tasks import Task

HYPOTHESIS = "In this text, {}."  # what a zero-shot classifier is asked of each phrase


@dataclass(frozen=True)
class Model:
    """A model in the one shape that is run: `fit` gives a function of rows; None where the model is not trained."""

    name: str
    predict: Callable[[list[Row]], Any] | None
    fit: Callable[[list[Row], list[str]], Callable[[list[Row]], Any]] | None = None
    needs: tuple[str, ...] = ()


def _estimator(model: Any) -> Callable[[list[Row], list[str]], Callable[[list[Row]], Any]]:
    def fit(rows: list[Row], labels: list[str]) -> Callable[[list[Row]], Any]:
        from sklearn.base import clone

        fitted = clone(model).fit([as_text(row) for row in rows], labels)
        return lambda asked: fitted.predict([as_text(row) for row in asked])

    return fit


def _trained_on_rows(model: Any) -> Callable[[list[Row], list[str]], Callable[[list[Row]], Any]]:
    def fit(rows: list[Row], labels: list[str]) -> Callable[[list[Row]], Any]:
        model.fit(rows, labels)
        predict: Callable[[list[Row]], Any] = model.predict
        return predict

    return fit


def _best(output: Any) -> Any:
    return output[0] if isinstance(output, list) else output  # with `top_k` a list, the best first


def _mapping(pipeline: Any, task: Task, labels: Mapping[str, str] | None) -> dict[str, str]:
    """Return what each label of a text-classification model stands for in the task."""
    config = getattr(getattr(pipeline, "model", None), "config", None)
    theirs = [str(label) for label in (getattr(config, "id2label", None) or {}).values()]
    ours = {label.casefold(): label for label in task.labels}
    given = dict(labels or {})
    found = {label: given.get(label, ours.get(label.casefold(), "")) for label in [*theirs, *given]}
    strays = [label for label, ours in found.items() if ours not in task.labels]
    if strays or not found:
        example = ", ".join(f"{label!r}: ..." for label in strays)
        raise ModelError(
            f"The pipeline's labels {strays} are not mapped to labels of {task.name}, {list(task.labels)}. "
            f"Say what they stand for: run(..., labels={{{example}}})."
        )
    return found


def _classifier(pipeline: Any, task: Task, labels: Mapping[str, str] | None) -> Callable[[list[Row]], Any]:
    meant = _mapping(pipeline, task, labels)

    def predict(rows: list[Row]) -> list[str]:
        found = pipeline([as_text(row) for row in rows], truncation=True)
        return [meant[_best(output)["label"]] for output in found]

    return predict


def _zero_shot(pipeline: Any, task: Task) -> Callable[[list[Row]], Any]:
    labels = {phrase: label for label, phrase in task.phrases.items()}

    def predict(rows: list[Row]) -> list[str]:
        texts = [as_text(row) for row in rows]
        found = pipeline(texts, candidate_labels=list(labels), hypothesis_template=HYPOTHESIS)
        return [labels[output["labels"][0]] for output in (found if isinstance(found, list) else [found])]

    return predict


def _pipeline(model: Any, task: Task, labels: Mapping[str, str] | None, name: str) -> Model:
    if model.task in ("text-classification", "sentiment-analysis"):
        return Model(name, _classifier(model, task, labels))
    if model.task == "zero-shot-classification":
        return Model(name, _zero_shot(model, task))
    raise ModelError(
        f"A pipeline for {model.task!r} cannot be run; text-classification and zero-shot-classification can. Wrap "
        "another in a function predict(rows) -> list[str], or, if it completes prompts, use espress.probe.prompted."
    )


def name_of(model: Any) -> str:
    """Return what a model calls itself."""
    inner = getattr(getattr(model, "model", None), "name_or_path", None)  # of a pipeline's model
    name = str(inner or getattr(model, "__name__", type(model).__name__))
    return "model" if name == "<lambda>" else name


def as_model(model: object, task: Task, *, name: str | None = None, labels: Mapping[str, str] | None = None) -> Model:
    """Bring a model to the one shape that is run.

    Args:
        model: a function `predict(rows) -> list[str]`; a scikit-learn estimator, which is cloned and fitted in each
            fold on `as_text` of the rows; a Hugging Face pipeline for text-classification or zero-shot-classification;
            an object with `fit(rows, labels)`, which starts anew, and `predict(rows)`; a baseline or its name.
        task: the task that it is asked.
        name: what the results call it; by default its own name.
        labels: for text-classification, what each of the pipeline's labels stands for, where the names differ.

    Raises:
        ModelError: it is none of these, or its labels are not the task's.
        UnknownNameError: there is no baseline of that name.
    """
    if isinstance(model, str):
        return as_model(baseline(model), task, name=name)
    if isinstance(model, Baseline):
        if not model.fits(task):
            raise ModelError(f"The baseline {model.name!r} has no rules for {task.name!r}; it has for {model.tasks}.")
        made = as_model(model.make(task), task)
        return Model(name or model.name, made.predict, made.fit, model.needs)
    called = name or name_of(model)
    if isinstance(getattr(model, "task", None), str) and callable(model):
        return _pipeline(model, task, labels, called)
    if hasattr(model, "fit") and hasattr(model, "predict"):
        fit = _estimator(model) if hasattr(model, "get_params") else _trained_on_rows(model)
        return Model(called, None, fit)
    if callable(model) and not isinstance(model, type):
        return Model(called, model)
    raise ModelError(
        f"{model!r} cannot be run: it is no function predict(rows) -> list[str], no estimator with fit and predict, no "
        "pipeline, and no baseline's name. `espress probe tasks` says what a row holds."
    )
