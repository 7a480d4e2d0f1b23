"""The tasks: one TOML file each; to add a task, add a file to the folder."""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from espress.errors import SchemaError, UnknownNameError

_FOLDER = Path(__file__).parent / "tasks"
_KNOWN = {
    "table": ("relevance", "entries", "check", "stance_articles"),
    "group": ("article_id", "block_id", "proposition_id", "function", "language", "register", "event_type"),
}
_NEEDED = "name table column labels question references may_claim may_not_claim groups input prompt"


@dataclass(frozen=True)
class Task:
    """One question for a model, with the claims that its score supports and those that it does not."""

    name: str
    table: str
    column: str  # that holds the gold labels
    labels: tuple[str, ...]  # in fixed order
    map: dict[str, str] = field(hash=False)  # value of the column -> label
    question: str
    references: tuple[str, ...]  # baselines without text that a score is compared with, fixed in advance
    may_claim: tuple[str, ...]
    may_not_claim: tuple[str, ...]
    groups: tuple[str, ...]
    inputs: dict[str, str] = field(hash=False)  # name that the model sees -> column, in order
    prompts: tuple[str, ...]  # templates over the inputs
    phrases: dict[str, str] = field(hash=False)  # label -> its meaning in a few words, for zero-shot classifiers
    shown: str | None = None  # column that is false for items to leave out, whose inputs do not show the label's reason

    def label(self, value: str | None) -> str | None:
        """Return the label of a value; None if the value is null, which means that there is no gold.

        Raises:
            SchemaError: the data contains a value for which the task's file has no label.
        """
        if value is None:
            return None
        if value not in self.map:
            raise SchemaError(f"{self.name}: {self.column} holds {value!r}, for which the task has no label. Add one.")
        return self.map[value]

    def prompt(self, row: dict[str, Any], number: int = 1) -> str:
        """Return prompt `number` (from 1) filled with a row's inputs, nulls as empty text.

        Raises:
            UnknownNameError: the task has no prompt of that number.
        """
        if not 1 <= number <= len(self.prompts):
            raise UnknownNameError("prompt", number, [str(n + 1) for n in range(len(self.prompts))])
        return self.prompts[number - 1].format_map({name: row[name] or "" for name in self.inputs})


def _check_keys(raw: dict[str, Any], needed: str, optional: str, where: str) -> list[str]:
    faults = [f"{where}lacks {key!r}." for key in sorted(set(needed.split()) - set(raw))]
    known = sorted({*needed.split(), *optional.split()})
    return faults + [f"{where}has the unknown key {key!r}. Known: {known}." for key in sorted(set(raw) - set(known))]


def _check_shape(raw: dict[str, Any]) -> list[str]:
    faults = _check_keys(raw, _NEEDED, "phrases map shown", "")
    for number, prompt in enumerate(raw.get("prompt", ()), 1):
        faults += _check_keys(prompt, "template", "", f"prompt {number} ")
    return faults


def _check_content(task: Task) -> list[str]:
    given = [("table", task.table), *(("group", group) for group in task.groups)]
    faults = [f"{what} {v!r} is not one of {list(_KNOWN[what])}." for what, v in given if v not in _KNOWN[what]]
    if len(task.labels) < 2 or len(set(task.labels)) < len(task.labels):
        faults.append(f"labels {list(task.labels)} must be two or more different labels.")
    strays = sorted(set(task.map.values()) ^ set(task.labels))
    faults += [f"its values are mapped to {strays}, which are not its labels or have no value."] if strays else []
    for number, template in enumerate(task.prompts, 1):
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
        strays = sorted(fields - set(task.inputs))
        faults += [f"prompt {number} asks for {strays}, which are not inputs: {list(task.inputs)}."] if strays else []
    if set(task.phrases) != set(task.labels):
        faults.append(f"phrases are for {sorted(task.phrases)}, labels are {sorted(task.labels)}.")
    return faults


def _raise_if(faults: list[str], path: Path) -> None:
    if faults:
        raise SchemaError("\n".join(f"{path.name}: {fault}" for fault in faults))


def read_task(path: Path) -> Task:
    """Read the file of one task.

    Raises:
        SchemaError: the file is not TOML, a key is unknown or missing, or its parts do not fit together; every fault is
            listed.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: {error}.") from error
    _raise_if(_check_shape(raw), path)
    prompts = tuple(prompt["template"] for prompt in raw.pop("prompt"))
    same = {label: label for label in raw["labels"]}
    parts = {"inputs": raw.pop("input"), "map": raw.pop("map", same), "phrases": raw.pop("phrases", same)}
    lists: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    task = Task(**lists, **parts, prompts=prompts)
    named = [] if task.name == path.stem else [f"its name is {task.name!r}, not that of the file."]
    _raise_if([*_check_content(task), *named], path)
    return task


@cache
def tasks() -> tuple[Task, ...]:
    """Return the tasks, sorted by name; raises SchemaError when a file is not valid."""
    return tuple(read_task(path) for path in sorted(_FOLDER.glob("*.toml"), key=lambda path: path.stem))


def task(name: str) -> Task:
    """Return the task of that name; raises UnknownNameError, which lists the known ones."""
    for one in tasks():
        if one.name == name:
            return one
    raise UnknownNameError("task", name, [one.name for one in tasks()], "The constructed sets are check and stance.")


def find_task(given: Task | str) -> Task:
    """Return the given task itself or, given a name, the task of that name; raises UnknownNameError."""
    return task(given) if isinstance(given, str) else given


@cache
def withheld() -> tuple[tuple[str, str], ...]:
    """Return the labels that are not tasks, each with the reason."""
    raw = tomllib.loads((_FOLDER.parent / "withheld.toml").read_text(encoding="utf-8"))
    return tuple((entry["what"], entry["why"]) for entry in raw["withheld"])
