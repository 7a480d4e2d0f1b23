"""The predictions format for tasks on natural articles: a flat file with one row per prediction, in any language.

`read` checks the columns of a file, `check` compares its rows with the data; both list every fault with its rows.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.errors import InputError
from espress.probe.answers import parse_answer
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import item_hashes, items
from espress.probe.prediction_files import (
    check_format,
    check_items,
    check_missing,
    check_system,
    group_faults,
    read_rows,
    write_rows,
)
from espress.probe.tasks import task, tasks
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, order=True)
class Prediction:
    """One answer of one system to one item; the fields are the columns of the file, in this order."""

    task: str
    item_id: str
    item_hash: str  # of id and inputs; another hash means that the item has changed since
    prediction: str | None  # a label of the task; null if the answer was not a label, which counts as wrong
    split: str
    split_hash: str
    model: str
    family: str | None  # family of the model, to mark systems of an annotator's family
    ran_on: str  # ISO date
    run: str = "1"  # name of the run: few-shot draw and prompt, or any repetition
    score: float | None = None  # score of the answer, if the system gives one; must be finite


COLUMNS = tuple(field.name for field in fields(Prediction))
NEEDED = tuple(name for name in COLUMNS if name not in ("run", "score", "family"))


# ------------------------------------------------------------------------------------------------ the format


def _make_prediction(row: dict[str, Any]) -> Prediction:
    stripped = {name: (row.get(name) or "").strip() or None for name in ("prediction", "family")}
    labels = next((one.labels for one in tasks() if one.name == row["task"]), ())
    if stripped["prediction"]:  # an answer that gives no label stays as it is, so that `check` can name its row
        stripped["prediction"] = parse_answer(stripped["prediction"], labels) or stripped["prediction"]
    return Prediction(**{**row, **stripped, "run": row.get("run") or "1"})


def parse_rows(rows: Sequence[dict[str, Any]], where: str) -> tuple[Prediction, ...]:
    """Return predictions from dicts; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: a column is missing, unknown, null or of the wrong type; every fault is listed with its rows.
    """
    check_format(rows, COLUMNS, NEEDED, "prediction", where)
    return tuple(map(_make_prediction, rows))


def read(path: str | Path) -> tuple[Prediction, ...]:
    """Read a predictions file (the suffix says whether Parquet or JSONL); `check` compares its rows with the data.

    Raises:
        InputError: the file does not exist, cannot be read, or does not have the columns of the format.
    """
    return parse_rows(read_rows(path, "TASK"), str(path))


def write(predictions: Iterable[Prediction], path: str | Path) -> None:
    """Write sorted predictions to a Parquet or JSONL file, by its suffix; the same predictions give the same bytes.

    Raises:
        InputError: the suffix is neither of these, or the folder does not exist.
    """
    ordered = sorted(predictions, key=lambda one: (one.model, one.task, one.split, one.run, one.item_id))
    write_rows([asdict(one) for one in ordered], COLUMNS, path)


# ------------------------------------------------------------------------------------------------ fit to the data


def is_annotators_family(family: str | None) -> bool | None:
    """Return whether a model family is among the annotators; None if none is given.

    A version or maker added to the name of the family is ignored.
    """
    if not family:
        return None
    known = load("annotations", as_="arrow").column("family").unique().to_pylist()
    return any(re.search(rf"\b{re.escape(one.casefold())}\b", family.casefold()) for one in known if one)


def _check_row(one: Prediction) -> Iterator[str]:
    names = [known.name for known in tasks()]
    if one.task not in names:
        yield f"has the unknown task {one.task!r}; tasks are {', '.join(names)}"
    elif one.prediction is not None and one.prediction not in task(one.task).labels:
        known = ", ".join(task(one.task).labels)
        yield f"has the unknown label {one.prediction!r}; {one.task} has {known}; use null if it is not a label"
    if one.score is not None and not math.isfinite(one.score):
        yield f"has the score {one.score}; leave the score out if the model gave no score"
    if one.split not in SPLITS:
        yield f"has the unknown split {one.split!r}; splits are {', '.join(SPLITS)}"
    elif one.split_hash != (wanted := split_hash(one.split)):
        yield f"has split hash {one.split_hash!r}, but {one.split!r} has {wanted!r}: these are other folds"
    yield from check_system(one.model, one.ran_on)


def _check_ids(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of the items within each system, task, split and run: unknown, changed, repeated, missing ones."""
    found: defaultdict[tuple[str, str, str, str], defaultdict[str, dict[int, str]]]
    found = defaultdict(lambda: defaultdict(dict))
    for number, one in enumerate(predictions, 1):
        found[one.model, one.task, one.split, one.run][one.item_id][number] = one.item_hash
    faults = []
    for (model, name, split, run), answered in found.items():
        about = f"{model!r} on {name}, split {split!r}, run {run!r},"
        inside = folds(split) if split in SPLITS else {}
        wanted = [item.item_id for item in items(name) if item.article_id in inside]
        faults += check_items(answered, item_hashes(name), name, about, where)
        faults += check_missing(answered, wanted, about, where)
    return faults


def _check_systems(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of systems that have two families or dates in one task and split."""
    given: defaultdict[tuple[str, str, str], dict[tuple[str | None, str], int]] = defaultdict(dict)
    for number, one in enumerate(predictions, 1):
        given[one.model, one.task, one.split].setdefault((one.family, one.ran_on), number)
    return [
        f"{where}, rows {join_few(list(facts.values()))}: {model!r} has several families or dates in {name}, split "
        f"{split!r}; give each system a different name."
        for (model, name, split), facts in given.items()
        if len(facts) > 1
    ]


def check(predictions: Sequence[Prediction], where: str = "predictions") -> None:
    """Raise unless predictions can be scored; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: unknown tasks, labels or splits, scores that are not finite, another split hash, items
            missing, repeated, unknown or changed since; every fault is listed with its rows.
    """
    faults = group_faults(((fault, n) for n, one in enumerate(predictions, 1) for fault in _check_row(one)), where)
    if {one.task for one in predictions} <= {one.name for one in tasks()}:
        faults += _check_ids(predictions, where)
    faults += _check_systems(predictions, where)
    if faults:
        raise InputError(faults)
