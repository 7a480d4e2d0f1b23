"""YAML files for lm-evaluation-harness, written from the tasks' own files so that the two cannot differ.

A file for each task, prompt, few-shot draw (or none) and style: `generate` for models that answer in words, `choice`
for models that tell how likely each label is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.data.integrity import root_hash
from espress.data.load import versions
from espress.paths import dataset_folder
from espress.probe.harnesses import lm_eval
from espress.probe.harnesses.task_text import description, metric
from espress.probe.prompts import DRAWS
from espress.probe.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress.probe.tasks import Task

STYLES = ("generate", "choice")
LONGEST_ANSWER = 16  # tokens; the longest label has a handful


@dataclass(frozen=True)
class _Function:
    """A function that the harness imports when it reads the file."""

    itself: Callable[..., Any]

    def __str__(self) -> str:
        return f"!function {self.itself.__module__}.{self.itself.__name__}"


def _yaml(value: Any) -> str:
    """Return a value as YAML in one line: JSON, which YAML contains, and the harness's own tag for functions."""
    if isinstance(value, _Function):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _answering(task: Task, style: str) -> dict[str, Any]:
    """Return the fields by which the two styles differ."""
    if style == "choice":
        return {
            "output_type": "multiple_choice",
            "doc_to_choice": list(task.labels),
            "process_results": _Function(lm_eval.chosen),
        }
    return {
        "output_type": "generate_until",
        "generation_kwargs": {"until": ["\n"], "do_sample": False, "max_gen_toks": LONGEST_ANSWER},
        "process_results": _Function(lm_eval.written),
    }


def _metrics(task: Task, style: str) -> list[dict[str, Any]]:
    names = [metric(task, reading.name) for reading in task.readings]
    found = [{"metric": n, "aggregation": _Function(lm_eval.score), "higher_is_better": True} for n in names]
    if style == "generate":
        failed = {"metric": lm_eval.FAILED, "aggregation": _Function(lm_eval.count), "higher_is_better": False}
        found.append(failed)
    return found


def _fields(task: Task, style: str, number: int, draw: int | None) -> dict[str, Any]:
    family = f"espress_{task.name.replace('-', '_')}"
    shots = "" if draw is None else f"_draw{draw}"
    return {
        "task": f"{family}_prompt{number}{shots}_{style}",
        "tag": [f"{family}{'' if draw is None else '_fewshot'}_{style}"],
        "custom_dataset": _Function(lm_eval.documents),
        "dataset_kwargs": {"probe_task": task.name, "probe_prompt": number, "probe_draw": draw},
        "test_split": "test",
        "doc_to_text": "prompt",
        "doc_to_target": "target",
        **_answering(task, style),
        "metric_list": _metrics(task, style),
        "num_fewshot": 0,
        "fewshot_config": {"samples": []},
        "metadata": {
            "version": versions()[0],
            "data_sha256": root_hash(dataset_folder()),
            "description": description(task),
            "template": task.prompts[number - 1],
        },
    }


def _text(task: Task, fields: dict[str, Any]) -> str:
    lines = [
        f"# {description(task)}",
        "# Written by `espress probe export-harness lm-eval`. Examples, if any, are part of the prompt and come from",
        "# constructed sentences; `num_fewshot` is fixed and `fewshot_config` empty, so that no test item is one.",
        *(f"{key}: {_yaml(value)}" for key, value in fields.items()),
    ]
    return "\n".join(lines) + "\n"


def files() -> Iterator[tuple[str, str]]:
    """Yield the path inside the folder and the text of each file, always in the same order."""
    for task in tasks():
        for style in STYLES:
            for number in range(1, len(task.prompts) + 1):
                for draw in (None, *range(1, DRAWS + 1)):
                    fields = _fields(task, style, number, draw)
                    yield f"{task.name}/{fields['task']}.yaml", _text(task, fields)


def write(folder: Path) -> int:
    """Write all files into a folder, and return how many; the same data and version give the same bytes."""
    texts = dict(files())
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(texts)
