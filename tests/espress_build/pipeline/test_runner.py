"""Batches change no row, and the problems of all batches are reported together.

That builds give the same bytes for any number of workers, locale, zone and folder: tests/durability/test_same_bytes.py.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from tests.espress_build.pipeline.helpers import PARAMS, REGISTRIES, Corpus

from espress.errors import InputError
from espress_build.pipeline.runner import Inputs, run

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params


def in_batches(size: int) -> Params:
    """Return the parameters with another number of articles a batch."""
    return replace(PARAMS, package=replace(PARAMS.package, batch_articles=size))


def new_folder(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


@pytest.fixture
def mixed(corpus: Corpus) -> Corpus:
    """Seven articles, of which the third and the fourth are rejected; the first and the last share their text."""
    for day in range(1, 8):
        text = f"A headline {day}\n\n" + (
            f"Text number {day} of the corpus. " * 6 if 1 < day < 7 else "Shared words. " * 12
        )
        corpus.add("" if day in (3, 4) else text.strip(), day=f"2020-01-{day:02d}")
    return corpus


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_the_size_of_a_batch_changes_no_row(size: int, mixed: Corpus, tmp_path: Path) -> None:
    whole = run(Inputs(mixed.raw, REGISTRIES), PARAMS, new_folder(tmp_path, "whole"))
    cut = run(Inputs(mixed.raw, REGISTRIES), in_batches(size), new_folder(tmp_path, "cut"))
    assert cut.count >= -(-7 // size)
    for name in ("articles", "sentences"):
        first, second = (pa.concat_tables(made.tables(name)).to_pylist() for made in (whole, cut))
        assert first == second
    assert whole.rejects().to_pylist() == cut.rejects().to_pylist()
    assert whole.relations.equals(cut.relations)


def test_articles_rejects_and_relations_keep_their_order_over_batches(mixed: Corpus, tmp_path: Path) -> None:
    made = run(Inputs(mixed.raw, REGISTRIES), in_batches(2), new_folder(tmp_path, "aside"))
    rows, rejected = pa.concat_tables(made.tables("articles")).to_pylist(), made.rejects()["id"].to_pylist()
    ids = [row["article_id"] for row in rows]
    assert ids == sorted(ids)
    assert len(rejected) == 2
    assert rejected == sorted(rejected)
    assert sorted(ids + rejected) == [folder.name for folder in mixed.folders()]
    groups = {row["article_id"]: (row["duplicate_group"], row["duplicate_kind"]) for row in rows}
    assert groups[ids[0]] == groups[ids[-1]] == (ids[0], "exact")
    assert {row["block_id"] for row in rows} == {ids[0]}
    assert [row["text"].split()[2] for row in rows[1:-1]] == ["2", "5", "6"]


def test_a_corpus_of_which_every_article_is_rejected_gives_empty_tables(corpus: Corpus, tmp_path: Path) -> None:
    corpus.add("", day="2020-01-01")
    corpus.add(b"\xff", [], day="2020-01-02")
    before = sorted(tmp_path.rglob("*"))
    made = run(Inputs(corpus.raw, REGISTRIES), in_batches(1), new_folder(tmp_path, "aside"))
    assert [table.num_rows for table in made.tables("articles")] == [0, 0]
    assert made.rejects()["reason"].to_pylist() == ["empty_file", "not_utf8"]
    assert sorted(path for path in tmp_path.rglob("*") if made.folder not in (path, *path.parents)) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_the_problems_of_all_batches_are_listed_whoever_found_them(
    workers: int, corpus: Corpus, tmp_path: Path
) -> None:
    folders = [corpus.add(day=f"2020-01-0{day}") for day in range(1, 6)]
    corpus.edit(folders[0], 'value = "full"', 'value = "free"')
    corpus.edit(folders[0], 'value = ["case-2020"]', 'value = ["case-1999"]')
    corpus.edit(folders[1], "end = 42", "end = 41")
    corpus.edit(folders[2], "end = 42", "end = 99")
    corpus.edit(folders[3], "line = 3", "line = 7")
    (folders[4] / "source.txt").write_bytes(b"changed")
    with pytest.raises(InputError) as error:
        run(Inputs(corpus.raw, REGISTRIES), in_batches(1), new_folder(tmp_path, "aside"), workers)
    problems = error.value.problems
    assert isinstance(problems, list)
    expected = [(0, "'free'"), (0, "'case-1999'"), (1, "'.'"), (2, "99"), (3, "line 7"), (3, "line 3"), (4, "sha256")]
    assert len(problems) == len(expected)
    for folder, says in ((folders[number], says) for number, says in expected):
        assert any(folder.name in problem and says in problem for problem in problems), (folder.name, says)


def test_inputs_and_errors_travel_whole_between_processes() -> None:
    assert REGISTRIES.tables  # computed once and carried along
    for value in (REGISTRIES, PARAMS):
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes
    error = pickle.loads(pickle.dumps(InputError(["one", "two"])))  # noqa: S301 - our own bytes
    assert (type(error), error.problems, str(error)) == (InputError, ["one", "two"], "one\ntwo")
