"""The checks of labels and the code that counts gold are two readings of one rule; here they must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.espress_build.checks import loader

from espress_build.checks.validate import validate
from espress_build.inputs.judgements import Annotations, Pass, from_rows
from espress_build.inputs.params import read_params
from espress_build.pipeline.label import LABEL_TABLES, label
from espress_build.tables import CLAIMS, set_column

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "hekou-wanbao-20200313-0da14c5e"
COMPLETE = {"passes-complete", "article-complete"}


def _label(rows: loader.Rows) -> dict[str, Any]:
    """Return Arrow tables of the rows with label tables and columns as the build counts them from the judgements."""
    tables = loader.tables_of(rows)
    given = tables["annotations"].to_pylist()
    families = {row["annotator"]: row["family"] or "" for row in given}
    passes = [Pass(name, "model" if family else "human", family, "", "", "", "") for name, family in families.items()]
    claims: dict[str, list[str]] = {}
    for row in loader.base_rows()["claim_matrix"]:
        claims.setdefault(row["event_id"], []).append(row["claim"])
    listed = [{"event_id": event, "claims": own} for event, own in claims.items()]
    read = Annotations(tuple(passes), tuple(from_rows(given))).tables()
    kept = label(tables | read | {"claims": pa.Table.from_pylist(listed, schema=CLAIMS)}, read_params()).kept
    blocks = {row["article_id"]: row["block_id"] for row in rows["articles"]}
    for name in ("relevance", "entries", "article_stance"):  # the stage `link` fills these in
        values = [blocks[article] for article in kept[name]["article_id"].to_pylist()]
        kept[name] = set_column(kept[name], "block_id", values)
    for name in ("relevance", "entries"):
        for way in ("article", "block"):
            folds = {row["article_id"]: row["fold"] for row in rows["splits"] if row["split"] == way}
            values = [folds[article] for article in kept[name]["article_id"].to_pylist()]
            kept[name] = set_column(kept[name], f"fold_{way}", values)
    return tables | kept


def _find_failing(tables: dict[str, Any], folder: Path) -> set[str]:
    outcome = validate(loader.write_tables(folder, tables), range(4, 5))
    assert outcome.skipped == {}
    return {found.check for found in outcome.incidents} - {"rows-ordered"}  # rows are added at the end here


def _copy_pass(rows: loader.Rows, like: str, name: str) -> list[dict[str, Any]]:
    """Return the judgements of one annotator as another's, who gives reasons of their own."""
    return [
        row | {"annotator": name, "judgement_id": row["judgement_id"].replace(like, name, 1), "reason": f"{name}'s"}
        for row in rows["annotations"]
        if row["annotator"] == like
    ]


def test_the_label_tables_read_by_eye_are_what_the_build_counts() -> None:
    shown, counted = loader.tables_of(loader.base_rows()), _label(loader.base_rows())
    for name in (*LABEL_TABLES, "sentences", "articles"):
        assert counted[name].to_pylist() == shown[name].to_pylist(), name


@pytest.mark.parametrize("like", ["clerk", "model-1", "model-2"])
def test_a_fourth_annotator_makes_ties_and_the_labels_stay_sound(like: str, tmp_path: Path) -> None:
    rows = loader.base_rows()
    rows["annotations"] += _copy_pass(rows, like, "model-4")
    tables = _label(rows)
    assert _find_failing(tables, tmp_path) == set()
    bears = {row["sentence_id"]: row for row in tables["relevance"].to_pylist()}
    tied = {unit for unit, row in bears.items() if row["bears_on"] is None}
    assert tied == ({f"{ARTICLE}.p01.02"} if like == "model-2" else set())  # a person decided p01.03
    unclear = {row["item_id"] for row in tables["votes"].to_pylist() if row["is_unclear"] and row["level"] != "entry"}
    assert tied <= unclear


@pytest.mark.parametrize("like", ["clerk", "model-2"])
def test_persons_decide_alone_and_two_who_differ_leave_no_label(like: str, tmp_path: Path) -> None:
    """A person who judged everything decides all; where a second person differs, nothing is decided."""
    rows = loader.base_rows()
    copied = _copy_pass(rows, like, "human-1")
    rows["annotations"] += [row | {"annotator_kind": "human", "family": None} for row in copied]
    tables = _label(rows)
    assert _find_failing(tables, tmp_path) == set()
    bears = {row["sentence_id"].rpartition(".p")[2]: row for row in tables["relevance"].to_pylist()}
    assert bears["01.01"]["gold_basis"] == "person"
    assert bears["01.02"]["bears_on"] == ("yes" if like == "clerk" else "no")  # the models have 2 of 3 for yes
    assert bears["01.03"]["gold_basis"] == "majority_of_persons"
    assert bears["01.03"]["bears_on"] == ("no" if like == "clerk" else None)
    seen = {row["sentence_id"][-5:] for row in tables["entries"].to_pylist()}
    assert seen == ({"01.01", "01.02"} if like == "clerk" else {"01.01"})  # on p01.03 one of two persons records one


@pytest.mark.parametrize("gone", ["clerk", "model-1", "model-2"])
def test_two_annotators_are_no_majority_of_three_and_only_that_is_wrong(gone: str, tmp_path: Path) -> None:
    rows = loader.base_rows()
    rows["annotations"] = [row for row in rows["annotations"] if row["annotator"] != gone]
    tables = _label(rows)
    assert _find_failing(tables, tmp_path) == COMPLETE
    by_models = [row for row in tables["relevance"].to_pylist() if row["gold_basis"] != "person"]
    assert len(by_models) == 3
    assert {(row["bears_on"], row["gold_basis"], row["n_annotators"]) for row in by_models} == {(None, None, 2)}
    assert {row["stance"] for row in tables["article_stance"].to_pylist()} == {None}
    assert {row["position"] for row in tables["entries"].to_pylist()} <= {None}


def test_no_judgement_gives_no_label_and_that_is_sound(tmp_path: Path) -> None:
    tables = _label(loader.base_rows() | {"annotations": []})
    assert all(tables[name].num_rows == 0 for name in LABEL_TABLES)
    assert _find_failing(tables, tmp_path) == set()


def test_spans_count_in_the_unit_s_own_text_wherever_they_touch_a_mask(tmp_path: Path) -> None:
    """[PERSON_1] masks the first two characters: spans inside it, across each of its ends, after it, and of all."""
    rows = loader.base_rows()
    unit = next(row for row in rows["sentences"] if row["sentence_id"] == f"{ARTICLE}.p01.01")
    judged = [
        row for row in rows["annotations"] if row["item_id"] == unit["sentence_id"] and row["field"] == "cue_span"
    ]
    masked = unit["text_masked"]
    ends = len(masked)
    for start, end in ((0, 1), (0, 10), (1, 9), (9, 11), (10, 11), (11, ends), (0, ends)):
        for row in judged:
            row |= {"quote_start": start, "quote_end": end, "quote": masked[start:end]}
        assert _find_failing(_label(rows), tmp_path / f"{start}-{end}") == set(), (start, end)


def test_a_unit_named_twice_by_one_pass_has_its_vote_once() -> None:
    rows = loader.base_rows()
    row = next(row for row in rows["annotations"] if row["field"] == "claim_units" and " " in row["value"])
    row["value"] += f" {ARTICLE}.t.01"
    assert _label(rows)["claim_matrix"]["sentence_ids"].to_pylist() == [[f"{ARTICLE}.p01.01"]]
