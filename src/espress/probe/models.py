"""Adapt every kind of model to one interface: a function of rows, a scikit-learn estimator, a Hugging Face pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import ModelError
from espress.probe.baselines import Baseline, baseline
from espress.probe.items import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.probe.items import Row
    from espress.probe.tasks import Task

    Predict = Callable[[list[Row]], Any]
    Fit = Callable[[list[Row], list[str]], Predict]

HYPOTHESIS = "In this text, {}."  # the hypothesis for zero-shot classifiers, filled with each phrase


@dataclass(frozen=True)
class Model:
    """A model ready to run: `predict` if it is not trained here, else `fit`, which returns a `predict`."""

    name: str
    predict: Predict | None
    fit: Fit | None = None
    needs: tuple[str, ...] = ()


def _wrap_estimator(model: Any) -> Fit:
    def fit(rows: list[Row], labels: list[str]) -> Predict:
        from sklearn.base import clone

        fitted = clone(model).fit([as_text(row) for row in rows], labels)
        return lambda asked: fitted.predict([as_text(row) for row in asked])

    return fit


def _wrap_trainable(model: Any) -> Fit:
    def fit(rows: list[Row], labels: list[str]) -> Predict:
        model.fit(rows, labels)
        predict: Predict = model.predict
        return predict

    return fit


def _map_labels(pipeline: Any, task: Task, labels: Mapping[str, str] | None) -> dict[str, str]:
    """Return the label of the task for each label of a text-classification model."""
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
            f"Map them: run(..., labels={{{example}}})."
        )
    return found


def _wrap_classifier(pipeline: Any, task: Task, labels: Mapping[str, str] | None) -> Predict:
    mapped = _map_labels(pipeline, task, labels)

    def predict(rows: list[Row]) -> list[str]:
        found = pipeline([as_text(row) for row in rows], truncation=True)
        # with `top_k`, the result is a list, the best first
        best = (one[0] if isinstance(one, list) else one for one in found)
        return [mapped[one["label"]] for one in best]

    return predict


def _wrap_zero_shot(pipeline: Any, task: Task) -> Predict:
    labels = {phrase: label for label, phrase in task.phrases.items()}

    def predict(rows: list[Row]) -> list[str]:
        texts = [as_text(row) for row in rows]
        found = pipeline(texts, candidate_labels=list(labels), hypothesis_template=HYPOTHESIS)
        return [labels[output["labels"][0]] for output in (found if isinstance(found, list) else [found])]

    return predict


def _wrap_pipeline(model: Any, task: Task, labels: Mapping[str, str] | None) -> Predict:
    if model.task in ("text-classification", "sentiment-analysis"):
        return _wrap_classifier(model, task, labels)
    if model.task == "zero-shot-classification":
        return _wrap_zero_shot(model, task)
    raise ModelError(
        f"A pipeline for {model.task!r} cannot be run; text-classification and zero-shot-classification can. Wrap "
        "other pipelines in a function predict(rows) -> list[str] or, if they complete prompts, use "
        "espress.probe.prompted."
    )


def model_name(model: Any) -> str:
    """Return the default name of a model: that of a pipeline's model, of the function or of the class."""
    inner = getattr(getattr(model, "model", None), "name_or_path", None)
    name = str(inner or getattr(model, "__name__", type(model).__name__))
    return "model" if name == "<lambda>" else name


def wrap_model(model: object, task: Task, *, name: str | None = None, labels: Mapping[str, str] | None = None) -> Model:
    """Adapt a model, a baseline or a baseline's name to the interface of the probe; the arguments are those of `run`.

    An object with `fit(rows, labels)` is fitted in each fold; each call must discard earlier training.

    Raises:
        ModelError: the model is of no supported kind, or its labels are not those of the task.
        UnknownNameError: there is no baseline of that name.
    """
    if isinstance(model, str):
        return wrap_model(baseline(model), task, name=name)
    if isinstance(model, Baseline):
        if not model.fits(task):
            raise ModelError(f"The baseline {model.name!r} has no rules for {task.name!r}; only for {model.tasks}.")
        made = wrap_model(model.make(task), task)
        return Model(name or model.name, made.predict, made.fit, model.needs)
    called = name or model_name(model)
    if isinstance(getattr(model, "task", None), str) and callable(model):
        return Model(called, _wrap_pipeline(model, task, labels))
    if hasattr(model, "fit") and hasattr(model, "predict"):
        return Model(called, None, (_wrap_estimator if hasattr(model, "get_params") else _wrap_trainable)(model))
    if callable(model) and not isinstance(model, type):
        return Model(called, model)
    raise ModelError(
        f"{model!r} cannot be run: it is not a function predict(rows) -> list[str], an estimator with fit and predict, "
        "a pipeline, or the name of a baseline. `espress probe tasks` describes the rows."
    )
