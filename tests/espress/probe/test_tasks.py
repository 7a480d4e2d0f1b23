"""Tasks are files; what a model sees holds no answer; classes follow the rule that was fixed in advance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import espress
from espress import probe
from espress.errors import SchemaError, UnknownNameError
from espress.probe.classes import Class
from espress.probe.folds import folds
from espress.probe.items import items
from espress.probe.tasks import read_task

FOLDER = Path(probe.__file__).parent / "tasks"


def test_the_four_tasks_are_found_and_say_what_may_not_be_claimed() -> None:
    assert [task.name for task in probe.tasks()] == ["attribution", "cue-strength", "position", "relevance"]
    for task in probe.tasks():
        assert len(task.prompts) == 3
        assert task.may_claim
        assert task.may_not_claim
    assert {what for what, _ in probe.withheld()} >= {"aspect", "article stance"}


def test_a_row_holds_the_id_and_exactly_the_inputs() -> None:
    for task in probe.tasks():
        for row in probe.rows(task.name):
            assert list(row) == ["item_id", *task.inputs]
            assert all(value is None or isinstance(value, str) for value in row.values())


def test_what_a_model_sees_is_masked_and_holds_no_answer() -> None:
    for task in probe.tasks():
        targets = {reading.column for reading in task.readings}
        assert not targets & set(task.inputs.values())
        assert "text" not in task.inputs.values()
        assert "context" not in task.inputs.values()
    for name in ("attribution", "cue-strength"):  # a null source would say that nothing is attributed
        assert "source_span" not in probe.task(name).inputs.values()


def test_ids_are_keys_of_the_tables() -> None:
    stance = espress.load("entries", as_="arrow").to_pylist()
    keys = {f"{r['sentence_id']}:{r['proposition_id']}:{r['source_no']}" for r in stance}
    assert {row["item_id"] for row in probe.rows("position")} <= keys
    pairs = {f"{r['sentence_id']}:{r['proposition_id']}" for r in espress.load("relevance", as_="arrow").to_pylist()}
    assert {row["item_id"] for row in probe.rows("relevance")} == pairs


def test_gold_is_the_column_as_the_task_reads_it() -> None:
    stance = espress.load("entries", as_="arrow").to_pylist()
    positions = Counter(row["position"] for row in stance)
    read = Counter(probe.gold("position", "as_it_stands").values())
    assert read["support"] == positions["support"]
    assert read["not_support"] == sum(positions.values()) - positions["support"] - positions[None]
    carried = {i for i, label in probe.gold("cue-strength", "carried").items() if label == "endorsing"}
    assert carried > {i for i, label in probe.gold("cue-strength", "as_it_stands").items() if label == "endorsing"}


def test_an_item_has_gold_in_one_reading_at_least() -> None:
    for task in probe.tasks():
        known = set().union(*(probe.gold(task, reading.name) for reading in task.readings))
        assert known == {row["item_id"] for row in probe.rows(task)}


@pytest.mark.parametrize(
    ("units", "articles", "status"),
    [(20, 3, "scored"), (20, 2, "counted"), (19, 5, "counted"), (10, 1, "counted"), (9, 5, "listed"), (0, 0, "listed")],
)
def test_a_class_is_scored_counted_or_listed_by_its_size(units: int, articles: int, status: str) -> None:
    assert Class("x", units, articles).status == status


def test_classes_are_counted_from_gold() -> None:
    for task in probe.tasks():
        for reading in task.readings:
            held = Counter(probe.gold(task, reading.name).values())
            assert {c.label: c.units for c in probe.classes(task, reading.name)} == {x: held[x] for x in task.labels}


def test_folds_are_those_of_the_dataset() -> None:
    for split, column in (("article", "article_id"), ("block", "block_id")):
        groups: dict[str, set[str]] = {}
        for item in items("relevance"):
            groups.setdefault(folds(split)[item.article_id], set()).add(getattr(item, column))
        assert all(len(found) == 1 for found in groups.values())
    assert probe.split_hash("article") != probe.split_hash("block")


def test_unknown_names_are_answered_with_those_that_exist() -> None:
    with pytest.raises(UnknownNameError, match="reading of position 'carried'"):
        probe.gold("position", "carried")
    with pytest.raises(UnknownNameError, match="no column 'weather'"):
        probe.rows("position", needs=("weather",))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("metric =", "metrics =", r"position.toml: lacks 'metric'.\nposition.toml: has the unknown key 'metrics'"),
        ('column = "position"', 'column = "position"\nx = ""', "reading 'as_it_stands' has the unknown key 'x'"),
        ('name = "position"', 'name = "stand"', "its name is 'stand', not that of the file"),
        ('metric = "macro_f1"', 'metric = "bleu"', "metric 'bleu' is not one of"),
        ('table = "entries"', 'table = "articles"', "table 'articles' is not one of"),
        ('mention = "not_support"', 'mention = "neither"', r"maps to \['neither'\]"),
        ('labels = ["support", "not_support"]', 'labels = ["support"]', "must be two or more"),
        ("Speaker: {source}", "Speaker: {outlet}", r"prompt 3 asks for \['outlet'\]"),
        ("not_support = ", "neither = ", "phrases are for"),
        ("name = ", "name ", "position.toml: Expected"),
    ],
)
def test_an_inconsistent_task_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (FOLDER / "position.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "position.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        read_task(tmp_path / "position.toml")


def test_an_unmapped_value_is_an_error() -> None:
    with pytest.raises(SchemaError, match="holds 'irony', for which it has no label"):
        probe.task("position").readings[0].label("irony")


def test_a_new_task_is_one_file(tmp_path: Path) -> None:
    new = tmp_path / "spoken.toml"
    text = (FOLDER / "position.toml").read_text(encoding="utf-8")
    new.write_text(text.replace('name = "position"', 'name = "spoken"', 1), encoding="utf-8")
    assert len(probe.rows(read_task(new))) == len(probe.rows("position"))
    with pytest.raises(UnknownNameError, match="no task 'spoken'"):  # until it is in the folder, results cannot name it
        probe.run("majority", read_task(new))
