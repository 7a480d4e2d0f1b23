"""Prompts for models that complete text: zero-shot, or with examples that are never items of the test."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.errors import UnknownNameError
from espress.masking import find_contexts
from espress.paths import calibration_file
from espress.probe.constructed.items import list_training, read_items
from espress.probe.constructed.questions import ENGLISH, find_set_of, question_of
from espress.probe.items import add_inputs
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from espress.probe.items import Row
    from espress.probe.tasks import Task

DRAWS = 5
PER_LABEL = 2  # examples per label, or all if there are fewer


def classify_source(source: Row | None) -> str | None:
    """Return the value of the column `attribution` for an entry, from its source's row of `sources`."""
    if source is None:
        return None
    if source["source_class"] in ("outlet", "official"):
        return str(source["source_class"])
    return "unnamed" if source["generic"] else "other_named"


def _classify(source: Row | None) -> str | None:
    return None if source is None else str(source["source_class"])


def _make_entry(judged: Row, number: int, sources: dict[str, Row]) -> Row:
    """Return the columns of an entry that tasks use for one constructed entry."""
    cue, lapsed = judged.get("cue_strength"), judged.get("lapsed")
    source = sources.get(judged["source_id"])
    carried = sources.get(judged["carried_source_id"]) if lapsed == "yes" else source
    return {
        "source_no": number,
        "source_span": judged.get("source_quote"),
        "source_class": _classify(source),
        "source_class_carried": _classify(carried),
        "lapsed": lapsed,
        "carried_in_context": True if lapsed == "yes" else None,  # the context is the whole constructed text
        "position": judged["position"],
        "attribution": classify_source(source),
        "attribution_carried": classify_source(carried),
        "cue_strength": cue,
        "cue_strength_carried": judged["carried_cue_strength"] if lapsed == "yes" else cue,
    }


def _read_units() -> Iterator[tuple[Row, Row]]:
    """Yield each constructed sentence with its values for columns of the tables."""
    units = [json.loads(line) for line in calibration_file().read_text(encoding="utf-8").rstrip("\n").split("\n")]
    contexts = find_contexts((unit["unit"].split(".")[0], unit["unit"], unit["text"]) for unit in units)
    for unit in units:
        before, after = contexts[unit["unit"]]
        shown = {"context_before_masked": before, "context_after_masked": after}
        yield unit, {"text_masked": unit["text"], **shown}


@cache
def _make_records(table: str) -> tuple[Row, ...]:
    statements = {p["proposition_id"]: p["statement"] for p in load("propositions", as_="arrow").to_pylist()}
    sources = {source["source_id"]: source for source in load("sources", as_="arrow").to_pylist()}
    found = []
    for unit, masked in _read_units():
        for proposition, statement in statements.items():
            shared = {**masked, "proposition_id": proposition, "proposition": statement}
            if table == "relevance":
                found.append({**shared, "bears_on": unit["bears_on"][proposition]})
                continue
            entries = [entry for entry in unit["entries"] if entry["proposition_id"] == proposition]
            found += [{**shared, **_make_entry(entry, n, sources)} for n, entry in enumerate(entries, 1)]
    return tuple(map(add_inputs, found))


def _list_candidates(task: Task) -> Iterator[Row]:
    """Yield the inputs and the label of every item that may be an example."""
    if name := find_set_of(task):
        yield from ({**item.row(), "label": item.gold} for item in list_training(read_items(name), task, ENGLISH))
        return
    for record in _make_records(task.table):
        values = {name: record[column] for name, column in task.inputs.items()}
        if label := task.label(record[task.column]):
            yield {**{name: None if v is None else str(v) for name, v in values.items()}, "label": label}


@cache
def draw_examples(task: Task, draw: int) -> tuple[Row, ...]:
    """Return the examples of a few-shot draw, as `examples` does.

    For a question of a constructed set, they are kept English items of the split `train`.

    Raises:
        UnknownNameError: the draw does not exist.
    """
    import numpy as np

    if not 1 <= draw <= DRAWS:
        raise UnknownNameError("draw", draw, [str(number + 1) for number in range(DRAWS)])
    rng = np.random.default_rng(list(hashlib.sha256(f"{task.name}:{draw}".encode()).digest()))
    drawn: list[Row] = []
    found = list(_list_candidates(task))
    for label in task.labels:
        candidates = [example for example in found if example["label"] == label]
        drawn += [candidates[n] for n in rng.permutation(len(candidates))[:PER_LABEL]]
    return tuple(drawn[n] for n in rng.permutation(len(drawn)))


def examples(task: Task | str, draw: int = 1) -> list[Row]:
    """Return the examples of a few-shot draw: the task's inputs and `label`, up to two for each label, in random order.

    They come from the constructed sentences on which annotators practised, never from an article. A label without such
    a sentence has no example.

    Args:
        task: a task or its name.
        draw: number of the draw, from 1; the same number always gives the same examples.

    Raises:
        UnknownNameError: the task or draw does not exist.
    """
    return [dict(example) for example in draw_examples(find_task(task), draw)]


def fill_prompt(task: Task, row: dict[str, Any], number: int = 1, draw: int | None = None) -> str:
    """Return the whole prompt for a row of a task or of a question of a constructed set, as `prompt` does."""
    shown = [f"{task.prompt(shot, number)} {shot['label']}" for shot in (draw_examples(task, draw) if draw else ())]
    return "\n\n".join([*shown, task.prompt(row, number)])


def prompt(task: Task | str, row: dict[str, Any], number: int = 1, draw: int | None = None) -> str:
    """Return the whole prompt for a row: prompt `number` of the task, with the examples of a draw before it, if any.

    Raises:
        UnknownNameError: the task, prompt or draw does not exist.
    """
    return fill_prompt(find_task(task), row, number, draw)


def answer_prompts(
    complete: Callable[[list[str]], list[str]], number: int = 1, draw: int | None = None
) -> Callable[[list[Row]], list[str]]:
    """Return a function for `run` on a constructed set that makes a prompt of each row and has `complete` answer it.

    Args:
        complete: gets a batch of prompts, returns an answer to each.
        number: which prompt of each question.
        draw: which examples to put before it; None for none. They are items of the split `train`.
    """

    def predict(rows: list[Row]) -> list[str]:
        return complete([fill_prompt(question_of(row["task"]), row, number, draw) for row in rows])

    return predict
