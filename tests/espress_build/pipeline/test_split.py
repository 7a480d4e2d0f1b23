"""Adding an article moves no published one, and no block lies on both sides of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PARAMS, PROPERTY

from espress.errors import InputError
from espress_build.inputs.folds import freeze_folds, read_folds
from espress_build.pipeline.split import assign_block_folds, split
from espress_build.tables import FOLDS, RELATIONS

if TYPE_CHECKING:
    from pathlib import Path


LETTERS = "abcdefghijkl"
BLOCKS = st.dictionaries(st.sampled_from(LETTERS), st.sampled_from(LETTERS), min_size=1)


def splits_of(blocks: dict[str, str], frozen: dict[str, str]) -> pa.Table:
    """Return the table `splits` of articles in these blocks."""
    rows = [{"article_id": article, "block_id": block} for article, block in blocks.items()]
    folds = [{"article_id": article, "fold": fold, "since": "0.1.0"} for article, fold in frozen.items()]
    tables = {
        "relations": pa.Table.from_pylist(rows, schema=RELATIONS),
        "folds": pa.Table.from_pylist(folds, schema=FOLDS),
    }
    return split(tables, PARAMS).kept["splits"]


def test_each_article_is_a_fold_by_article_and_each_block_one_by_block() -> None:
    rows = splits_of({"a": "a", "b": "a", "c": "c"}, {}).to_pylist()
    assert [(row["split"], row["article_id"], row["fold"]) for row in rows] == [
        ("article", "a", "a"), ("article", "b", "b"), ("article", "c", "c"),
        ("block", "a", "a"), ("block", "b", "a"), ("block", "c", "c"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("blocks", "frozen", "folds"),
    [
        ("aa", {"b": "b"}, {"a": "b", "b": "b"}),  # a lesser id joins the fold and does not rename it
        ("aaa", {"a": "a", "c": "c"}, {"a": "a", "b": None, "c": "c"}),  # b links two frozen folds and is in neither
    ],
)
def test_a_new_article_joins_the_one_frozen_fold_of_its_block(
    blocks: str, frozen: dict[str, str], folds: dict[str, str | None]
) -> None:
    assert assign_block_folds(dict(zip("abc", blocks, strict=False)), frozen) == folds


@PROPERTY
@given(BLOCKS, BLOCKS)
def test_what_is_published_stays_and_no_block_without_a_frozen_leak_is_torn(
    before: dict[str, str], added: dict[str, str]
) -> None:
    frozen = {article: str(fold) for article, fold in assign_block_folds(before, {}).items()}
    folds = assign_block_folds(before | added, frozen)
    assert folds.keys() == (before | added).keys()
    assert {article: folds[article] for article in frozen} == frozen
    for block in {*before.values(), *added.values()}:
        members = [article for article, of in (before | added).items() if of == block]
        if not members:
            continue
        known = {frozen[article] for article in members if article in frozen}
        found = {folds[article] for article in members}
        assert len(found) == 1 if len(known) < 2 else found <= known | {None}


def test_freezing_appends_the_new_alone_and_twice_is_once(tmp_path: Path) -> None:
    path = tmp_path / "folds.csv"
    path.write_text("article_id,fold,since\nb,b,0.1.0\n", encoding="utf-8")
    made = splits_of({"a": "a", "b": "a", "c": "c"}, {"b": "b"})
    assert freeze_folds(tmp_path, made, "0.2.0") == ["a", "c"]
    assert path.read_text(encoding="utf-8") == "article_id,fold,since\nb,b,0.1.0\na,b,0.2.0\nc,c,0.2.0\n"
    assert freeze_folds(tmp_path, made, "0.3.0") == []
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("article_id,fold\na,b\n", "the columns must be"),
        ("article_id,fold,since\na,a,0.1.0\na,b,0.1.0\n", "a is listed twice"),
        ("article_id,fold,since\na,,0.1.0\n", "line 2: a cell is empty"),
        ("", "folds.csv: "),
    ],
)
def test_a_wrong_list_of_folds_is_refused_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "folds.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_folds(tmp_path)


def test_a_corpus_that_was_never_published_has_no_list_of_folds(tmp_path: Path) -> None:
    assert read_folds(tmp_path).num_rows == 0
