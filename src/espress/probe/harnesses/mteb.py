"""The probe's tasks for MTEB: zero-shot classification, because there is nothing to train on.

What is measured: whether an embedding of the task's inputs lies nearer to the embedding of the right label's phrase
than to those of the other labels' phrases. It is a floor, since an embedding of several inputs in one text need not
keep their roles apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.citation import cite
from espress.data.integrity import root_hash
from espress.data.load import load
from espress.errors import MissingLibraryError
from espress.paths import dataset_folder
from espress.probe import tasks as probe_tasks
from espress.probe.harnesses.task_text import description, macro_f1, scored
from espress.probe.items import gold, rows
from espress.probe.text_template import as_text

if TYPE_CHECKING:
    from espress.probe.tasks import Reading, Task

_NONE = -1  # an item without gold in this reading: encoded, saved among the predictions, and not scored


def _annotators() -> str:
    kinds = set(load("annotations", as_="arrow")["kind"].to_pylist())
    return {("model",): "LM-generated", ("human",): "human-annotated"}.get(
        tuple(sorted(kinds)), "LM-generated and reviewed"
    )


def _name(task: Task, reading: Reading) -> str:
    words = [*task.name.split("-"), *(reading.name.split("_") if len(task.readings) > 1 else [])]
    return "Espress" + "".join(word.capitalize() for word in words)


def _metadata(task: Task, reading: Reading) -> Any:
    from mteb.abstasks.task_metadata import TaskMetadata

    return TaskMetadata(
        name=_name(task, reading),
        description=f"{description(task)} Scored here: {reading.name}.",
        prompt=task.question,
        type="ZeroShotClassification",
        category="t2t",
        modalities=["text"],
        dataset={"path": "espress", "name": task.table, "revision": root_hash(dataset_folder())},
        eval_splits=["test"],
        eval_langs=["eng-Latn"],
        main_score="macro_f1",
        domains=["News", "Written"],
        annotations_creators=_annotators(),
        sample_creation="found",
        bibtex_citation=cite("bibtex"),
    )


def _documents(task: Task, reading: Reading) -> Any:
    from datasets import Dataset, DatasetDict

    labels = gold(task, reading.name)
    places = {label: place for place, label in enumerate(task.labels)}
    found = [
        {"item_id": row["item_id"], "text": as_text(row), "label": places.get(labels.get(row["item_id"], ""), _NONE)}
        for row in rows(task)
    ]
    return DatasetDict(test=Dataset.from_list(found))


def _scores(task: Task, reading: Reading, labels: list[int], similarities: Any) -> dict[str, float]:
    answers = similarities.argmax(1).tolist()
    known = [(label, answer) for label, answer in zip(labels, answers, strict=True) if label != _NONE]
    return {
        "macro_f1": macro_f1(task, reading.name, labels, answers),
        "accuracy": sum(label == answer for label, answer in known) / len(known),
        "classes_scored": len(scored(task, reading.name)),
        "classes": len(task.labels),
        "items": len(known),
    }


def _task_class(task: Task, reading: Reading, base: type[Any]) -> type[Any]:
    """Return a class of its own for one reading of a task: MTEB keeps metadata on classes, and finds tasks by them."""

    def load_data(self: Any, *_: Any, **__: Any) -> None:  # MTEB's own would ask a hub; the data are installed here
        if not self.data_loaded:
            self.dataset, self.data_loaded = _documents(task, reading), True

    members = {
        "__doc__": description(task),
        "metadata": _metadata(task, reading),
        "input_column_name": "text",
        "label_column_name": "label",
        "load_data": load_data,
        "get_candidate_labels": lambda _: [task.phrases[label] for label in task.labels],
        "_calculate_scores": lambda _, labels, similarities: _scores(task, reading, list(labels), similarities),
    }
    return type(_name(task, reading), (base,), members)


def tasks() -> list[Any]:
    """Return the probe as tasks of MTEB, one for each reading of each task, to give to `mteb.evaluate`.

    Each scores `macro_f1` (as the probe does, over the classes that are large enough) and `accuracy`. With
    `prediction_folder` MTEB saves every item's similarities, which `espress.probe.harnesses.recorded` reads.

    Raises:
        MissingLibraryError: mteb is not installed.
    """
    try:
        from mteb.abstasks.zeroshot_classification import AbsTaskZeroShotClassification
    except ModuleNotFoundError as error:
        raise MissingLibraryError("mteb", "The probe in MTEB", "pip install mteb") from error
    return [
        _task_class(task, reading, AbsTaskZeroShotClassification)()
        for task in probe_tasks()
        for reading in task.readings
    ]
