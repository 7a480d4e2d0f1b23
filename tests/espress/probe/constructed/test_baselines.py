"""Baselines of the constructed sets: what each sees, and results of a folder of predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.statistics.baselines import keep, set_predictions, undated

from espress import probe
from espress.errors import InputError, UnknownNameError
from espress.probe.constructed.answers import read, write
from espress.probe.constructed.baselines import PARTIAL, find_baseline, mask_states, set_baselines
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import SETS, question, questions
from espress.probe.constructed.runs import ask
from espress.probe.reports import read_set_results

if TYPE_CHECKING:
    from pathlib import Path

DATE = "2026-01-31"


def _row(text: str, **about: Any) -> dict[str, Any]:
    return {"text": text, "title": "A title", "source_words": None, **about}


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("first-words", "One two three four five six", "One two three four five seven eight"),
        ("last-words", "Nought one two three four five", "Ten one two three four five"),
        ("cues", "The court said that a boat sank", "A minister said that the bank rose"),
    ],
)
def test_a_partial_baseline_does_not_see_the_rest(name: str, one: str, other: str) -> None:
    model = find_baseline(name, "check").make(question("check-relevance"))
    texts = ["It was alleged that they spied all day", "They revealed that it sank at sea today", one]
    model.fit([_row(text) for text in texts], ["yes", "no", "yes"])
    assert list(model.predict([_row(one)])) == list(model.predict([_row(other)]))
    shown = model.features([_row(one), _row(other)])
    assert shown[0] == shown[1]


def test_the_masked_text_names_no_state() -> None:
    assert mask_states("South Korean spies in Seoul, says China; Chinese tea") == (
        "STATE spies in STATE, says STATE; STATE tea"
    )


def test_every_set_has_its_baselines_and_no_other() -> None:
    assert {"majority", "cues", "source-words", "proposition"} <= {one.name for one in set_baselines("check")}
    assert {"majority", "facts", "title", "masked-tfidf"} <= {one.name for one in set_baselines("stance")}
    assert not {one.name for one in set_baselines("stance")} & {"cues", "proposition", "article"}
    with pytest.raises(UnknownNameError, match="There is no baseline of stance 'cues'"):
        find_baseline("cues", "stance")


@pytest.mark.parametrize("name", ["lexicon", "vader"])
def test_rules_answer_with_labels(name: str) -> None:
    for own in SETS:
        answers = ask(name, own, "dev", None, date=DATE, progress=False, only_kept=False)
        items = {item.item_id: item for item in read_items(own)}
        assert all(one.answer in question(items[one.item_id].task).labels for one in answers)
        assert {one.trained_on for one in answers} == {None}


def test_a_file_whose_answers_are_unchanged_keeps_its_date(tmp_path: Path, kept: None) -> None:
    found, path = set_predictions("facts", "2026-01-01"), tmp_path / "sets" / "facts.parquet"
    assert keep(found, path)
    assert not keep([replace(one, ran_on="2026-02-02") for one in found], path)
    assert undated(read(path)) == undated(found)


def test_results_of_a_folder(tmp_path: Path, kept: None) -> None:
    for name in ("majority", "lexicon"):
        write(ask(name, "check", language=None, date=DATE, progress=False), tmp_path / f"{name}.parquet")
    results = read_set_results(tmp_path, "check")
    assert [one.model for one in results] == ["lexicon", "majority"]
    assert {one.languages for one in results} == {("en",)}
    assert results[0].value > results[1].value
    assert results[1].findings


def test_a_folder_with_a_system_twice_or_trained_on_other_items_is_refused(tmp_path: Path, kept: None) -> None:
    with pytest.raises(InputError, match="holds no predictions"):
        read_set_results(tmp_path, "check")
    answers = ask("majority", "stance", date=DATE, progress=False)
    write(answers, tmp_path / "one.parquet")
    write(answers, tmp_path / "two.parquet")
    with pytest.raises(InputError, match="'majority' is also in"):
        read_set_results(tmp_path, "stance")
    (tmp_path / "two.parquet").unlink()
    old = [replace(one, trained_on="stance, split train, en: 3 items, 0a1b2c3d") for one in answers]
    write(old, tmp_path / "one.parquet")
    with pytest.raises(InputError, match="the training items are now stance, split train, en: "):
        read_set_results(tmp_path, "stance")


def test_a_classifier_of_parts_alone_is_a_baseline_of_every_question() -> None:
    for one in PARTIAL:
        assert one.about.startswith(("Only ", "TF-IDF "))
        assert one.tasks in {own.questions for own in SETS.values()}
    assert len(questions()) == 5


def test_scikit_learn_answers_all_cases_in_seconds(kept: None) -> None:
    import time

    start = time.perf_counter()
    result = probe.run("tfidf", task="check", language=None, date=DATE, progress=False)
    assert time.perf_counter() - start < 30  # about 2 s on two cores; the limit allows for a busy machine
    assert result.items == len([item for item in read_items("check") if item.split == "test"])
