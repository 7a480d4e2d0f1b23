"""From predictions to results: every reading, by class and by group, with intervals and the paired reference."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.load import load
from espress.errors import InputError
from espress.probe.baselines import baseline
from espress.probe.classes import classes
from espress.probe.comparison import compared
from espress.probe.inference import ask
from espress.probe.intervals import estimates
from espress.probe.prediction_checks import check
from espress.probe.predictions import Prediction, read, some
from espress.probe.result import ClassScore, Comparison, GroupScore, ReadingScore, Result
from espress.probe.tallies import Counts, count, present_macro_f1, runs_of
from espress.probe.tasks import task
from espress.stats import accuracy, f1, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from espress.probe.inference import Failed
    from espress.probe.tasks import Task

_EPOCH = "1970-01-01"  # date of the reference's own predictions, which nobody sees


@cache
def _reference(name: str, split: str, reference: str) -> tuple[Prediction, ...]:
    """Return the predictions of a shortcut, made here: it is quick and the same each time."""
    return ask(baseline(reference), name, split, date=_EPOCH, progress=False).predictions


@cache
def _families() -> frozenset[str]:
    """Return the words that name the annotators' families, in lower case."""
    found = load("annotations", as_="arrow").column("family").unique().to_pylist()
    return frozenset(family.casefold() for family in found if family)


def _annotated(family: str) -> bool:
    """Whether a family is one that annotated; with a version or a maker before or behind its name it still is."""
    return any(re.search(rf"\b{re.escape(known)}\b", family.casefold()) for known in _families())


def _of_classes(counts: Counts, one: Task, reading: str) -> tuple[ClassScore, ...]:
    totals = counts.tallies.sum(axis=1)
    scores, hits = f1(totals).mean(axis=0), totals[:, :, 0].mean(axis=0)
    return tuple(
        ClassScore(
            c.label,
            c.status,
            c.units,
            c.articles,
            f1=float(scores[n]) if c.status == "scored" else None,
            hits=float(hits[n]) if c.status != "listed" else None,
        )
        for n, c in enumerate(classes(one, reading))
    )


def _of_groups(counts: Counts, one: Task) -> tuple[GroupScore, ...]:
    import numpy as np

    found = []
    for column in one.groups:
        members: defaultdict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(counts.kept):
            members[getattr(item, column)].append(place)
        for group, places in sorted(members.items()):
            own = np.concatenate([tally(counts.gold[places], run[places], len(one.labels)) for run in counts.predicted])
            right = float(accuracy(own).mean())
            found.append(GroupScore(column, group, len(places), present_macro_f1(own, counts.scored), right))
    return tuple(found)


def _against(counts: Counts, one: Task, split: str, reading: str, model: str) -> tuple[Comparison, ...]:
    about = (one.name, split, reading)
    others = {name: count(_reference(one.name, split, name), one, split, reading) for name in one.references}
    return tuple(compared(counts, other, (model, name), about) for name, other in others.items() if counts.scored)


def _in_reading(predictions: Sequence[Prediction], one: Task, split: str, reading: str) -> ReadingScore:
    counts = count(predictions, one, split, reading)
    totals = counts.tallies.sum(axis=1)
    by_run = [float(value) for value in counts.score(totals)] if counts.scored else []
    fixed, new = estimates(counts, split)
    return ReadingScore(
        reading=reading,
        metric=f"{one.metric}[{len(counts.scored)} of {len(one.labels)}]",
        units=len(counts.kept),
        value=fixed.value,
        lowest=min(by_run, default=None),
        highest=max(by_run, default=None),
        accuracy=float(accuracy(totals).mean()),
        failed=float((counts.predicted < 0).sum(axis=1).mean()),
        classes=_of_classes(counts, one, reading),
        groups=_of_groups(counts, one),
        fixed=fixed,
        new=new,
        references=_against(counts, one, split, reading, predictions[0].model),
    )


def result(predictions: Sequence[Prediction], failed: tuple[Failed, ...] = ()) -> Result:
    """Return the result of one system's checked predictions of one task and split, all runs."""
    first = predictions[0]
    one = task(first.task)
    return Result(
        task=one.name,
        question=one.question,
        split=first.split,
        model=first.model,
        family=first.family,
        same_family_as_annotators=_annotated(first.family) if first.family else None,
        ran_on=first.ran_on,
        data_version=first.data_version,
        split_hash=first.split_hash,
        runs=runs_of(predictions),
        readings=tuple(_in_reading(predictions, one, first.split, r.name) for r in one.readings),
        may_claim=one.may_claim,
        may_not_claim=one.may_not_claim,
        failed=failed,
        predictions=tuple(predictions),
    )


def _system(one: Prediction) -> tuple[str, str, str]:
    return one.model, one.task, one.split


def _refuse_others(found: Sequence[object]) -> None:
    strays = [(type(one).__name__, number) for number, one in enumerate(found, 1) if not isinstance(one, Prediction)]
    if strays:
        kinds, rows = ", ".join(sorted({kind for kind, _ in strays})), some(number for _, number in strays)
        problem = f"predictions, rows {rows}: hold {kinds}, not espress.probe.Prediction. Save a table as Parquet or "
        raise InputError([problem + "JSONL with the columns of docs/user/probe.md, and pass its path."])


def score(predictions: Iterable[Prediction] | str | Path) -> list[Result]:
    """Score predictions, or a file of them; a result for each system, task and split, sorted by these names.

    Args:
        predictions: what `predict` or `Result.predictions` gives, or the path of a Parquet or JSONL file.

    Raises:
        InputError: they are not in the format, or do not fit the data; every fault is listed with its rows.
    """
    if isinstance(predictions, str | Path):
        where, found = str(predictions), read(predictions)
    else:
        where, found = "predictions", tuple(predictions)
        _refuse_others(found)
    check(found, where)
    ordered = sorted(found, key=lambda one: (*_system(one), one.run, one.item_id))
    return [result(tuple(group)) for _, group in groupby(ordered, key=_system)]
