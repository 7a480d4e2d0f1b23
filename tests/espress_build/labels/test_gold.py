"""The label tables: gold, votes, both readings; and that a judgement removed or changed is noticed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers import copy_project

import espress
from espress_build.checks.validate import validate
from espress_build.inputs.judgements import read_csv, write_csv
from espress_build.inputs.params import read_params
from espress_build.labels.gold import majority
from espress_build.pipeline.build import assemble, places
from espress_build.release.diff import diff, format_diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.inputs.judgements import Judgement

    Change = Callable[[list[Judgement]], list[Judgement]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def _built(copy: Path) -> Path:
    return assemble(places(copy), read_params(), 1)


def test_the_committed_dataset_is_what_raw_gives(project: Path, copy: Path) -> None:
    differences = diff(project / "dataset", _built(copy))
    assert differences == [], f"dataset/ is not what raw/ gives now:\n{format_diff(differences)}\nType: make corpus"


@pytest.mark.parametrize(
    ("field", "check"),
    [
        ("bears_on", "passes-complete"),
        ("aspect", "aspect-complete"),
        ("position", "entries-follow"),
        ("cue_span", "entries-whole"),
        ("stance", "article-complete"),
        ("outlet_guess", "article-complete"),
    ],
)
def test_a_judgement_removed_fails_a_check_that_says_why(copy: Path, field: str, check: str) -> None:
    path = copy / "raw" / "annotations" / "model-2.csv"
    judgements, _ = read_csv(path)
    gone = next(one for one in judgements if one.field == field)
    write_csv(path, [one for one in judgements if one is not gone])
    incidents = {found.check: found for found in validate(_built(copy), range(4, 5)).incidents}
    assert check in incidents
    assert any(gone.item_id in key for key in incidents[check].keys)


def test_a_label_changed_is_told_by_the_drift_test(project: Path, copy: Path) -> None:
    path = copy / "raw" / "annotations" / "model-2.csv"
    judgements, _ = read_csv(path)
    place, old = next((n, one) for n, one in enumerate(judgements) if one.field == "position" and one.value == "deny")
    judgements[place] = type(old)(**(vars(old) | {"value": "support"}))
    write_csv(path, judgements)
    text = format_diff(diff(project / "dataset", _built(copy)))
    assert "value: 'deny' -> 'support'" in text  # the judgement itself
    assert "stance" in text  # and the votes that it gave


def test_a_fourth_annotator_is_one_file_and_its_entry(copy: Path) -> None:
    folder = copy / "raw" / "annotations"
    text = (folder / "model-1.csv").read_text(encoding="utf-8").replace("model-1,", "person-1,")
    (folder / "person-1.csv").write_text(text, encoding="utf-8")
    entry = (
        '\n[person-1]\nkind = "human"\nfamily = ""\ncodebook = "1.0.0"\ninput_sha256 = ""\nstarted = ""\nended = ""\n'
    )
    with (folder / "passes.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    incidents = validate(_built(copy), range(4, 5)).incidents
    assert {found.check for found in incidents} == {"passes-differ"}  # it is a copy, and nothing else is wrong


def test_both_readings_stand_in_the_table_and_differ_only_where_attribution_lapsed() -> None:
    for row in espress.load("stance", as_="arrow").to_pylist():
        if row["lapsed"] == "yes":
            assert (row["source_id"], row["source_id_carried"]) == ("outlet", row["carried_source_id"])
        else:
            assert row["source_id"] == row["source_id_carried"]
            assert row["cue_strength"] == row["cue_strength_carried"]


def test_votes_are_published_as_counts_and_add_up() -> None:
    for row in espress.load("relevance", as_="arrow").to_pylist():
        assert sum(vote["n"] for vote in row["bears_on_votes"]) == row["n_annotators"]
    for row in espress.load("stance", as_="arrow").to_pylist():
        positions = [vote["n"] for vote in row["votes"] if vote["field"] == "position"]
        assert sum(positions) == row["n_annotators"]


def test_labels_load_as_classes_and_nulls_stay_nulls() -> None:
    from datasets import ClassLabel

    stance = espress.load("stance")
    assert stance.features["position"] == ClassLabel(names=["support", "deny", "question", "mention"])
    strings = espress.load("stance", as_="arrow")["lapsed"].to_pylist()
    names = stance.features["lapsed"].names
    assert [None if code is None else names[code] for code in stance["lapsed"]] == strings


_VALUES = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=0, max_size=7)


def test_two_of_three_decide_and_three_are_unanimous() -> None:
    assert majority(["a", "b", "a"], 3).value == "a"
    assert majority(["a", "b", "a"], 3).votes == (("a", 2), ("b", 1))
    assert not majority(["a", "b", "a"], 3).unanimous
    assert majority(["a", "a", "a"], 3).unanimous


def test_no_majority_is_null_and_unclear_but_a_voted_null_is_clear() -> None:
    split = majority(["a", "b", "c"], 3)
    assert (split.value, split.unclear) == (None, True)
    nothing = majority([None, None, "a"], 3)
    assert (nothing.value, nothing.unclear) == (None, False)


def test_votes_are_counted_against_all_who_judged_the_unit() -> None:
    assert majority(["a"], 3).unclear  # one of three saw the entry
    assert majority(["a", "a"], 3).value == "a"
    assert not majority(["a", "a"], 3).unanimous
    assert majority(["a", "a"], 4).unclear  # half is no majority


@given(_VALUES, st.integers(0, 3))
def test_the_order_of_votes_does_not_matter_and_a_majority_is_more_than_half(
    values: list[str | None], absent: int
) -> None:
    annotators = len(values) + absent
    gold = majority(values, annotators)
    for shuffled in itertools.islice(itertools.permutations(values), 6):
        assert majority(list(shuffled), annotators) == gold
    assert sum(number for _, number in gold.votes) == len(values)
    winners = [value for value in set(values) if 2 * values.count(value) > annotators]
    assert gold.unclear == (not winners)
    assert [gold.value] == (winners or [None])
