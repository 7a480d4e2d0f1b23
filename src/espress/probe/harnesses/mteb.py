"""The probe's tasks for MTEB: zero-shot classification, because there is no training split.

The score measures whether the embedding of the task's inputs is closer to that of the right label's phrase than to
those of the other phrases. It understates what a model can do, because one embedding of several inputs may not
distinguish their roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.citation import cite
from espress.data.integrity import root_hash
from espress.data.load import load
from espress.errors import MissingLibraryError
from espress.paths import dataset_folder
from espress.probe.constructed.items import is_in_score
from espress.probe.constructed.questions import questions
from espress.probe.harnesses.shared import (
    describe,
    find_likeliest,
    find_scored,
    is_constructed,
    list_items,
    make_name,
    name_score,
    score,
)
from espress.probe.items import as_text
from espress.probe.tasks import tasks as probe_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress.probe.tasks import Task


def _describe_annotators() -> str:
    kinds = set(load("annotations", as_="arrow")["annotator_kind"].to_pylist())
    return {("model",): "LM-generated", ("human",): "human-annotated"}.get(
        tuple(sorted(kinds)), "LM-generated and reviewed"
    )


def _make_metadata(task: Task) -> Any:
    from mteb.abstasks.task_metadata import TaskMetadata

    return TaskMetadata(
        name=make_name(task),
        description=f"{describe(task)} Score: {name_score(task)}.",
        prompt=task.question,
        type="ZeroShotClassification",
        category="t2t",
        modalities=["text"],
        dataset={"path": "espress", "name": task.table, "revision": root_hash(dataset_folder())},
        eval_splits=["test"],
        eval_langs=["eng-Latn"],
        main_score="score",
        domains=["News", "Written"],
        annotations_creators=_describe_annotators(),
        sample_creation="created" if is_constructed(task) else "found",
        bibtex_citation=cite("bibtex"),
    )


def _make_documents(task: Task) -> Any:
    from datasets import Dataset, DatasetDict

    found = [
        {"item_id": item.item_id, "text": as_text(item.row()), "label": task.labels.index(item.gold)}
        for item in list_items(task)
    ]
    return DatasetDict(test=Dataset.from_list(found))


def _score(task: Task, labels: list[int], similarities: Any) -> dict[str, float]:
    answers = [find_likeliest(row) for row in similarities.tolist()]
    every = zip(list_items(task), labels, answers, strict=True)
    pairs = [(label, answer) for item, label, answer in every if is_in_score(item)]
    return {
        "score": score(task, [label for label, _ in pairs], [answer for _, answer in pairs]),
        "accuracy": sum(label == answer for label, answer in pairs) / len(pairs),
        "classes_scored": len(find_scored(task)),
        "classes": len(task.labels),
        "items": len(pairs),
    }


def _make_class(task: Task, base: type[Any]) -> type[Any]:
    """Return an MTEB task class for a task, because MTEB stores metadata in classes."""

    # MTEB's own method asks a hub, but the data is installed here
    def load_data(self: Any, *_: Any, **__: Any) -> None:
        if not self.data_loaded:
            self.dataset, self.data_loaded = _make_documents(task), True

    members = {
        "__doc__": describe(task),
        "metadata": _make_metadata(task),
        "input_column_name": "text",
        "label_column_name": "label",
        "load_data": load_data,
        "get_candidate_labels": lambda _: [task.phrases[label] for label in task.labels],
        "_calculate_scores": lambda _, labels, similarities: _score(task, list(labels), similarities),
    }
    return type(make_name(task), (base,), members)


def _make_all(found: Iterable[Task]) -> list[Any]:
    try:
        from mteb.abstasks.zeroshot_classification import AbsTaskZeroShotClassification
    except ModuleNotFoundError as error:
        raise MissingLibraryError("mteb", "The probe in MTEB", "pip install mteb") from error
    return [_make_class(task, AbsTaskZeroShotClassification)() for task in found]


def tasks() -> list[Any]:
    """Return the tasks on natural articles as tasks for `mteb.evaluate`; `set_tasks` has the constructed sets.

    Each gives `score`, which is the probe's (its name is in the description), and `accuracy`. With
    `prediction_folder` MTEB saves the similarities of every item, which `espress.probe.harnesses.recorded` reads.

    Raises:
        MissingLibraryError: mteb is not installed.
    """
    return _make_all(probe_tasks())


def set_tasks() -> list[Any]:
    """Return the questions of the constructed sets as tasks for `mteb.evaluate`, as `tasks` does.

    Raises:
        MissingLibraryError: mteb is not installed.
    """
    return _make_all(questions())
