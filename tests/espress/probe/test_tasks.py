"""Tasks are files; what a model sees holds no answer; classes follow the rule that was fixed in advance."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import espress
from espress import probe
from espress.errors import SchemaError, UnknownNameError
from espress.masking import CONTEXT_UNITS
from espress.probe.classes import Class
from espress.probe.folds import folds
from espress.probe.items import add_inputs, count_hidden, items, units_before
from espress.probe.tasks import read_task

FOLDER = Path(probe.__file__).parent / "tasks"


def test_the_tasks_are_found_and_say_what_may_not_be_claimed() -> None:
    names = {"attribution", "attribution-carried", "cue-strength", "cue-strength-carried", "position", "relevance"}
    assert {task.name for task in probe.tasks()} == names
    for task in probe.tasks():
        assert len(task.prompts) == 3
        assert task.may_claim
        assert task.may_not_claim
    assert {what for what, _ in probe.withheld()} >= {"article stance"}


def test_a_row_holds_the_id_and_exactly_the_inputs() -> None:
    for task in probe.tasks():
        for row in probe.rows(task.name):
            assert list(row) == ["item_id", *task.inputs]
            assert all(value is None or isinstance(value, str) for value in row.values())


def test_what_a_model_sees_is_masked_and_holds_no_answer() -> None:
    for task in probe.tasks():
        assert task.column not in task.inputs.values()
        assert "text" not in task.inputs.values()
    for name in ("attribution", "attribution-carried"):  # the words that name the source would reveal the answer
        assert not {"source_span", "source", "source_carried"} & set(probe.task(name).inputs.values())


def test_an_item_shows_up_to_ten_units_before_and_after_with_the_unit_marked() -> None:
    units = espress.load("sentences", as_="arrow").to_pylist()
    place = {unit["sentence_id"]: number for number, unit in enumerate(units)}
    for task in probe.tasks():
        for item in items(task):
            number = place[item.record["sentence_id"]]
            near = range(max(0, number - CONTEXT_UNITS), min(len(units), number + CONTEXT_UNITS + 1))
            shown = [n for n in near if units[n]["article_id"] == item.article_id]
            lines = [units[n]["text_masked"] if n != number else f">>> {item.inputs['text']} <<<" for n in shown]
            assert item.inputs["context"] == "\n".join(lines)
            assert units_before(item.inputs["context"] or "") == lines[: shown.index(number)]


def test_an_item_names_its_source_and_has_no_gap_where_the_source_is_not_named() -> None:
    for name in ("position", "cue-strength", "cue-strength-carried"):
        for item in items(name):
            source, row = item.inputs["source"], item.record
            if row["source_span"]:
                assert source == row["source_span"]
            elif row["lapsed"] == "yes" and name == "cue-strength-carried":
                assert source == "the source whose account the sentence continues"
            elif row["source_class"] == "outlet":
                assert source == "the article itself"
            else:
                assert source == f"{row['source_class']}, not named in the sentence"


def test_a_masked_name_is_masked_in_the_source_too(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = {"text": "Acme Post reporters said so.", "masks": [{"mask_start": 0, "mask_end": 9, "mask": "[OUTLET]"}]}
    monkeypatch.setattr("espress.probe.items._load_units", lambda: {"x": unit})
    record = {
        "sentence_id": "x", "source_no": 1, "source_span": "Acme Post reporters", "source_class": "media",
        "source_class_carried": "media", "lapsed": None, "text_masked": "[OUTLET] reporters said so.",
        "context_before_masked": None, "context_after_masked": "Rain.",
    }  # fmt: skip
    made = add_inputs(record)
    assert made["source"] == "[OUTLET] reporters"
    assert made["context"] == ">>> [OUTLET] reporters said so. <<<\nRain."
    assert add_inputs({**record, "text_masked": None})["context"] is None


@pytest.mark.parametrize("name", ["attribution-carried", "cue-strength-carried"])
def test_a_carried_source_that_the_context_does_not_show_is_not_asked_for(name: str) -> None:
    task = probe.task(name)
    attributed = {
        (row["sentence_id"], row["source_id"])
        for row in espress.load("entries", as_="arrow").to_pylist()
        if row["attributed"] == "yes"
    }
    units = espress.load("sentences", as_="arrow").to_pylist()
    place = {unit["sentence_id"]: number for number, unit in enumerate(units)}

    def shows(row: dict[str, Any]) -> bool:
        number = place[row["sentence_id"]]
        around = [*units[max(0, number - CONTEXT_UNITS) : number], *units[number + 1 : number + 1 + CONTEXT_UNITS]]
        near = [unit for unit in around if unit["article_id"] == row["article_id"]]
        return any((unit["sentence_id"], row["source_id_carried"]) in attributed for unit in near)

    rows = [row for row in espress.load("entries", as_="arrow").to_pylist() if row[task.column] is not None]
    hidden = [row for row in rows if row["lapsed"] == "yes" and not shows(row)]
    asked = {item.item_id for item in items(task)}
    assert len(asked) == len(rows) - len(hidden)
    assert count_hidden(task) == len(hidden)
    assert not asked & {f"{r['sentence_id']}:{r['proposition_id']}:{r['source_no']}" for r in hidden}
    assert sum(row["carried_in_context"] is False for row in rows) == len(hidden)
    assert count_hidden("attribution") == 0


def test_attribution_as_it_stands_and_as_carried_are_two_questions() -> None:
    pair = probe.task("attribution"), probe.task("attribution-carried")
    assert pair[0].question != pair[1].question
    assert not set(pair[0].prompts) & set(pair[1].prompts)
    assert len({(task.table, task.column) for task in probe.tasks()}) == len(probe.tasks())


def test_ids_are_keys_of_the_tables() -> None:
    entries = espress.load("entries", as_="arrow").to_pylist()
    keys = {f"{r['sentence_id']}:{r['proposition_id']}:{r['source_no']}" for r in entries}
    assert {row["item_id"] for row in probe.rows("position")} <= keys
    pairs = {f"{r['sentence_id']}:{r['proposition_id']}" for r in espress.load("relevance", as_="arrow").to_pylist()}
    assert {row["item_id"] for row in probe.rows("relevance")} == pairs


def test_gold_is_the_column_as_the_task_reads_it() -> None:
    entries = espress.load("entries", as_="arrow").to_pylist()
    positions = Counter(row["position"] for row in entries)
    read = Counter(probe.gold("position").values())
    assert read["support"] == positions["support"]
    assert read["not_support"] == sum(positions.values()) - positions["support"] - positions[None]
    assert set(probe.gold("position")) == {row["item_id"] for row in probe.rows("position")}


def test_the_hash_of_an_item_changes_with_its_inputs_and_not_with_its_gold() -> None:
    item = items("position")[0]
    assert probe.item_hashes("position")[item.item_id] == item.item_hash
    assert replace(item, gold="not_support" if item.gold == "support" else "support").item_hash == item.item_hash
    assert replace(item, inputs={**item.inputs, "text": "Other words."}).item_hash != item.item_hash
    assert replace(item, item_id="other").item_hash != item.item_hash


@pytest.mark.parametrize(
    ("units", "articles", "status"),
    [(20, 3, "scored"), (20, 2, "counted"), (19, 5, "counted"), (10, 1, "counted"), (9, 5, "listed"), (0, 0, "listed")],
)
def test_a_class_is_scored_counted_or_listed_by_its_size(units: int, articles: int, status: str) -> None:
    assert Class("x", units, articles).status == status


def test_classes_are_counted_from_gold() -> None:
    for task in probe.tasks():
        held = Counter(probe.gold(task).values())
        assert {c.label: c.units for c in probe.classes(task)} == {label: held[label] for label in task.labels}


def test_folds_are_those_of_the_dataset() -> None:
    for split, column in (("article", "article_id"), ("block", "block_id")):
        groups: dict[str, set[str]] = {}
        for item in items("relevance"):
            groups.setdefault(folds(split)[item.article_id], set()).add(item.record[column])
        assert all(len(found) == 1 for found in groups.values())
    assert probe.split_hash("article") != probe.split_hash("block")


def test_unknown_names_are_answered_with_those_that_exist() -> None:
    with pytest.raises(UnknownNameError, match="no task 'carried'"):
        probe.gold("carried")
    with pytest.raises(UnknownNameError, match="no column 'weather'"):
        probe.rows("position", needs=("weather",))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "question =",
            "questions =",
            r"position.toml: lacks 'question'.\nposition.toml: has the unknown key 'questions'",
        ),
        ("[[prompt]]", '[[prompt]]\nx = ""', "prompt 1 has the unknown key 'x'"),
        ('name = "position"', 'name = "stand"', "its name is 'stand', not that of the file"),
        ('table = "entries"', 'table = "articles"', "table 'articles' is not one of"),
        ('mention = "not_support"', 'mention = "neither"', r"its values are mapped to \['neither'\]"),
        ('labels = ["not_support", "support"]', 'labels = ["support"]', "must be two or more"),
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
    with pytest.raises(SchemaError, match="holds 'irony', for which the task has no label"):
        probe.task("position").label("irony")


def test_a_new_task_is_one_file(tmp_path: Path) -> None:
    new = tmp_path / "spoken.toml"
    text = (FOLDER / "position.toml").read_text(encoding="utf-8")
    new.write_text(text.replace('name = "position"', 'name = "spoken"', 1), encoding="utf-8")
    assert len(probe.rows(read_task(new))) == len(probe.rows("position"))
    with pytest.raises(UnknownNameError, match="no task 'spoken'"):  # until it is in the folder, results cannot name it
        probe.run("majority", read_task(new))
