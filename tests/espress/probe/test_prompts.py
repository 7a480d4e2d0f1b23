"""Prompts and few-shot examples: from constructed sentences alone, the same each time."""

from __future__ import annotations

import pytest

import espress
from espress import probe
from espress.errors import UnknownNameError
from espress.paths import calibration_file
from espress.probe.prompts import DRAWS, _make_records, classify_source

DATE = "2026-01-31"


def test_examples_are_constructed_and_never_from_an_article() -> None:
    practised = calibration_file().read_text(encoding="utf-8")
    articles = {row["text_masked"] for row in espress.load("sentences", as_="arrow").to_pylist()}
    for task in probe.tasks():
        for draw in range(1, DRAWS + 1):
            for example in probe.examples(task.name, draw):
                assert list(example) == [*task.inputs, "label"]
                assert example["text"] in practised
                assert example["text"] not in articles


@pytest.mark.parametrize("task", [task.name for task in probe.tasks()])
def test_draws_differ_from_each_other_and_not_from_themselves(task: str) -> None:
    draws = [probe.examples(task, draw) for draw in range(1, DRAWS + 1)]
    assert draws == [probe.examples(task, draw) for draw in range(1, DRAWS + 1)]
    assert len({str(draw) for draw in draws}) == DRAWS
    assert all({example["label"] for example in draw} == set(probe.task(task).labels) for draw in draws)


def test_examples_show_the_constructed_text_around_the_sentence() -> None:
    for task in probe.tasks():
        for example in probe.examples(task, 1):
            assert f">>> {example['text']} <<<" in example["context"].splitlines()


def test_a_lapsed_source_is_the_outlet_as_it_stands_and_the_earlier_source_if_carried() -> None:
    lapsed = "The clerk met a buyer abroad and received money twice."
    for name, label in (("attribution", "outlet"), ("attribution-carried", "other_named")):
        task = probe.task(name)
        found = [record for record in _make_records(task.table) if record["text_masked"] == lapsed]
        assert {task.label(record[task.column]) for record in found} == {label}


def test_constructed_sources_are_classed_as_the_dataset_classes_its_own() -> None:
    sources = {row["source_id"]: row for row in espress.load("sources", as_="arrow").to_pylist()}
    for row in espress.load("entries", as_="arrow").to_pylist():
        assert classify_source(sources.get(row["source_id"])) == row["attribution"]
        assert classify_source(sources.get(row["source_id_carried"])) == row["attribution_carried"]


def test_a_prompt_holds_examples_before_the_item() -> None:
    row = probe.rows("position")[0]
    bare, shot = probe.prompt("position", row, 2), probe.prompt("position", row, 2, draw=1)
    assert shot.endswith(bare)
    assert shot.count("Reply:") == 1 + len(probe.examples("position", 1))
    assert "{" not in shot
    with pytest.raises(UnknownNameError, match="no prompt '4'"):
        probe.prompt("position", row, 4)
    with pytest.raises(UnknownNameError, match="no draw '6'"):
        probe.prompt("position", row, 1, draw=6)


def test_zero_shot_runs_each_prompt_and_few_shot_each_draw_of_each_prompt() -> None:
    asked: list[str] = []

    def complete(prompts: list[str]) -> list[str]:
        asked.extend(prompts)
        return ["support" if len(prompt) % 3 else "no idea" for prompt in prompts]

    zero = probe.prompted(complete, "position", family="some-family", date=DATE)
    assert zero.runs == ("prompt1", "prompt2", "prompt3")
    assert {(one.model, one.family) for one in zero.predictions} == {("complete", "some-family")}
    assert len(set(asked)) == len(asked) == 3 * len(probe.rows("position"))
    few = probe.prompted(complete, "position", name="mine", few_shot=True, date=DATE)
    assert (few.model, len(few.runs)) == ("mine", 3 * DRAWS)
    assert few.lowest is not None
    assert few.lowest <= (few.value or 0) <= (few.highest or 0)
    assert few.failed_examples[0].run == "draw1-prompt1"
    assert probe.score(few.predictions)[0].value == few.value
