"""Running models on the constructed sets: every kind of model, training, languages, and runs that are continued."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.probe.constructed.conftest import make_article, make_case

from espress import probe
from espress.errors import InputError, ModelError, UnknownNameError
from espress.probe.constructed.answers import read
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import SETS, questions
from espress.probe.constructed.runs import ask
from espress.probe.prompts import draw_examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[[str, Any], Path]

DATE = "2026-01-31"
Rows = list[dict[str, Any]]


def say_yes(rows: Rows) -> list[str]:
    return ["yes" if "step" in row["text"] else "no" for row in rows]


class Recorder:
    """A model that keeps the items that it is asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self.asked = list[str]()

    def __call__(self, rows: Rows) -> list[str]:
        """Answer yes to every item."""
        self.asked += [row["item_id"] for row in rows]
        return ["yes"] * len(rows)


def test_a_function_gets_rows_with_the_declared_keys(cases: Path) -> None:
    seen: Rows = []

    def predict(rows: Rows) -> list[str]:
        seen.extend(rows)
        return say_yes(rows)

    result = probe.run(predict, task="check", data=cases, date=DATE, progress=False)
    assert {tuple(row) for row in seen} == {("item_id", "task", "text", "context", "proposition", "source")}
    assert len(seen) == 8  # the split `test` alone
    assert (result.value, result.model, result.trained_on) == (1.0, "predict", ())


def test_the_source_is_withheld_where_it_gives_the_answer_away(save: Save) -> None:
    tasks = {"relevance": "no", "position": "deny", "attribution": "official", "cue_strength": "neutral"}
    rows = [make_case(f"{t}/f1", 1, label, task=t, source="the court") for t, label in tasks.items()]
    found = probe.set_rows("check", data=save("check", rows))
    shown = {row["task"]: row["source"] for row in found}
    assert shown == {"relevance": None, "position": "the court", "attribution": None, "cue_strength": "the court"}


def test_the_sentence_is_marked_in_its_context(save: Save) -> None:
    row = make_case("a/f1", 1, context_before=["One.", "Two."], context_after=["Four."], text="Three.")
    (shown,) = probe.set_rows("check", data=save("check", [row]))
    assert shown["context"] == "One.\nTwo.\n>>> Three. <<<\nFour."


@pytest.mark.parametrize("kind", ["estimator", "object", "baseline"])
def test_models_that_can_be_trained_are_trained_on_train(cases: Path, kind: str) -> None:
    from sklearn.dummy import DummyClassifier

    trained: list[list[str]] = []

    class Own:
        def fit(self, rows: Rows, labels: list[str]) -> None:
            trained.append([row["item_id"] for row in rows])
            self.label = labels[0]

        def predict(self, rows: Rows) -> list[str]:
            return [self.label] * len(rows)

    model: object = {"estimator": DummyClassifier(), "object": Own(), "baseline": "tfidf"}[kind]
    result = probe.run(model, task="check", data=cases, date=DATE, progress=False)
    (about,) = result.trained_on
    assert about.startswith("check-relevance, split train, en: 8 items, ")
    if kind == "object":
        assert {name.split("/")[1] for name in trained[0]} == {"f1", "f2"}


def test_no_model_is_trained_on_controls_or_copies(save: Save) -> None:
    train = [make_article("s001", "wire", stance, split="train") for stance in ("favor", "neither", "against")]
    train += [make_article("s001", "control", "neither", split="train")]
    train += [make_article("s001", "wire", "favor", "states", split="train")]
    data = save("stance_articles", [*train, make_article("s002", "wire", "favor")])
    result = probe.run("majority", task="stance", data=data, date=DATE, progress=False)
    assert result.trained_on[0].startswith("stance, split train, en: 3 items, ")


def test_each_language_is_trained_apart(save: Save) -> None:
    rows = [
        make_case("a/f1", n, label, language=language, split=split, case_id=f"{language}/{split}/{n}")
        for language in ("de", "en")
        for split in ("train", "test")
        for n, label in enumerate(("yes", "no"))
    ]
    result = probe.run("tfidf", task="check", language=None, data=save("check", rows), date=DATE, progress=False)
    assert [about.split(":")[0] for about in result.trained_on] == [
        "check-relevance, split train, de",
        "check-relevance, split train, en",
    ]


def test_items_that_are_not_kept_are_neither_asked_nor_counted(save: Save) -> None:
    rows = [make_case("a/f1", 1), make_case("a/f1", 2, kept=False)]
    data = save("check", rows)
    result = probe.run(lambda given: ["yes"] * len(given), task="check", data=data, date=DATE, progress=False)
    assert [one.item_id for one in result.predictions] == ["a/f1/1"]
    every = ask(say_yes, "check", data=data, date=DATE, progress=False, only_kept=False)
    assert len(every) == 2
    assert probe.score(every, data)[0].items == 1


def test_answers_that_are_no_labels_count_as_wrong_and_are_shown(cases: Path) -> None:
    result = probe.run(
        lambda rows: ["**Yes.**" if "step" in row["text"] else "I cannot tell" for row in rows],
        task="check", data=cases, name="polite", date=DATE, progress=False,
    )  # fmt: skip
    assert (result.failed, result.value) == (4, 0.5)
    assert {one.answer for one in result.predictions} == {"**Yes.**", "I cannot tell"}  # as they were given
    assert "4 answers are not labels" in str(result)
    nothing = probe.run(lambda rows: ["?"] * len(rows), task="check", data=cases, date=DATE, progress=False)
    assert nothing.hint is not None
    assert "Expected is one of" in nothing.hint


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"split": "article"}, UnknownNameError, "There is no split 'article'"),
        ({"language": "fr"}, UnknownNameError, "There is no language 'fr'"),
        ({"date": "today"}, InputError, "is not a date"),
        ({"data": "absent.parquet"}, InputError, "there is no such file"),
        ({"out": "answers.csv"}, InputError, r"ends in \.parquet or \.jsonl"),
        ({"name": "two\nlines"}, InputError, "not a name for a system"),
    ],
)
def test_bad_options_are_named(cases: Path, options: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {"data": cases, "date": DATE, "progress": False, **options}
    with pytest.raises(error, match=message):
        probe.run(say_yes, task="check", **given)


def test_options_of_the_sets_are_refused_for_natural_articles() -> None:
    with pytest.raises(InputError, match="only for check, stance"):
        probe.run("majority", task="position", data="x.parquet")  # type: ignore[call-overload]
    with pytest.raises(InputError, match="answer_prompts"):
        probe.prompted(lambda asked: asked, "check")


def test_a_set_of_which_no_item_is_kept_says_so(save: Save) -> None:
    data = save("check", [make_case("a/f1", 1, kept=False)])
    with pytest.raises(InputError, match="none of 1 items is kept"):
        probe.run(say_yes, task="check", data=data, progress=False)
    data = save("check", [make_case("a/f1", 1)])
    with pytest.raises(InputError, match="no item of split 'train' is kept"):
        probe.run("tfidf", task="check", data=save("check", [make_case("a/f1", 1),
                  make_case("a/f2", 1, split="train", kept=False)]), progress=False)  # fmt: skip


def test_a_table_that_is_none_is_refused(tmp_path: Path, save: Save) -> None:
    with pytest.raises(InputError, match="lacks the columns"):
        read_items("stance", save("check", [make_case("a/f1", 1)]))
    with pytest.raises(InputError, match="several rows of a/f1/1"):
        read_items("check", save("check", [make_case("a/f1", 1), make_case("a/f1", 1)]))


def test_prompts_hold_the_row_and_examples_hold_their_answer(cases: Path, kept: None) -> None:
    asked: list[str] = []

    def complete(prompts: list[str]) -> list[str]:
        asked.extend(prompts)
        return ["yes"] * len(prompts)

    probe.run(probe.answer_prompts(complete, 2), task="check", data=cases, date=DATE, progress=False)
    assert "Sentence 1 of job/f3." in asked[0]
    assert asked[0].endswith("Reply:")
    training = {item.item_id for name in SETS for item in read_items(name) if item.split == "train"}
    for one in questions():
        shown = draw_examples(one, 1)
        assert {row["label"] for row in shown} == set(one.labels)
        assert {row["item_id"] for row in shown} <= training


# ------------------------------------------------------------------------------------------------ continued runs


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_run_that_stopped_asks_only_for_the_rest(
    save: Save, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("espress.probe.model_runs.BATCH", 4)
    data = save("check", [make_case(f"a/f{n}", 1) for n in range(10)])
    out = tmp_path / f"mine{suffix}"
    asked: list[str] = []

    def model(rows: Rows) -> list[str]:
        if len(asked) == 8:
            raise RuntimeError("no money left")
        asked.extend(row["item_id"] for row in rows)
        return ["yes"] * len(rows)

    with pytest.raises(ModelError, match="no money left"):
        probe.run(model, task="check", data=data, out=out, date=DATE, progress=False)
    begun = list(asked)
    asked.clear()
    result = probe.run(model, task="check", data=data, out=out, date=DATE, progress=False)
    assert (len(begun), len(asked)) == (8, 2)
    assert result.value == 1.0
    assert read(out) == result.predictions
    assert [path.name for path in tmp_path.iterdir() if "mine" in path.name] == [out.name]
    assert probe.score(out, data)[0].value == 1.0
    asked.clear()
    before = out.read_bytes()
    probe.run(model, task="check", data=data, out=out, date="2026-02-02", progress=False)
    assert not asked
    assert out.read_bytes() == before


def test_items_that_changed_are_asked_again(save: Save, tmp_path: Path) -> None:
    out, rows, model = tmp_path / "mine.jsonl", [make_case("a/f1", 1), make_case("a/f1", 2)], Recorder()
    probe.run(Recorder(), task="check", data=save("check", rows), out=out, date=DATE, progress=False)
    data = save("check", [rows[0], {**rows[1], "text": "Another sentence."}])
    result = probe.run(model, task="check", data=data, out=out, date=DATE, progress=False)
    assert model.asked == ["a/f1/2"]
    assert read(out) == result.predictions


def test_a_model_trained_on_other_items_is_asked_again(save: Save, tmp_path: Path) -> None:
    test, out = make_case("a/f1", 1), tmp_path / "mine.jsonl"
    train = [make_case("a/f2", n, label, split="train") for n, label in enumerate(("yes", "no", "yes"))]
    first = probe.run("tfidf", task="check", data=save("check", [test, *train]), out=out, date=DATE, progress=False)
    again = probe.run("tfidf", task="check", data=save("check", [test, *train[1:]]), out=out, date=DATE, progress=False)
    assert first.trained_on != again.trained_on
    assert [one.trained_on for one in read(out)] == list(again.trained_on)


@pytest.mark.parametrize(("kept", "n_asked"), [(-20, 1), (-1, 0), (30, 8)])
def test_a_line_that_was_not_written_whole_is_asked_again(cases: Path, tmp_path: Path, kept: int, n_asked: int) -> None:
    out, model = tmp_path / "mine.jsonl", Recorder()
    probe.run(Recorder(), task="check", data=cases, out=out, date=DATE, progress=False)
    out.write_bytes(out.read_bytes()[:kept])
    result = probe.run(model, task="check", data=cases, out=out, date=DATE, progress=False)
    assert (len(model.asked), len(read(out)), result.value) == (n_asked, 8, 0.5)


def test_a_file_that_is_no_predictions_file_is_left_as_it_is(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "notes.jsonl"
    out.write_text('{"note": "mine"', encoding="utf-8")
    with pytest.raises(InputError, match="is not JSON"):
        probe.run(say_yes, task="check", data=cases, out=out, date=DATE, progress=False)
    assert out.read_text(encoding="utf-8") == '{"note": "mine"'


def test_a_file_of_another_system_is_not_written_to(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    probe.run(say_yes, task="check", data=cases, out=out, date=DATE, progress=False)
    before = out.read_bytes()
    with pytest.raises(InputError, match="holds answers of say_yes, not of 'other'"):
        probe.run(say_yes, task="check", data=cases, out=out, name="other", date=DATE, progress=False)
    assert out.read_bytes() == before


_SLOW = """
import sys, time
from espress import probe
from espress.probe import model_runs
model_runs.BATCH = 2
def slow(rows):
    time.sleep(0.2)
    return ["yes"] * len(rows)
probe.run(slow, task="check", data=sys.argv[1], out=sys.argv[2], date="2026-01-31", progress=False)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_run_that_is_killed_loses_at_most_one_batch(save: Save, tmp_path: Path) -> None:
    data, out = save("check", [make_case(f"a/f{n}", 1) for n in range(40)]), tmp_path / "mine.jsonl"
    with subprocess.Popen([sys.executable, "-c", _SLOW, str(data), str(out)]) as running:
        until = time.monotonic() + 60
        while (not out.is_file() or out.read_text(encoding="utf-8").count("\n") < 4) and time.monotonic() < until:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert 4 <= len(lines) < 40
    assert all(json.loads(line)["answer"] == "yes" for line in lines)
    rest = Recorder()
    probe.run(rest, task="check", data=data, out=out, name="slow", date=DATE, progress=False)
    assert len(rest.asked) == 40 - len(lines)
