"""The folder of articles: what does not belong there, or could lead out of it, stops the build with its path."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, PARAMS, REGISTRIES, Corpus

from espress.errors import InputError
from espress_build.inputs.folds import read_unit_moves
from espress_build.pipeline.ingest import article_folders
from espress_build.pipeline.runner import read_batch

if TYPE_CHECKING:
    from collections.abc import Callable


def folder_problems(corpus: Corpus) -> list[str]:
    """Look at the folders of a corpus; returns what stands in the InputError."""
    with pytest.raises(InputError) as error:
        article_folders(corpus.raw)
    return error.value.problems


def test_folders_are_listed_in_order_of_names_whatever_the_disk_says(corpus: Corpus) -> None:
    made = [corpus.add(outlet=outlet, day=day) for outlet, day in (("tribune", "2020-01-01"), ("herald", "2021-01-01"))]
    made.append(corpus.add(day="2020-12-31"))
    assert article_folders(corpus.raw) == sorted(made, key=lambda path: path.name)


@pytest.mark.parametrize("there", [True, False])
def test_a_raw_folder_without_articles_is_an_error_that_says_how_to_add_one(corpus: Corpus, *, there: bool) -> None:
    if not there:
        (corpus.raw / "articles").rmdir()
    (problem,) = folder_problems(corpus)
    assert str(corpus.raw) in problem
    assert "espress-build add" in problem


BAD_NAMES = [
    "con", "nul", "aux", "com1", "lpt9", "con.txt", "herald", "herald-20200102", "herald-2020-01-02-00000000",
    "Herald-20200102-00000000", "herald-20200102-0000000G", "herald-20200102-ABCDEF00", "herald-20200102-0000000",
    "herald-20200102-000000000", "-20200102-00000000", "herald--20200102-00000000", "her_ald-20200102-00000000",
    "herald:x-20200102-00000000", "herald-20200102-00000000.", "herald-20200102-00000000 ",
    "her\\ald-20200102-00000000", "herald-20200102-00000000\n", "h\u00e9rald-20200102-00000000",
    "herald-\uff12020010\uff12-00000000", "..herald-20200102-00000000",
    "herald*-20200102-00000000", "herald?-20200102-00000000", ".git", ".DS_Store",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_folder_whose_name_is_no_article_id_is_named(name: str, corpus: Corpus) -> None:
    corpus.add().rename(corpus.raw / "articles" / name)
    (problem,) = folder_problems(corpus)
    assert problem.startswith(str(corpus.raw / "articles" / name))
    assert "<outlet_id>-<yyyymmdd or undated>-<8 hex digits>" in problem


CLIMBING = [
    "../herald-20200102-00000000", "/herald-20200102-00000000", "herald-20200102-00000000/../x", "..", "C:\\x",
    "./herald-20200102-00000000", "articles/herald-20200102-00000000", "con-../x-20200102-00000000", "",
]  # fmt: skip


@pytest.mark.parametrize("name", [*CLIMBING, *BAD_NAMES])
def test_a_record_whose_id_climbs_or_that_windows_cannot_hold_is_refused(name: str, corpus: Corpus) -> None:
    folder = corpus.add()
    written = name.replace("\\", "\\\\").replace("\n", "\\n")
    corpus.edit(folder, f'article_id = "{folder.name}"', f'article_id = "{written}"')
    with pytest.raises(InputError) as error:
        corpus.received()
    assert f"article_id {name!r} must be <outlet_id>" in str(error.value)
    assert str(folder / "record.toml") in str(error.value)
    assert [path.name for path in corpus.raw.parent.iterdir()] == [corpus.raw.name]


def test_two_folders_that_claim_one_id_are_refused_and_both_are_named(corpus: Corpus) -> None:
    folder = corpus.add()
    copy = folder.with_name("herald-20200103-00000000")
    shutil.copytree(folder, copy)
    with pytest.raises(InputError, match=r"article_id is '.*but the folder is 'herald-20200103-00000000'") as error:
        read_batch(article_folders(corpus.raw), REGISTRIES, PARAMS)
    (problem,) = error.value.problems
    assert str(copy) in problem
    assert folder.name in problem


def link_outside(path: Path) -> None:
    """Put a symbolic link in the place of a file or folder, which moves out of the corpus."""
    raw = next(folder for folder in path.parents if folder.name == "raw")
    path.symlink_to(path.rename(raw.parent / path.name))


def put_in_place(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what replaces a file by what `make` makes at its path."""

    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


FILES = ("source.txt", "record.toml")
FOLDER_FAULTS: list[tuple[str, Callable[[Path], object], str]] = [
    *((name, link_outside, "is not a plain file") for name in FILES),
    *((name, put_in_place(Path.mkdir), "is not a plain file") for name in FILES),
    ("source.txt", put_in_place(os.mkfifo), "is not a plain file"),  # a pipe, which is not waited for
    *((name, Path.unlink, "is missing.") for name in FILES),
    *((name, Path.touch, "does not belong in an article folder") for name in ("notes.md", "Source.txt", ".DS_Store")),
    *((name, Path.touch, "does not belong in an article folder") for name in ("source.txt~", "source.html")),
    ("../herald-20200102-00000000", Path.touch, "is not an article folder"),
    ("../herald-20200102-00000000", lambda path: path.symlink_to("nowhere"), "symbolic link"),
    ("", link_outside, "symbolic link"),
]


@pytest.mark.parametrize(("name", "spoil", "says"), FOLDER_FAULTS)
def test_a_folder_with_a_missing_stray_or_special_file_is_refused(
    name: str, spoil: Callable[[Path], object], says: str, corpus: Corpus
) -> None:
    path = Path(os.path.normpath(corpus.add() / name))
    spoil(path)
    (problem,) = folder_problems(corpus)
    assert str(path) in problem
    assert says in problem


def test_all_problems_of_all_folders_are_listed(corpus: Corpus) -> None:
    first, second = corpus.add(day="2020-01-01"), corpus.add(day="2020-01-02")
    (first / "source.txt").unlink()
    (first / "stray").touch()
    (second / "record.toml").unlink()
    (corpus.raw / "articles" / "nul").mkdir()
    assert len(folder_problems(corpus)) == 4


def test_two_articles_of_the_same_bytes_on_two_days_are_both_kept(corpus: Corpus) -> None:
    folders = [corpus.add(day=day) for day in ("2020-01-01", "2020-01-02")]
    table = corpus.received()
    assert table["article_id"].to_pylist() == [folder.name for folder in folders]
    assert len(set(table["raw_sha256"].to_pylist())) == 1


def test_a_row_holds_bytes_and_facts_as_on_disk_and_reading_changes_nothing_there(corpus: Corpus) -> None:
    source = ("\ufeff" + BASIC_PAGE).replace("\n", "\r\n").encode()
    authors = ["A. Writer", "B. Writer"]
    folder = corpus.add(source, authors=authors, section="news", agency_id="wire", republisher_id="mirror-site")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    (row,) = corpus.received().to_pylist()
    assert (row["article_id"], row["source"], row["source_bytes"]) == (folder.name, source, len(source))
    found = {one["field"]: one["values"] for one in row["facts"]}
    assert found["authors"] == authors
    assert found["section"] == ["news"]
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "written",
    ["", "old_sentence_id,sentence_id\n", "sentence_id,old_sentence_id,since,reason\n", "a,b,c,d\n1,2,3\n", "\xff"],
)
def test_a_map_of_units_that_cannot_be_read_is_named_with_its_columns(written: str, corpus: Corpus) -> None:
    path = corpus.raw / "unit_moves.csv"
    path.write_bytes(written.encode("latin-1"))
    with pytest.raises(InputError) as error:
        read_unit_moves(corpus.raw)
    assert str(path) in str(error.value)
    assert "'old_sentence_id'" in str(error.value)


def test_a_map_of_units_keeps_an_empty_successor_as_null(corpus: Corpus) -> None:
    lines = ["old_sentence_id,sentence_id,since,reason", "a.t.01,b.t.01,0.2.0,role", "a.p01.01,,0.2.0,source"]
    (corpus.raw / "unit_moves.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert read_unit_moves(corpus.raw)["sentence_id"].to_pylist() == ["b.t.01", None]
