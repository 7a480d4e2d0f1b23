"""Audit the finished labels: score predictors that read no text on the probe's tasks.

Labels are counted batch by batch, and the table `shortcuts` is computed from the counts. The rules for tasks, classes
and look-up tables are those of `espress.probe` and `espress.audit`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from espress.probe.classes import Class, choose_classes, name_metric
from espress.probe.items import is_shown
from espress.probe.tasks import Task, tasks
from espress.shortcut_audit.lookup import predict
from espress.stats import accuracy, macro_f1, tally
from espress_build.tables import make_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from espress_build.inputs.params import Split

# The columns of each look-up table; one without columns answers with the commonest label of the training folds.
LOOK_UPS = {
    "majority": (),
    "proposition": ("proposition_id",),
    "article": ("article_id",),
    "article_proposition": ("article_id", "proposition_id"),
}
_COUNTED = ("task", "article_id", "proposition_id", "unit_fold", "label")


def count_labels(tables: Callable[[str], Iterable[Any]], params: Split) -> list[dict[str, Any]]:
    """Count labels by task, article, proposition and unit fold, in this order.

    `tables` yields the named label table in batches. Rows that are no items of a task are not counted.
    """
    counted: Counter[tuple[str, ...]] = Counter()
    for task in tasks():
        columns = {"sentence_id", "article_id", "proposition_id", task.column, *([task.shown] if task.shown else [])}
        for row in (row for table in tables(task.table) for row in table.select(sorted(columns)).to_pylist()):
            label = task.label(row[task.column])
            if label is not None and is_shown(task, row):
                fold = int(hashlib.sha256(row["sentence_id"].encode()).hexdigest()[:8], 16) % params.unit_folds
                counted[task.name, row["article_id"], row["proposition_id"], str(fold), label] += 1
    return [dict(zip(_COUNTED, key, strict=True)) | {"n": number} for key, number in sorted(counted.items())]


def _encode(keys: list[Any]) -> Any:
    return np.unique(np.array([repr(key) for key in keys]), return_inverse=True)[1]


def _tally_draws(gold: Any, folds: Any, weights: Any, n_classes: int) -> Any:
    """Return the expected tallies (1, K, 3) of a predictor that draws from the labels of the other folds."""
    expected = np.zeros((1, n_classes, 3))
    for fold in np.unique(folds):
        tested = folds == fold
        prior = np.bincount(gold[~tested], weights[~tested], n_classes) / weights[~tested].sum()
        own = np.bincount(gold[tested], weights[tested], n_classes)
        expected[0] += np.stack([own * prior, own.sum() * prior, own], axis=-1)
    return expected


def _count_classes(task: Task, rows: list[dict[str, Any]]) -> list[Class]:
    """Return the classes of a task, as the probe counts them."""
    units, articles = Counter[str](), {(row["label"], row["article_id"]) for row in rows}
    for row in rows:
        units[row["label"]] += row["n"]
    spread = Counter(label for label, _ in articles)
    return [Class(label, units[label], spread[label]) for label in task.labels]


def _score_rules(task: Task, rows: list[dict[str, Any]], folds: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the scores of every predictor for the counted rows of one task, cut into these folds."""
    gold = np.array([task.labels.index(row["label"]) for row in rows])
    weights, places, classes = np.array([row["n"] for row in rows]), _encode(folds), _count_classes(task, rows)
    chosen = choose_classes(classes)
    found = {"prior": (_tally_draws(gold, places, weights, len(classes)), 1, int(weights.sum()))}
    for name, columns in LOOK_UPS.items():
        groups = _encode([tuple(row[column] for column in columns) for row in rows])
        answers = predict(groups, gold, places, n_classes=len(classes), weights=weights)
        counted = tally(np.repeat(gold, weights), np.repeat(answers.predicted, weights), len(classes))
        found[name] = (counted, int(groups.max()) + 1, int(weights[answers.seen].sum()))
    blind = max(float(macro_f1(found[name][0], chosen)[0]) for name in ("majority", "prior"))
    for name, (counted, groups, covered) in found.items():
        score = float(macro_f1(counted, chosen)[0]) if covered else None
        yield {
            "shortcut": name,
            "n": int(weights.sum()),
            "groups": groups,
            "covered": covered,
            "classes_scored": len(chosen),
            "classes": len(classes),
            "metric": name_metric(classes),
            "score": None if score is None else round(score, 6),
            "accuracy": round(float(accuracy(counted)[0]), 6) if covered else None,
            "skill": None if score is None or blind == 1 else round((score - blind) / (1 - blind), 6),
        }


def _score_task(task: Task, counted: list[dict[str, Any]], splits: Any) -> Iterator[dict[str, Any]]:
    own = [row for row in counted if row["task"] == task.name]
    fold_of: dict[str, dict[str, str | None]] = {"article": {}, "block": {}}
    labelled = pa.array(sorted({row["article_id"] for row in own}), pa.string())
    for row in splits.filter(pc.is_in(splits["article_id"], labelled)).to_pylist():
        fold_of[row["split"]][row["article_id"]] = row["fold"]
    for name in ("article", "block", "unit"):
        folds = [row["unit_fold"] if name == "unit" else fold_of[name][row["article_id"]] for row in own]
        placed = [(row, fold) for row, fold in zip(own, folds, strict=True) if fold is not None]
        rows, cut = [row for row, _ in placed], [str(fold) for _, fold in placed]
        if len(set(cut)) > 1 and choose_classes(_count_classes(task, rows)):
            for score in _score_rules(task, rows, cut):
                keys = {"task": task.name, "split": name}
                yield {"shortcut_id": "/".join([*keys.values(), score["shortcut"]]), **keys, **score}


def measure_shortcuts(tables: Callable[[str], Iterable[Any]], splits: Any, params: Split) -> Any:
    """Return the table `shortcuts`, in order of its key; `tables` yields the batches of a named label table.

    Tasks without scored classes have no rows, nor do splits that leave nothing to train on.
    """
    counted = count_labels(tables, params)
    rows = [row for task in tasks() for row in _score_task(task, counted, splits)]
    rows.sort(key=lambda row: row["shortcut_id"])
    return make_table("shortcuts", rows)
