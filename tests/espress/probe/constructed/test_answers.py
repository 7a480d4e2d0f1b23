"""The predictions file of the constructed sets: what it must hold, and errors that name what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.probe.constructed.conftest import make_case

from espress import probe
from espress.errors import InputError
from espress.probe.constructed.answers import SetAnswer, check, is_set_file, read
from espress.probe.constructed.runs import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATE = "2026-01-31"


@pytest.fixture
def answers(cases: Path) -> tuple[SetAnswer, ...]:
    return ask(lambda rows: ["yes"] * len(rows), "check", data=cases, system="mine", date=DATE, progress=False)


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_a_file_is_recognised_read_and_scored(
    cases: Path, answers: tuple[SetAnswer, ...], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"mine{suffix}"
    probe.write(answers, path)
    again = tmp_path / f"again{suffix}"
    probe.write(answers[::-1], again)
    assert is_set_file(path)
    assert read(path) == answers
    assert path.read_bytes() == again.read_bytes()
    (result,) = probe.score(path, cases)
    assert (result.value, result.model) == (0.5, "mine")
    assert result.to_dict()["value"] == 0.5
    assert "predictions" not in json.loads(result.to_json())


def test_a_file_for_natural_articles_is_none_of_the_sets(tmp_path: Path) -> None:
    path = tmp_path / "natural.jsonl"
    result = probe.run("majority", "position", date=DATE, progress=False)
    probe.write(result.predictions, path)
    assert not is_set_file(path)
    assert probe.score(path)[0].task == "position"
    with pytest.raises(InputError, match="for constructed sets only"):
        probe.score(path, "x.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a[1:], "'mine' on check, split 'test', language 'en', lacks 1 of 8 items: job/f3/1"),
        (lambda a: [*a, a[0]], "has the item 'job/f3/1' again; it is in row 1 already"),
        (lambda a: [replace(a[0], item_id="x/f1/1"), *a[1:]], "has the item 'x/f1/1', which check does not have"),
        (
            lambda a: [replace(a[0], item_hash="0" * 16), *a[1:]],
            "1 of 16 items with changed inputs: job/f3",
        ),
        (lambda a: [replace(a[0], set="chess"), *a[1:]], "unknown set 'chess'; sets are check, stance"),
        (lambda a: [replace(a[0], ran_on="soon"), *a[1:]], "ran_on 'soon', which is not a date"),
        (lambda a: [replace(a[0], family="X"), *a[1:]], "'mine' has several families"),
    ],
)
def test_answers_that_do_not_fit_the_items_are_named(
    cases: Path, answers: tuple[SetAnswer, ...], change: Callable[[Any], list[SetAnswer]], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        check(change(answers), "mine.parquet", cases)
    assert message in str(caught.value)


def test_every_fault_is_listed(cases: Path, answers: tuple[SetAnswer, ...]) -> None:
    with pytest.raises(InputError) as caught:
        probe.score([replace(answers[0], ran_on="soon"), *answers[2:], answers[-1]], cases)
    assert len(caught.value.problems) == 3


def test_rows_that_are_not_of_the_format_are_named(answers: tuple[SetAnswer, ...], tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    rows = [asdict(answers[0]) | {"item_hash": None}, asdict(answers[1]) | {"prediction": "yes"}, {"set": "check"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    for fault in ("row 1: item_hash is null", "row 2: has the unknown column 'prediction'", "row 3: lacks 'model'"):
        assert fault in str(caught.value)


def test_an_answer_may_be_null_and_items_that_are_not_kept_may_be_missing(
    save: Callable[[str, Any], Path],
) -> None:
    data = save("check", [make_case("a/f1", 1), make_case("a/f1", 2, kept=False)])
    (one,) = ask(lambda rows: ["yes"] * len(rows), "check", data=data, date=DATE, progress=False)
    (result,) = probe.score([replace(one, answer=None)], data)
    assert (result.value, result.failed) == (0.0, 1)


def test_predictions_of_both_kinds_need_a_file_each(answers: tuple[SetAnswer, ...], tmp_path: Path) -> None:
    natural = probe.run("majority", "position", date=DATE, progress=False).predictions
    with pytest.raises(InputError, match="need a file each"):
        probe.write([*answers, *natural], tmp_path / "x.jsonl")  # type: ignore[arg-type]
