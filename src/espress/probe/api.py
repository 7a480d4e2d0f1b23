"""The calls that users make: put a task to a model and score what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.inference import Failed, ask
from espress.probe.models import name_of
from espress.probe.prompts import DRAWS, prompt
from espress.probe.scores import result
from espress.probe.tasks import task as named_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.probe.predictions import Prediction
    from espress.probe.result import Result
    from espress.probe.tasks import Task

_EXAMPLES = 10  # failed answers that a result keeps


def _known(task: Task | str) -> Task:
    """Return a task of the folder, by itself or by name: results hold its name alone. Raises UnknownNameError."""
    return named_task(task if isinstance(task, str) else task.name)


def run(  # noqa: PLR0913, PLR0917 -- who was asked, and when, stands in each result
    model: object,
    task: Task | str,
    split: str = "article",
    name: str | None = None,
    family: str | None = None,
    date: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    progress: bool | None = None,
) -> Result:
    """Put a task to a model, and score it in every reading of the labels.

    Args:
        model: a function `predict(rows: list[dict]) -> list[str]`, where a row holds `item_id` and the task's inputs; a
            scikit-learn estimator, cloned and fitted out of fold on `as_text` of the rows; a Hugging Face pipeline for
            text-classification or zero-shot-classification; an object with `fit(rows, labels)` and `predict(rows)`; or
            the name of a baseline. A model that is trained elsewhere is given as a function, so that it stays as it is.
        task: a task or its name; `tasks()` lists them.
        split: "article" holds out each article, "block" each block of linked articles.
        name: what the result calls the system; by default the model's own name.
        family: family of the model, to mark results of the family that annotated.
        date: ISO date of the run; today's in UTC if left out. No score hangs on it.
        labels: for text-classification pipelines, what their labels stand for, where the names differ.
        progress: whether to show a bar on stderr; None: on a terminal only.

    An answer that is no label once white space is stripped counts as wrong, and the result shows some of them.

    Raises:
        ModelError: the model raised, answered in another shape than asked, or changed its input.
        UnknownNameError: there is no such task, split or baseline.
        InputError: the date is none.
        MissingLibraryError: the model needs a library that is not installed.
    """
    one = _known(task)
    ran = ask(model, one, split, name=name, family=family, date=date, labels=labels, progress=progress)
    return result(ran.predictions, ran.failed[:_EXAMPLES])


def prompted(  # noqa: PLR0913, PLR0917 -- as `run`
    complete: Callable[[list[str]], list[str]],
    task: Task | str,
    split: str = "article",
    name: str | None = None,
    family: str | None = None,
    date: str | None = None,
    *,
    few_shot: bool = False,
    progress: bool | None = None,
) -> Result:
    """Put a task to a model that completes prompts: every prompt of the task, and few-shot every draw of examples too.

    `complete(prompts) -> answers` gets up to a batch of prompts at a time. The result holds a run for each prompt, or
    for each draw and prompt: its values are their means, and it gives the lowest and the highest.

    Raises:
        ModelError: as for `run`.
        UnknownNameError: there is no such task or split.
    """
    one = _known(task)
    called = name or name_of(complete)
    predictions: list[Prediction] = []
    failed: list[Failed] = []
    for draw in range(1, DRAWS + 1) if few_shot else (None,):
        for number in range(1, len(one.prompts) + 1):

            def predict(rows: list[dict[str, object]], number: int = number, draw: int | None = draw) -> list[str]:
                return complete([prompt(one, row, number, draw) for row in rows])

            run_name = f"prompt{number}" if draw is None else f"draw{draw}-prompt{number}"
            ran = ask(predict, one, split, name=called, family=family, date=date, run=run_name, progress=progress)
            predictions += ran.predictions
            failed += ran.failed
    return result(predictions, tuple(failed[:_EXAMPLES]))
