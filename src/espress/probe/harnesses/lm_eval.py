"""What the YAML files for lm-evaluation-harness name: its documents, its results, and the scores of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.data.integrity import root_hash
from espress.errors import EspressError
from espress.paths import dataset_folder
from espress.probe.harnesses.task_text import macro_f1, metric
from espress.probe.items import gold, rows
from espress.probe.prompts import prompt
from espress.probe.tasks import task as named_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.tasks import Task

FAILED = "answers that are no label"
_NONE = -1  # place of no label


def documents(*, probe_task: str, probe_prompt: int, probe_draw: int | None, data_sha256: str, **_: Any) -> Any:
    """Return the documents of one YAML file as a `datasets.DatasetDict` of one split, `test`.

    A document holds `item_id`, `task`, `prompt`, `target` (gold by reading, for the log) and `gold_<reading>` (null
    where there is none). Whatever else the harness passes, such as arguments of the model, is left alone.

    Raises:
        EspressError: the files were written for other data than is installed.
    """
    from datasets import Dataset, DatasetDict

    here = root_hash(dataset_folder())
    if here != data_sha256:
        raise EspressError(
            f"These files were written for the data {data_sha256[:12]}, installed is {here[:12]}. "
            "Type: espress probe export-harness lm-eval NEW_FOLDER"
        )
    task = named_task(probe_task)
    answers = {reading.name: gold(task, reading.name) for reading in task.readings}

    def document(row: dict[str, Any]) -> dict[str, Any]:
        labels = {name: found.get(row["item_id"]) for name, found in answers.items()}
        return {
            "item_id": row["item_id"],
            "task": task.name,
            "prompt": prompt(task, row, probe_prompt, probe_draw),
            "target": "; ".join(f"{name}: {label}" for name, label in labels.items()),
            **{f"gold_{name}": label for name, label in labels.items()},
        }

    return DatasetDict(test=Dataset.from_list([document(row) for row in rows(task)]))


def _place(task: Task, label: str | None) -> int:
    return _NONE if label is None else task.labels.index(label)


def _scored(document: dict[str, Any], answer: int) -> dict[str, Any]:
    """Return a document's part in each score: task, reading, place of the gold label, place of the answer."""
    task = named_task(document["task"])
    return {
        metric(task, reading.name): (
            task.name,
            reading.name,
            _place(task, document[f"gold_{reading.name}"]),
            answer,
        )
        for reading in task.readings
    }


def written(document: dict[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Return the results of one document that a model answered in words; what is no label is counted, and wrong."""
    task = named_task(document["task"])
    said = results[0].strip()
    answer = task.labels.index(said) if said in task.labels else _NONE
    return {**_scored(document, answer), FAILED: int(answer == _NONE)}


def chosen(document: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Return the results of one document by the likeliest label, the first of equals."""
    likelihoods = [likelihood for likelihood, _ in results]
    return _scored(document, likelihoods.index(max(likelihoods)))


def score(parts: Sequence[tuple[str, str, int, int]]) -> float:
    """Return the probe's macro-F1 of the parts of all documents in one reading."""
    task, reading = parts[0][:2]
    return macro_f1(named_task(task), reading, [part[2] for part in parts], [part[3] for part in parts])


def count(parts: Sequence[int]) -> int:
    """Return how many documents have it."""
    return sum(parts)
