"""The label tables: gold, votes and both readings; a judgement that is removed or changed is noticed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers import copy_project

import espress
from espress_build.build import assemble, places
from espress_build.checks.validate import validate
from espress_build.inputs.judgements import read_csv, read_passes, write_csv
from espress_build.inputs.params import read_params
from espress_build.labels.gold import choose_panel, decide, majority
from espress_build.release.diff import diff, format_diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.inputs.judgements import Judgement

    Change = Callable[[list[Judgement]], list[Judgement]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def _find_pass(folder: Path) -> Path:
    """Return the file of a pass that gold counts and that judged units."""
    voting = [one for one in read_passes(folder) if one.votes]
    version = max(one.codebook for one in voting)
    paths = [folder / f"{one.annotator}.csv" for one in voting if one.codebook == version]
    return next(path for path in paths if any(one.field == "bears_on" for one in read_csv(path)[0]))


def _build(copy: Path) -> Path:
    return assemble(places(copy), read_params(), 1)


def test_the_committed_dataset_is_what_raw_gives(project: Path, copy: Path) -> None:
    differences = diff(project / "dataset", _build(copy))
    assert differences == [], f"dataset/ is not what raw/ gives now:\n{format_diff(differences)}\nType: make corpus"


@pytest.mark.usefixtures("committed_sets")
def test_each_judgement_removed_fails_a_check_that_names_its_item_or_article(copy: Path) -> None:
    checks = {
        "bears_on": "passes-complete",
        "position": "entries-follow",
        "cue_span": "entries-whole",
        "stance": "article-complete",
        "outlet_guess": "article-complete",
    }
    path = _find_pass(copy / "raw" / "annotations")
    judgements, _ = read_csv(path)
    gone: dict[str, Judgement] = {}
    for one in judgements:  # each of another item
        if one.field in checks and one.field not in gone and one.item_id not in {of.item_id for of in gone.values()}:
            gone[one.field] = one
    assert set(gone) == set(checks)
    write_csv(path, [one for one in judgements if one not in gone.values()])
    keys = {found.check: found.keys for found in validate(_build(copy), range(4, 5)).incidents}
    for field, check in checks.items():
        item = gone[field].item_id if check.startswith("entries-") else gone[field].article_id
        assert any(item in key for key in keys[check]), (field, keys)


@pytest.mark.usefixtures("committed_sets")
def test_a_changed_label_is_reported_with_the_votes_it_gave(project: Path, copy: Path) -> None:
    path = _find_pass(copy / "raw" / "annotations")
    judgements, _ = read_csv(path)
    place, old = next((n, one) for n, one in enumerate(judgements) if one.field == "position" and one.value == "deny")
    judgements[place] = type(old)(**(vars(old) | {"value": "support"}))
    write_csv(path, judgements)
    text = format_diff(diff(project / "dataset", _build(copy)))
    assert "value: 'deny' -> 'support'" in text  # the judgement itself
    assert "votes" in text  # and the votes that it gave


@pytest.mark.usefixtures("committed_sets")
def test_a_person_is_one_file_and_its_entry_and_decides(copy: Path) -> None:
    folder = copy / "raw" / "annotations"
    judged, _ = read_csv(_find_pass(folder))
    version = judged[0].codebook
    write_csv(folder / "person-1.csv", [replace(one, annotator="person-1") for one in judged])
    stated = f'kind = "human"\nfamily = ""\ncodebook = "{version}"'
    entry = f'\n[person-1]\n{stated}\ninput_sha256 = ""\nstarted = ""\nended = ""\n'
    with (folder / "passes.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    dataset = _build(copy)
    incidents = validate(dataset, range(4, 5)).incidents
    assert {found.check for found in incidents} == {"passes-differ"}  # it is a copy, and nothing else is wrong
    votes = pq.read_table(dataset / "data" / "votes.parquet").to_pylist()
    items = {one.item_id for one in judged}
    assert {row["gold_basis"] for row in votes if row["item_id"] in items} == {"person"}
    assert {row["n_annotators"] for row in votes if row["item_id"] in items} == {1}
    kinds = {vote["annotator_kind"] for row in votes if row["item_id"] in items for vote in row["votes"]}
    assert kinds == {"human", "model"}  # the passes stay as votes


@pytest.mark.usefixtures("committed_sets")
def test_too_few_passes_give_rows_without_labels_and_a_warning(copy: Path) -> None:
    folder = copy / "raw" / "annotations"
    path = _find_pass(folder)
    rows, _ = read_csv(path)
    article = rows[0].article_id
    write_csv(path, [one for one in rows if one.article_id != article])
    dataset = _build(copy)
    outcome = validate(dataset, range(4, 5))
    assert outcome.errors == []
    warned = {found.check: found for found in outcome.incidents}
    assert set(warned) >= {"passes-complete", "article-complete"}
    assert warned["passes-complete"].keys == (article,)
    assert "lacks 1 passes" in warned["passes-complete"].detail
    rows = pq.read_table(dataset / "data" / "relevance.parquet").to_pylist()
    own = [row for row in rows if row["article_id"] == article]
    assert own
    assert {(row["bears_on"], row["gold_basis"]) for row in own} == {(None, None)}
    assert {row["gold_basis"] for row in rows if row["article_id"] != article} == {"model_majority"}
    stances = pq.read_table(dataset / "data" / "article_stance.parquet").to_pylist()
    assert {row["stance"] for row in stances if row["article_id"] == article} == {None}


def test_both_readings_are_in_the_table_and_differ_only_where_attribution_lapsed() -> None:
    votes = {row["vote_id"]: row for row in espress.load("votes", as_="arrow").to_pylist()}
    for row in espress.load("entries", as_="arrow").to_pylist():
        if row["lapsed"] == "yes":
            key = f"{row['sentence_id']}:{row['proposition_id']}:{row['source_no']}:carried_source_id"
            assert (row["source_id"], row["source_id_carried"]) == ("outlet", votes[key]["value"])
            assert row["carried_in_context"] in {True, False}
        else:
            assert row["source_id"] == row["source_id_carried"]
            assert row["cue_strength"] == row["cue_strength_carried"]
            assert row["carried_in_context"] is None


def test_votes_are_published_as_counts_and_add_up() -> None:
    votes = espress.load("votes", as_="arrow").to_pylist()
    assert len({row["vote_id"] for row in votes}) == len(votes)
    for row in votes:
        decisive = "model" if row["gold_basis"] in {"model_majority", None} else "human"
        cast = sum(vote["n"] for vote in row["votes"] if vote["annotator_kind"] == decisive)
        assert cast <= row["n_annotators"]
        if row["level"] != "entry":
            assert cast == row["n_annotators"]


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
    winners = [value for value in set(values) if 2 * values.count(value) > annotators]
    assert gold.unclear == (not winners)
    assert [gold.value] == (winners or [None])


_KINDS = {"a": "model", "b": "model", "c": "model", "p": "human", "q": "human"}


@pytest.mark.parametrize(
    ("votes", "value", "basis", "unclear"),
    [
        ({"a": "x", "b": "x", "c": "y"}, "x", "model_majority", False),
        ({"a": "x", "b": "x"}, None, None, False),  # too few passes: nobody decides
        ({"a": "x", "b": "x", "c": "x", "p": "y"}, "y", "person", False),
        ({"p": "y"}, "y", "person", False),
        ({"a": "x", "b": "x", "c": "x", "p": "y", "q": "x"}, None, "majority_of_persons", True),
        ({"a": "y", "p": "x", "q": "x"}, "x", "majority_of_persons", False),
        ({"a": "x", "b": "y", "c": "z"}, None, "model_majority", True),
        ({"a": None, "b": None, "c": "z"}, None, "model_majority", False),
    ],
)
def test_persons_decide_where_they_judged_and_models_elsewhere(
    votes: dict[str, str | None], value: str | None, basis: str | None, *, unclear: bool
) -> None:
    gold = decide(votes, choose_panel(votes, _KINDS, 3), _KINDS)
    assert (gold.value, gold.basis, gold.unclear) == (value, basis, unclear)
    assert sum(number for _, number, _ in gold.votes) == len(votes)
