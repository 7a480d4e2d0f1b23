"""Prompts for models that complete text: zero-shot, or with examples from constructed sentences (not from articles)."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from espress.data.load import load
from espress.errors import UnknownNameError
from espress.masking import find_contexts
from espress.paths import calibration_file
from espress.probe.items import add_inputs
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from espress.probe.items import Row
    from espress.probe.tasks import Task

Example = TypeVar("Example")

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


def _make_example(task: Task, record: Row) -> Row | None:
    """Return inputs and label; None if the sentence has no label."""
    label = task.label(record[task.column])
    values = {name: record[column] for name, column in task.inputs.items()}
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    return None if label is None else {**texts, "label": label}


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
    one = find_task(task)
    check_draw(draw)
    found = [example for record in _make_records(one.table) if (example := _make_example(one, record))]
    return draw_examples(one, draw, found, lambda example: str(example["label"]))


def check_draw(draw: int) -> None:
    """Raise UnknownNameError if there is no few-shot draw of that number."""
    if not 1 <= draw <= DRAWS:
        raise UnknownNameError("draw", draw, [str(number + 1) for number in range(DRAWS)])


def draw_examples(task: Task, draw: int, found: Sequence[Example], label_of: Callable[[Example], str]) -> list[Example]:
    """Return up to two of the examples of each label, in random order; task and number of the draw fix the choice."""
    import numpy as np

    rng = np.random.default_rng(list(hashlib.sha256(f"{task.name}:{draw}".encode()).digest()))
    drawn: list[Example] = []
    for label in task.labels:
        candidates = [example for example in found if label_of(example) == label]
        drawn += [candidates[n] for n in rng.permutation(len(candidates))[:PER_LABEL]]
    return [drawn[n] for n in rng.permutation(len(drawn))]


def prompt(task: Task | str, row: dict[str, Any], number: int = 1, draw: int | None = None) -> str:
    """Return the whole prompt for a row: prompt `number` of the task, with the examples of a draw before it, if any.

    Raises:
        UnknownNameError: the task, prompt or draw does not exist.
    """
    one = find_task(task)
    shown = [f"{one.prompt(shot, number)} {shot['label']}" for shot in (examples(one, draw) if draw else [])]
    return "\n\n".join([*shown, one.prompt(row, number)])
