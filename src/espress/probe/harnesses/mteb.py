"""The probe's tasks for MTEB: zero-shot classification, because there is no training split.

The score measures whether the embedding of the task's inputs is closer to that of the right label's phrase than to
those of the other phrases. It is a lower bound, because one embedding of several inputs may not distinguish their
roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.citation import cite
from espress.data.integrity import root_hash
from espress.data.load import load
from espress.errors import MissingLibraryError
from espress.paths import dataset_folder
from espress.probe import tasks as probe_tasks
from espress.probe.classes import list_scored
from espress.probe.harnesses.shared import NO_LABEL, describe, find_likeliest, macro_f1
from espress.probe.items import as_text, gold, rows

if TYPE_CHECKING:
    from espress.probe.tasks import Reading, Task


def _describe_annotators() -> str:
    kinds = set(load("annotations", as_="arrow")["annotator_kind"].to_pylist())
    return {("model",): "LM-generated", ("human",): "human-annotated"}.get(
        tuple(sorted(kinds)), "LM-generated and reviewed"
    )


def _make_name(task: Task, reading: Reading) -> str:
    words = [*task.name.split("-"), *(reading.name.split("_") if len(task.readings) > 1 else [])]
    return "Espress" + "".join(word.capitalize() for word in words)


def _make_metadata(task: Task, reading: Reading) -> Any:
    from mteb.abstasks.task_metadata import TaskMetadata

    return TaskMetadata(
        name=_make_name(task, reading),
        description=f"{describe(task)} Scored here: {reading.name}.",
        prompt=task.question,
        type="ZeroShotClassification",
        category="t2t",
        modalities=["text"],
        dataset={"path": "espress", "name": task.table, "revision": root_hash(dataset_folder())},
        eval_splits=["test"],
        eval_langs=["eng-Latn"],
        main_score="macro_f1",
        domains=["News", "Written"],
        annotations_creators=_describe_annotators(),
        sample_creation="found",
        bibtex_citation=cite("bibtex"),
    )


def _make_documents(task: Task, reading: Reading) -> Any:
    from datasets import Dataset, DatasetDict

    labels = gold(task, reading.name)
    places = {label: place for place, label in enumerate(task.labels)}
    found = [
        {"item_id": row["item_id"], "text": as_text(row), "label": places.get(labels.get(row["item_id"], ""), NO_LABEL)}
        for row in rows(task)
    ]
    return DatasetDict(test=Dataset.from_list(found))


def _score(task: Task, reading: Reading, labels: list[int], similarities: Any) -> dict[str, float]:
    answers = [find_likeliest(row) for row in similarities.tolist()]
    known = [(label, answer) for label, answer in zip(labels, answers, strict=True) if label != NO_LABEL]
    return {
        "macro_f1": macro_f1(task, reading.name, labels, answers),
        "accuracy": sum(label == answer for label, answer in known) / len(known),
        "classes_scored": len(list_scored(task, reading.name)),
        "classes": len(task.labels),
        "items": len(known),
    }


def _make_class(task: Task, reading: Reading, base: type[Any]) -> type[Any]:
    """Return an MTEB task class for one reading of a task, because MTEB stores metadata in classes."""

    # MTEB's own method asks a hub, but the data is installed here
    def load_data(self: Any, *_: Any, **__: Any) -> None:
        if not self.data_loaded:
            self.dataset, self.data_loaded = _make_documents(task, reading), True

    members = {
        "__doc__": describe(task),
        "metadata": _make_metadata(task, reading),
        "input_column_name": "text",
        "label_column_name": "label",
        "load_data": load_data,
        "get_candidate_labels": lambda _: [task.phrases[label] for label in task.labels],
        "_calculate_scores": lambda _, labels, similarities: _score(task, reading, list(labels), similarities),
    }
    return type(_make_name(task, reading), (base,), members)


def tasks() -> list[Any]:
    """Return the probe as tasks for `mteb.evaluate`, one for each reading of each task.

    Each gives `macro_f1`, the probe's score over the classes that are large enough, and `accuracy`. With
    `prediction_folder` MTEB saves the similarities of every item, which `espress.probe.harnesses.recorded` reads.

    Raises:
        MissingLibraryError: mteb is not installed.
    """
    try:
        from mteb.abstasks.zeroshot_classification import AbsTaskZeroShotClassification
    except ModuleNotFoundError as error:
        raise MissingLibraryError("mteb", "The probe in MTEB", "pip install mteb") from error
    return [
        _make_class(task, reading, AbsTaskZeroShotClassification)()
        for task in probe_tasks()
        for reading in task.readings
    ]
