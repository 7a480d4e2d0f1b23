"""The label tables: gold, votes and both readings; a judgement that is removed or changed is noticed."""

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


def _build(copy: Path) -> Path:
    return assemble(places(copy), read_params(), 1)


def test_the_committed_dataset_is_what_raw_gives(project: Path, copy: Path) -> None:
    differences = diff(project / "dataset", _build(copy))
    assert differences == [], f"dataset/ is not what raw/ gives now:\n{format_diff(differences)}\nType: make corpus"


def test_each_judgement_removed_fails_a_check_that_names_its_item(copy: Path) -> None:
    checks = {
        "bears_on": "passes-complete",
        "position": "entries-follow",
        "cue_span": "entries-whole",
        "stance": "article-complete",
        "outlet_guess": "article-complete",
    }
    path = copy / "raw" / "annotations" / "model-2.csv"
    judgements, _ = read_csv(path)
    gone: dict[str, Judgement] = {}
    for one in judgements:  # each of another item
        if one.field in checks and one.field not in gone and one.item_id not in {of.item_id for of in gone.values()}:
            gone[one.field] = one
    assert set(gone) == set(checks)
    write_csv(path, [one for one in judgements if one not in gone.values()])
    keys = {found.check: found.keys for found in validate(_build(copy), range(4, 5)).incidents}
    for field, check in checks.items():
        assert any(gone[field].item_id in key for key in keys[check]), (field, keys)


def test_a_changed_label_is_reported_with_the_votes_it_gave(project: Path, copy: Path) -> None:
    path = copy / "raw" / "annotations" / "model-2.csv"
    judgements, _ = read_csv(path)
    place, old = next((n, one) for n, one in enumerate(judgements) if one.field == "position" and one.value == "deny")
    judgements[place] = type(old)(**(vars(old) | {"value": "support"}))
    write_csv(path, judgements)
    text = format_diff(diff(project / "dataset", _build(copy)))
    assert "value: 'deny' -> 'support'" in text  # the judgement itself
    assert "entries" in text  # and the votes that it gave


def test_a_fourth_annotator_is_one_file_and_its_entry(copy: Path) -> None:
    folder = copy / "raw" / "annotations"
    text = (folder / "model-1.csv").read_text(encoding="utf-8").replace("model-1,", "person-1,")
    (folder / "person-1.csv").write_text(text, encoding="utf-8")
    entry = (
        '\n[person-1]\nkind = "human"\nfamily = ""\ncodebook = "1.0.0"\ninput_sha256 = ""\nstarted = ""\nended = ""\n'
    )
    with (folder / "passes.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    incidents = validate(_build(copy), range(4, 5)).incidents
    assert {found.check for found in incidents} == {"passes-differ"}  # it is a copy, and nothing else is wrong


def test_both_readings_are_in_the_table_and_differ_only_where_attribution_lapsed() -> None:
    for row in espress.load("entries", as_="arrow").to_pylist():
        if row["lapsed"] == "yes":
            assert row["source_id"] == "outlet" != row["source_id_carried"]
        else:
            assert row["source_id"] == row["source_id_carried"]
            assert row["cue_strength"] == row["cue_strength_carried"]


def test_votes_are_published_as_counts_and_add_up() -> None:
    for row in espress.load("relevance", as_="arrow").to_pylist():
        assert sum(vote["n"] for vote in row["bears_on_votes"]) == row["n_annotators"]
    for row in espress.load("entries", as_="arrow").to_pylist():
        positions = [vote["n"] for vote in row["votes"] if vote["field"] == "position"]
        assert sum(positions) == row["n_annotators"]


def test_labels_load_as_classes_and_nulls_stay_nulls() -> None:
    from datasets import ClassLabel

    stance = espress.load("entries")
    assert stance.features["position"] == ClassLabel(names=["support", "deny", "question", "mention"])
    strings = espress.load("entries", as_="arrow")["lapsed"].to_pylist()
    names = stance.features["lapsed"].names
    assert [None if code is None else names[code] for code in stance["lapsed"]] == strings


_VALUES = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=0, max_size=7)


@pytest.mark.parametrize(
    ("values", "annotators", "value", "unclear", "unanimous"),
    [
        (["a", "b", "a"], 3, "a", False, False),
        (["a", "a", "a"], 3, "a", False, True),
        (["a", "b", "c"], 3, None, True, False),
        ([None, None, "a"], 3, None, False, False),  # a null that won the vote is clear
        (["a"], 3, None, True, False),  # one of three saw the entry
        (["a", "a"], 3, "a", False, False),  # counted against all who judged the unit
        (["a", "a"], 4, None, True, False),  # half is no majority
    ],
)
def test_a_majority_is_counted_against_all_annotators(
    values: list[str | None], annotators: int, value: str | None, *, unclear: bool, unanimous: bool
) -> None:
    found = majority(values, annotators)
    assert (found.value, found.unclear, found.unanimous) == (value, unclear, unanimous)


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
