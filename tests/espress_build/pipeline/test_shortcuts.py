"""The scores of rules without text are what a plain count gives, and none stands where a rule could not have learnt."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

import espress
from espress.probe import classes
from espress.probe.classes import choose_classes, name_metric
from espress.probe.tasks import Task, tasks
from espress_build.inputs.params import read_params
from espress_build.pipeline.shortcut_scores import LOOK_UPS, measure_shortcuts

Row = dict[str, Any]


def rows_of(name: str) -> list[Row]:
    rows: list[Row] = espress.load(name, as_="arrow").to_pylist()
    return rows


def fold_of(row: Row, split: str) -> str:
    if split == "unit":
        digest = hashlib.sha256(row["sentence_id"].encode()).hexdigest()[:8]
        return str(int(digest, 16) % read_params().split.unit_folds)
    (fold,) = (r["fold"] for r in rows_of("splits") if (r["split"], r["article_id"]) == (split, row["article_id"]))
    return str(fold)


def plain_answers(rows: list[Row], labels: list[str], folds: list[str], columns: tuple[str, ...]) -> list[str]:
    """Answer each row by counting, row by row: the label with the most weight, the prior as one row more."""
    answers = []
    for row, fold in zip(rows, folds, strict=True):
        training = [other for other, place in zip(rows, folds, strict=True) if place != fold]
        prior = Counter(other["gold"] for other in training)
        own = Counter(o["gold"] for o in training if all(o[c] == row[c] for c in columns))
        answers.append(max(labels, key=lambda y: (own[y] * len(training) + prior[y], -labels.index(y))))
    return answers


def plain_f1(gold: list[str], answers: list[str], label: str) -> float:
    hits = sum(g == a == label for g, a in zip(gold, answers, strict=True))
    return 2 * hits / (gold.count(label) + answers.count(label)) if gold.count(label) + answers.count(label) else 0.0


@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.name)
def test_every_score_is_what_a_plain_count_gives(task: Task) -> None:
    labelled = [row | {"gold": label} for row in rows_of(task.table) if (label := task.label(row[task.column]))]
    rows = [row for row in labelled if task.shown is None or row[task.shown] is not False]
    gold, labels = [row["gold"] for row in rows], list(task.labels)
    scored = [labels[number] for number in choose_classes(classes(task))]
    found = [r for r in rows_of("shortcuts") if r["task"] == task.name]
    assert {row["split"] for row in found} == ({"article", "block", "unit"} if scored else set())
    for row in found:
        assert (row["n"], row["classes_scored"], row["classes"]) == (len(rows), len(scored), len(labels))
        assert row["metric"] == name_metric(classes(task))
        if row["shortcut"] == "prior" or row["score"] is None:
            continue
        folds = [fold_of(one, row["split"]) for one in rows]
        answers = plain_answers(rows, labels, folds, LOOK_UPS[row["shortcut"]])
        assert row["score"] == pytest.approx(
            sum(plain_f1(gold, answers, one) for one in scored) / len(scored), abs=1e-6
        )
        assert row["accuracy"] == pytest.approx(
            sum(g == a for g, a in zip(gold, answers, strict=True)) / len(gold), abs=1e-6
        )


def test_a_look_up_of_what_is_held_out_has_no_score() -> None:
    for row in rows_of("shortcuts"):
        disjoint = row["split"] != "unit" and row["shortcut"].startswith("article")
        assert (row["score"] is None) == (row["skill"] is None) == disjoint


def test_no_rule_goes_beyond_the_better_of_majority_and_prior_without_a_group() -> None:
    blind = [row["skill"] for row in rows_of("shortcuts") if row["shortcut"] in ("majority", "prior")]
    assert max(blind) == 0


def measure(relevance: list[Row], articles: list[str]) -> list[Row]:
    """Measure shortcuts of these rows of `relevance`, without entries, each article being a fold."""
    columns = pa.table({"split": ["article", "block"], "article_id": articles * 2, "fold": articles * 2})
    tables = {
        "relevance": espress.load("relevance", as_="arrow").slice(0, 0),
        "entries": espress.load("entries", as_="arrow").slice(0, 0),
    }
    if relevance:
        tables["relevance"] = pa.Table.from_pylist(relevance, schema=tables["relevance"].schema)
    rows: list[Row] = measure_shortcuts(lambda name: [tables[name]], columns, read_params().split).to_pylist()
    return rows


@pytest.mark.parametrize("number", [0, 1])
def test_a_corpus_without_judgements_or_with_one_article_has_no_scores(number: int) -> None:
    articles = [row["article_id"] for row in rows_of("articles")[:1]]
    rows = [row for row in rows_of("relevance") if row["article_id"] in articles[:number]]
    assert bool(rows) == bool(number)
    assert measure(rows, articles) == []
