"""The probe in other evaluation harnesses, which run the same items, prompts and scores with their own packages.

`export` writes the files that a harness needs. `recorded` turns the answers that a harness saved into a predict
function, so that they get the probe's intervals and per-article values.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError, InputError, UnknownNameError
from espress.files import refuse_repeated_keys
from espress.probe.constructed.questions import SETS, questions
from espress.probe.harnesses.shared import NO_LABEL, find_any, find_likeliest, list_items, make_name, read_answer
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from espress.probe.tasks import Task

HARNESSES = ("lm-eval", "mteb")
_MTEB = """MTEB needs no files. Its tasks are made in Python:

import mteb
from espress.probe.harnesses.mteb import tasks
mteb.evaluate(model, tasks(), prediction_folder="FOLDER")

`set_tasks()` of the same module gives the questions of the constructed sets."""


def export(harness: str, folder: Path) -> str:
    """Write the files that a harness needs into a new folder, and return a message that says what to type next.

    Args:
        harness: "lm-eval" (lm-evaluation-harness: a folder of YAML files) or "mteb" (nothing to write).
        folder: a new or empty folder; not used for "mteb".

    Raises:
        UnknownNameError: the harness does not exist.
        EspressError: the folder is not empty, or cannot be written.
    """
    if harness not in HARNESSES:
        raise UnknownNameError("harness", harness, list(HARNESSES))
    if harness == "mteb":
        return _MTEB
    from espress.probe.harnesses.lm_eval import write

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EspressError(
                f"{folder} is not empty, so old tasks could remain among the new ones. Name a new folder."
            )
        count = write(folder)
    except OSError as error:
        raise EspressError(f"{folder} cannot be written: {error}. Name another folder.") from error
    return (
        f"{count} tasks in {folder}. To run the prompts of one task without examples, type:\n"
        f"lm_eval run --model hf --model_args pretrained=MODEL --include_path {folder} "
        "--tasks espress_position_generate --log_samples --output_path RESULTS"
    )


def _best_label(scores: list[float], labels: tuple[str, ...]) -> str:
    place = find_likeliest(scores)
    return "" if place == NO_LABEL else labels[place]


def _parse_sample(sample: dict[str, Any], labels: tuple[str, ...]) -> str:
    """Return the answer in one line of lm-eval's samples: the generated text's first line, or the likeliest label."""
    given = sample["filtered_resps"]
    if len(given) == 1:
        return read_answer(str(given[0]))
    return _best_label([float(likelihood) for likelihood, _ in given], labels)


def _read_samples(path: Path, tasks: dict[str, Task]) -> dict[str, str]:
    texts = path.read_text(encoding="utf-8").split("\n")  # JSON may hold other characters that end a line
    lines = [json.loads(text, object_pairs_hook=refuse_repeated_keys) for text in texts if text.strip()]
    strays = sorted({line["doc"]["task"] for line in lines} - set(tasks))
    if strays:
        known = ", ".join(tasks)
        raise InputError([f"{path} holds answers to {', '.join(strays)}, not to {known}. Name the right task."])
    ids = [line["doc"]["item_id"] for line in lines]
    if repeated := sorted({item_id for item_id in ids if ids.count(item_id) > 1}):
        raise InputError([f"{path} holds several answers to {join_few(repeated)}. Give the samples of one run."])
    return {line["doc"]["item_id"]: _parse_sample(line, tasks[line["doc"]["task"]].labels) for line in lines}


def _read_similarities(path: Path, tasks: dict[str, Task]) -> dict[str, str]:
    named = [task for task in tasks.values() if path.name.startswith(f"{make_name(task)}_")] or list(tasks.values())
    if len(named) > 1:
        names = ", ".join(f"{make_name(task)}_predictions.json" for task in named)
        raise InputError([f"{path}: the name of the file must say which question it answers: {names}."])
    (task,) = named
    saved = json.loads(path.read_text(encoding="utf-8"))["default"]["test"]
    asked = list_items(task)
    if len(saved) != len(asked) or any(len(scores) != len(task.labels) for scores in saved):
        raise InputError(
            [f"{path} does not fit {task.name}, which needs {len(asked)} rows of {len(task.labels)} scores."]
        )
    return {item.item_id: _best_label(scores, task.labels) for item, scores in zip(asked, saved, strict=True)}


def _read_answers(file: Path, tasks: dict[str, Task]) -> dict[str, str]:
    try:
        return (_read_samples if file.suffix == ".jsonl" else _read_similarities)(file, tasks)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            [f"{file} cannot be read: {error!r}. Give lm-eval's samples_*.jsonl or MTEB's *_predictions.json."]
        ) from error


def recorded(path: str | Path | Sequence[str | Path], task: Task | str) -> Callable[[list[dict[str, Any]]], list[str]]:
    """Return a predict function for `espress.probe.run` that repeats the answers saved in a file, or in several.

    Args:
        path: a `samples_….jsonl` of lm-evaluation-harness (`--log_samples`), or a `…_predictions.json` of MTEB
            (`prediction_folder`); for the constructed set "check", one file for each of its four questions.
        task: the task or its name; or the name of a constructed set.

    Raises:
        InputError: a file is missing, of neither kind or of another task; or an item is missing when the function is
            run.
    """
    files = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    asked = questions(task) if isinstance(task, str) and task in SETS else (find_any(task),)
    found: dict[str, str] = {}
    for one in files:
        found |= _read_answers(one, {question.name: question for question in asked})
    file = ", ".join(map(str, files))

    def predict(asked: list[dict[str, Any]]) -> list[str]:
        missing = [row["item_id"] for row in asked if row["item_id"] not in found]
        if missing:
            raise InputError([f"{file} lacks {join_few(missing)}. Run the harness on all items, without a limit."])
        return [found[row["item_id"]] for row in asked]

    return predict
