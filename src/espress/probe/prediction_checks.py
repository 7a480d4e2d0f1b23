"""Whether predictions fit the data they are scored against: every fault with the rows that have it."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from typing import TYPE_CHECKING

from espress.data.load import versions
from espress.errors import InputError
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import items
from espress.probe.predictions import gathered, some
from espress.probe.tasks import task, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.predictions import Prediction


def is_date(text: str) -> bool:
    """Whether a text is a date as 2026-01-31."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_name(text: str) -> bool:
    """Whether a text names a system in a table: one line of characters that can be seen, no space around it."""
    return bool(text) and text == text.strip() and text.isprintable()


def _of_itself(one: Prediction) -> Iterator[str]:
    names = [known.name for known in tasks()]
    version = versions()[0]
    if one.task not in names:
        yield f"the unknown task {one.task!r}; tasks are {', '.join(names)}"
    elif one.prediction is not None and one.prediction not in task(one.task).labels:
        known = ", ".join(task(one.task).labels)
        yield f"the unknown label {one.prediction!r}; {one.task} has {known}, and null for an answer that is none"
    if one.score is not None and not math.isfinite(one.score):
        yield f"the score {one.score}; leave the score out where there is none"
    if one.data_version != version:
        yield f"data version {one.data_version!r}, but this is {version!r}; predict anew from `espress probe rows`"
    if one.split not in SPLITS:
        yield f"the unknown split {one.split!r}; splits are {', '.join(SPLITS)}"
    elif one.split_hash != split_hash(one.split):
        yield f"split hash {one.split_hash!r}, but {one.split!r} has {split_hash(one.split)!r}: not these folds"
    if not is_name(one.model):
        yield f"model {one.model!r}, which names no system: one line of characters that can be seen"
    if not is_date(one.ran_on):
        yield f"ran_on {one.ran_on!r}, which is no date as 2026-01-31"


def _ids(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of the item ids within each system, task, split and run: unknown, repeated and missing ones."""
    found: defaultdict[tuple[str, str, str, str], list[tuple[str, int]]] = defaultdict(list)
    for number, one in enumerate(predictions, 1):
        found[one.model, one.task, one.split, one.run].append((one.item_id, number))
    faults = []
    for (model, name, split, run), rows in found.items():
        known = {item.item_id: item.article_id for item in items(name)}
        seen: dict[str, int] = {}
        strays = []
        for item_id, number in rows:
            if item_id not in known:
                strays.append((f"has the item {item_id!r}, which {name} has not", number))
            elif item_id in seen:
                strays.append((f"has the item {item_id!r} again, given in row {seen[item_id]}", number))
            seen.setdefault(item_id, number)
        faults += gathered(strays, where)
        inside = folds(split) if split in SPLITS else {}
        missing = [item_id for item_id, article in known.items() if article in inside and item_id not in seen]
        if missing:
            faults.append(
                f"{where}: {model!r} lacks {len(missing)} of {len(known)} items of {name}, split {split!r}, "
                f"run {run!r}: {some(missing)}. Give every item; null for an answer that is no label."
            )
    return faults


def _identity(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of systems that say two things of themselves."""
    said: defaultdict[tuple[str, str, str], dict[tuple[str | None, str], int]] = defaultdict(dict)
    for number, one in enumerate(predictions, 1):
        said[one.model, one.task, one.split].setdefault((one.family, one.ran_on), number)
    return [
        f"{where}, rows {some(facts.values())}: {model!r} has several families or dates in {name}, split {split!r}; "
        "give each system a name of its own."
        for (model, name, split), facts in said.items()
        if len(facts) > 1
    ]


def check(predictions: Sequence[Prediction], where: str = "predictions") -> None:
    """Make sure that predictions can be scored; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: unknown tasks, labels or splits, scores that are no finite number, another data version or split
            hash, items missing, repeated or unknown; every fault is listed with its rows.
    """
    own = ((f"has {fault}", number) for number, one in enumerate(predictions, 1) for fault in _of_itself(one))
    faults = gathered(own, where)
    known = {one.name for one in tasks()}
    if all(one.task in known for one in predictions):
        faults += _ids(predictions, where)
    faults += _identity(predictions, where)
    if faults:
        raise InputError(faults)
