"""What predictors score on the probe's tasks that read no text: the table `shortcuts`.

`cells` counts one batch, `shortcuts` sees the counts of all: neither holds a text. The rules for tasks, classes and the
look-up are those of `espress.probe` and `espress.audit`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from espress.probe.classes import Class
from espress.probe.tasks import Reading, Task, tasks
from espress.schema import schema
from espress.shortcut_audit.lookup import predict
from espress.stats import accuracy, macro_f1, tally
from espress_build.arrow_schema import arrow_schema
from espress_build.tables import CELLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Split

# What each look-up goes by; the first goes by nothing and answers with the commonest label of the training folds.
LOOK_UPS = {
    "majority": (),
    "proposition": ("proposition_id",),
    "article": ("article_id",),
    "article_proposition": ("article_id", "proposition_id"),
}


def _unit_fold(sentence_id: str, folds: int) -> str:
    return str(int(hashlib.sha256(sentence_id.encode()).hexdigest()[:8], 16) % folds)


def cells(relevance: list[dict[str, Any]], stance: list[dict[str, Any]], params: Split) -> Any:
    """Count labels by task, reading, article, proposition and unit fold: the table CELLS, in order of these.

    A row whose label is null in a reading is not counted there.
    """
    rows = {"relevance": relevance, "stance": stance}
    counted = Counter(
        (task.name, reading.name, row["article_id"], row["proposition_id"], fold, label)
        for task in tasks()
        for row in rows[task.table]
        for fold in (_unit_fold(row["sentence_id"], params.unit_folds),)
        for reading in task.readings
        if (label := reading.label(row[reading.column])) is not None
    )
    cut = [dict(zip(CELLS.names, (*key, number), strict=True)) for key, number in sorted(counted.items())]
    return pa.Table.from_pylist(cut, schema=CELLS)


def _codes(keys: list[Any]) -> Any:
    return np.unique(np.array([repr(key) for key in keys]), return_inverse=True)[1]


def _drawn(gold: Any, folds: Any, weights: Any, n_classes: int) -> Any:
    """Return the expected tallies (1, K, 3) of the rule that draws each answer from the labels of the other folds."""
    expected = np.zeros((1, n_classes, 3))
    for fold in np.unique(folds):
        tested = folds == fold
        prior = np.bincount(gold[~tested], weights[~tested], n_classes) / weights[~tested].sum()
        own = np.bincount(gold[tested], weights[tested], n_classes)
        expected[0] += np.stack([own * prior, own.sum() * prior, own], axis=-1)
    return expected


def _scored(reading: Reading, rows: list[dict[str, Any]]) -> list[int]:
    """Return the places of the classes that are scored, by the probe's rule."""
    units, articles = Counter[str](), {(row["label"], row["article_id"]) for row in rows}
    for row in rows:
        units[row["label"]] += row["n"]
    spread = Counter(label for label, _ in articles)
    found = [Class(label, units[label], spread[label]) for label in reading.labels]
    return [place for place, one in enumerate(found) if one.status == "scored"]


def _scores(reading: Reading, rows: list[dict[str, Any]], folds: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the scores of every rule for the counted rows of one reading, cut into these folds."""
    gold = np.array([reading.labels.index(row["label"]) for row in rows])
    weights, places, scored = np.array([row["n"] for row in rows]), _codes(folds), _scored(reading, rows)
    found = {"prior": (_drawn(gold, places, weights, len(reading.labels)), 1, int(weights.sum()))}
    for name, columns in LOOK_UPS.items():
        groups = _codes([tuple(row[column] for column in columns) for row in rows])
        answers, _, seen = predict(groups, gold, places, n_classes=len(reading.labels), weights=weights)
        counted = tally(np.repeat(gold, weights), np.repeat(answers, weights), len(reading.labels))
        found[name] = (counted, int(groups.max()) + 1, int(weights[seen].sum()))
    blind = max(float(macro_f1(found[name][0], scored)[0]) for name in ("majority", "prior"))
    for name, (counted, groups, covered) in found.items():
        score = float(macro_f1(counted, scored)[0]) if covered else None
        yield {
            "shortcut": name,
            "n": int(weights.sum()),
            "groups": groups,
            "covered": covered,
            "classes_scored": len(scored),
            "classes": len(reading.labels),
            "macro_f1": None if score is None else round(score, 6),
            "accuracy": round(float(accuracy(counted)[0]), 6) if covered else None,
            "skill": None if score is None or blind == 1 else round((score - blind) / (1 - blind), 6),
        }


def _of_reading(task: Task, reading: Reading, counted: list[dict[str, Any]], splits: Any) -> Iterator[dict[str, Any]]:
    own = [row for row in counted if (row["task"], row["reading"]) == (task.name, reading.name)]
    fold_of: dict[str, dict[str, str | None]] = {"article": {}, "block": {}}
    for row in splits.to_pylist():
        fold_of[row["split"]][row["article_id"]] = row["fold"]
    for name in ("article", "block", "unit"):
        folds = [row["unit_fold"] if name == "unit" else fold_of[name][row["article_id"]] for row in own]
        placed = [(row, fold) for row, fold in zip(own, folds, strict=True) if fold is not None]
        rows, cut = [row for row, _ in placed], [str(fold) for _, fold in placed]
        if len(set(cut)) > 1 and _scored(reading, rows):
            for score in _scores(reading, rows, cut):
                keys = {"task": task.name, "reading": reading.name, "split": name}
                yield {"shortcut_id": "/".join([*keys.values(), score["shortcut"]]), **keys, **score}


def shortcuts(counted: Any, splits: Any) -> Any:
    """Turn CELLS and `splits` into the table `shortcuts`, in order of its key.

    A reading without a class that is scored has no rows, nor has a split that leaves nothing to train on.
    """
    rows = counted.to_pylist()
    found = [row for task in tasks() for reading in task.readings for row in _of_reading(task, reading, rows, splits)]
    found.sort(key=lambda row: row["shortcut_id"])
    return pa.Table.from_pylist(found, schema=arrow_schema(schema().table("shortcuts")))
