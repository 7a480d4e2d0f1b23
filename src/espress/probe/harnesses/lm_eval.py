"""The probe in lm-evaluation-harness: the functions that its YAML files name, and the writing of these files.

There is one file for each task, prompt, few-shot draw (or none) and style: `generate` for models that answer in words,
`choice` for models that give the likelihood of each label. The files are written from the tasks, so files and tasks
cannot differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.data.integrity import root_hash
from espress.data.resolve import versions
from espress.errors import EspressError
from espress.paths import dataset_folder
from espress.probe.answers import parse_answer
from espress.probe.constructed.items import is_in_score
from espress.probe.harnesses import shared
from espress.probe.harnesses.shared import (
    NO_LABEL,
    describe,
    find_any,
    find_likeliest,
    list_items,
    list_tasks,
    name_score,
    read_answer,
)
from espress.probe.prompts import DRAWS, fill_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from espress.probe.tasks import Task

FAILED = "answers that are no label"
STYLES = ("generate", "choice")
# Tokens of an answer; a label has only a few. A line end does not stop a model: some answers begin with one.
LONGEST_ANSWER = 16


# ------------------------------------------------------------------------------------- functions that files name


def documents(*, probe_task: str, probe_prompt: int, probe_draw: int | None, data_sha256: str, **_: Any) -> Any:
    """Return the documents of one YAML file as a `datasets.DatasetDict` of one split, `test`.

    A document holds `item_id`, `task`, `scored` (whether it is in the score), `prompt` and `target` (the gold label).
    Other arguments of the harness, such as those of the model, are ignored.

    Raises:
        EspressError: the files were written for data other than the installed data, or no item is kept.
    """
    from datasets import Dataset, DatasetDict

    here = root_hash(dataset_folder())
    if here != data_sha256:
        raise EspressError(
            f"These files were written for the data {data_sha256[:12]}; the installed data is {here[:12]}. "
            "Type: espress probe export-harness lm-eval NEW_FOLDER"
        )
    task = find_any(probe_task)
    found = [
        {
            "item_id": item.item_id,
            "task": task.name,
            "scored": is_in_score(item),
            "prompt": fill_prompt(task, item.row(), probe_prompt, probe_draw),
            "target": item.gold,
        }
        for item in list_items(task)
    ]
    return DatasetDict(test=Dataset.from_list(found))


def _compare_with_gold(document: dict[str, Any], answer: int) -> dict[str, Any]:
    """Return what a document contributes to the score: task, positions of gold label and answer, whether it counts."""
    task = find_any(document["task"])
    gold = task.labels.index(document["target"])
    return {name_score(task): (task.name, gold, answer, document.get("scored", True))}


def process_text(document: dict[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Return the results of one document that a model answered in words; its first line that is not blank counts.

    An answer that is not a label is wrong.
    """
    task = find_any(document["task"])
    label = parse_answer(read_answer(results[0]), task.labels)
    answer = NO_LABEL if label is None else task.labels.index(label)
    return {**_compare_with_gold(document, answer), FAILED: int(answer == NO_LABEL)}


def process_choice(document: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Return the results of one document by the likeliest label, the first in a tie; with a NaN there is no answer."""
    return _compare_with_gold(document, find_likeliest([likelihood for likelihood, _ in results]))


def score(parts: Sequence[tuple[str, int, int, bool]]) -> float:
    """Return the probe's score of all documents that are in it; NaN if none is."""
    scored = [(gold, answer) for _, gold, answer, is_in in parts if is_in]
    if not scored:
        return float("nan")
    return shared.score(find_any(parts[0][0]), [gold for gold, _ in scored], [answer for _, answer in scored])


def count_failed(parts: Sequence[int]) -> int:
    """Return the number of documents with an answer that is not a label."""
    return sum(parts)


# ------------------------------------------------------------------------------------------------ the files


@dataclass(frozen=True)
class _Function:
    """A function that the harness imports when it reads a file."""

    function: Callable[..., Any]

    def __str__(self) -> str:
        return f"!function {self.function.__module__}.{self.function.__name__}"


def _to_yaml(value: Any) -> str:
    """Return a value as YAML in one line: JSON, which is valid YAML, and the harness's tag for functions."""
    if isinstance(value, _Function):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_to_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_to_yaml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _style_fields(task: Task, style: str) -> dict[str, Any]:
    """Return the YAML fields that differ between the two styles."""
    if style == "choice":
        return {
            "output_type": "multiple_choice",
            "doc_to_choice": list(task.labels),
            "process_results": _Function(process_choice),
        }
    return {
        "output_type": "generate_until",
        "generation_kwargs": {"until": [], "do_sample": False, "max_gen_toks": LONGEST_ANSWER},
        "process_results": _Function(process_text),
    }


def _list_metrics(task: Task, style: str) -> list[dict[str, Any]]:
    found = [{"metric": name_score(task), "aggregation": _Function(score), "higher_is_better": True}]
    if style == "generate":
        failed = {"metric": FAILED, "aggregation": _Function(count_failed), "higher_is_better": False}
        found.append(failed)
    return found


def _make_fields(task: Task, style: str, number: int, draw: int | None) -> dict[str, Any]:
    family = f"espress_{task.name.replace('-', '_')}"
    shots = "" if draw is None else f"_draw{draw}"
    return {
        "task": f"{family}_prompt{number}{shots}_{style}",
        "tag": [f"{family}{'' if draw is None else '_fewshot'}_{style}"],
        "custom_dataset": _Function(documents),
        "dataset_kwargs": {"probe_task": task.name, "probe_prompt": number, "probe_draw": draw},
        "test_split": "test",
        "doc_to_text": "prompt",
        "doc_to_target": "target",
        **_style_fields(task, style),
        "metric_list": _list_metrics(task, style),
        "num_fewshot": 0,
        "fewshot_config": {"samples": []},
        "metadata": {
            "version": versions()[0],
            "data_sha256": root_hash(dataset_folder()),
            "description": describe(task),
            "template": task.prompts[number - 1],
        },
    }


def _make_text(task: Task, fields: dict[str, Any]) -> str:
    lines = [
        f"# {describe(task)}",
        "# Written by `espress probe export-harness lm-eval`. Examples, if any, are part of the prompt and come from",
        "# constructed sentences; `num_fewshot` is fixed and `fewshot_config` empty, so no test item is an example.",
        *(f"{key}: {_to_yaml(value)}" for key, value in fields.items()),
    ]
    return "\n".join(lines) + "\n"


def make_files() -> Iterator[tuple[str, str]]:
    """Yield the path inside the folder and the text of each file, always in the same order."""
    for task in list_tasks():
        for style in STYLES:
            for number in range(1, len(task.prompts) + 1):
                for draw in (None, *range(1, DRAWS + 1)):
                    fields = _make_fields(task, style, number, draw)
                    yield f"{task.name}/{fields['task']}.yaml", _make_text(task, fields)


def write(folder: Path) -> int:
    """Write all files into a folder and return their number; the same data and version give the same bytes."""
    texts = dict(make_files())
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(texts)
