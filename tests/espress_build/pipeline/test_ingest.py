"""The folder of articles: what does not belong there, or could lead out of it, stops the build with its path."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, Corpus, real_articles

from espress.errors import InputError
from espress_build.inputs.folds import read_unit_moves
from espress_build.inputs.record import ARTICLE_ID, parse_record
from espress_build.pipeline.ingest import article_folders
from espress_build.pipeline.runner import read_batch

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


def folder_problems(corpus: Corpus) -> list[str]:
    """Look at the folders of a corpus; returns what stands in the InputError."""
    with pytest.raises(InputError) as error:
        article_folders(corpus.raw)
    return error.value.problems


def test_folders_are_listed_in_order_of_names_whatever_the_disk_says(corpus: Corpus) -> None:
    made = [corpus.add(outlet=outlet, day=day) for outlet, day in (("tribune", "2020-01-01"), ("herald", "2021-01-01"))]
    made.append(corpus.add(day="2020-12-31"))
    assert article_folders(corpus.raw) == sorted(made, key=lambda path: path.name)


def test_a_raw_folder_without_articles_is_an_error_that_says_how_to_add_one(corpus: Corpus) -> None:
    (corpus.raw / "articles").rmdir()
    (problem,) = folder_problems(corpus)
    assert "espress-build add" in problem


def test_an_empty_folder_of_articles_is_an_error_that_says_how_to_add_one(corpus: Corpus) -> None:
    (problem,) = folder_problems(corpus)
    assert str(corpus.raw / "articles") in problem
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
def test_a_record_whose_id_climbs_or_that_windows_cannot_hold_is_refused(
    name: str, corpus: Corpus, registries: Registries, params: Params
) -> None:
    folder = corpus.add()
    written = name.replace("\\", "\\\\").replace("\n", "\\n")
    corpus.edit(folder, f'article_id = "{folder.name}"', f'article_id = "{written}"')
    with pytest.raises(InputError) as error:
        corpus.received(registries, params)
    assert f"article_id {name!r} must be <outlet_id>" in str(error.value)
    assert str(folder / "record.toml") in str(error.value)
    assert [path.name for path in corpus.raw.parent.iterdir()] == [corpus.raw.name]


@pytest.mark.parametrize("device", ["con", "prn", "aux", "nul", "com1", "lpt1"])
def test_an_outlet_that_is_called_like_a_device_gives_a_folder_that_windows_can_hold(device: str) -> None:
    name = f"{device}-20200102-00000000"
    assert ARTICLE_ID.fullmatch(name)
    assert name.partition(".")[0] != device


def test_an_id_that_is_not_the_folders_name_is_refused_and_both_are_named(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    folder = corpus.add()
    moved = folder.rename(folder.with_name("herald-20200103-00000000"))
    with pytest.raises(
        InputError, match=r"article_id is 'herald-20200102-.*but the folder is 'herald-20200103-00000000'"
    ):
        read_batch([moved], registries, params)


def test_two_folders_that_claim_one_id_are_refused(corpus: Corpus, registries: Registries, params: Params) -> None:
    folder = corpus.add()
    copy = folder.with_name("herald-20200103-00000000")
    shutil.copytree(folder, copy)
    with pytest.raises(InputError) as error:
        read_batch(article_folders(corpus.raw), registries, params)
    (problem,) = error.value.problems
    assert str(copy) in problem
    assert folder.name in problem


def test_a_symlinked_folder_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus.add()
    outside = folder.rename(tmp_path / folder.name)
    folder.symlink_to(outside, target_is_directory=True)
    (problem,) = folder_problems(corpus)
    assert str(folder) in problem
    assert "symbolic link" in problem


def test_a_link_that_leads_nowhere_is_refused(corpus: Corpus) -> None:
    link = corpus.raw / "articles" / "herald-20200102-00000000"
    link.symlink_to(corpus.raw / "nothing")
    assert "symbolic link" in folder_problems(corpus)[0]


@pytest.mark.parametrize("name", ["source.txt", "record.toml"])
def test_a_symlinked_file_is_refused(name: str, corpus: Corpus, tmp_path: Path) -> None:
    file = corpus.add() / name
    outside = file.rename(tmp_path / name)
    file.symlink_to(outside)
    (problem,) = folder_problems(corpus)
    assert problem.startswith(f"{file} is not a plain file")


@pytest.mark.parametrize("name", ["source.txt", "record.toml"])
def test_a_folder_in_place_of_a_file_is_refused(name: str, corpus: Corpus) -> None:
    file = corpus.add() / name
    file.unlink()
    file.mkdir()
    (problem,) = folder_problems(corpus)
    assert problem.startswith(f"{file} is not a plain file")


def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(corpus: Corpus) -> None:
    file = corpus.add() / "source.txt"
    file.unlink()
    os.mkfifo(file)
    assert folder_problems(corpus)[0].startswith(f"{file} is not a plain file")


@pytest.mark.parametrize("name", ["source.txt", "record.toml"])
def test_a_missing_file_is_named(name: str, corpus: Corpus) -> None:
    file = corpus.add() / name
    file.unlink()
    (problem,) = folder_problems(corpus)
    assert problem == f"{file} is missing."


@pytest.mark.parametrize("name", ["notes.md", "Source.txt", "source.txt~", ".DS_Store", "source.html"])
def test_a_stray_file_in_an_article_folder_is_named(name: str, corpus: Corpus) -> None:
    file = corpus.add() / name
    file.touch()
    (problem,) = folder_problems(corpus)
    assert problem.startswith(f"{file} does not belong in an article folder")


def test_a_stray_file_beside_the_article_folders_is_named(corpus: Corpus) -> None:
    corpus.add()
    file = corpus.raw / "articles" / "herald-20200102-00000000"
    file.touch()
    (problem,) = folder_problems(corpus)
    assert problem.startswith(f"{file} is not an article folder")


def test_all_problems_of_all_folders_are_listed(corpus: Corpus) -> None:
    first, second = corpus.add(day="2020-01-01"), corpus.add(day="2020-01-02")
    (first / "source.txt").unlink()
    (first / "stray").touch()
    (second / "record.toml").unlink()
    (corpus.raw / "articles" / "nul").mkdir()
    assert len(folder_problems(corpus)) == 4


def test_two_articles_of_the_same_bytes_on_two_days_are_both_kept(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    folders = [corpus.add(day=day) for day in ("2020-01-01", "2020-01-02")]
    table = corpus.received(registries, params)
    assert table["article_id"].to_pylist() == [folder.name for folder in folders]
    assert len(set(table["raw_sha256"].to_pylist())) == 1


def test_a_row_holds_the_bytes_and_facts_as_they_stand_on_disk(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    source = ("\ufeff" + BASIC_PAGE).replace("\n", "\r\n").encode()
    folder = corpus.add(source, authors=["A. Writer", "B. Writer"], section="news")
    (row,) = corpus.received(registries, params).to_pylist()
    assert row["source"] == source
    assert row["source_bytes"] == len(source)
    facts = {one["field"]: one["values"] for one in row["facts"]}
    assert facts["authors"] == ["A. Writer", "B. Writer"]
    assert facts["section"] == ["news"]
    assert row["article_id"] == folder.name


def test_reading_changes_nothing_on_disk(corpus: Corpus, registries: Registries, params: Params) -> None:
    folder = corpus.add()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    corpus.received(registries, params)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_an_unregistered_agency_and_a_registered_one_are_told_apart(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    corpus.add(agency_id="wire", republisher_id="mirror-site")
    assert corpus.received(registries, params).num_rows == 1


@pytest.mark.parametrize("name", [folder.name for folder in real_articles()])
def test_the_real_articles_ids_are_those_that_their_facts_give(name: str) -> None:
    folder = next(folder for folder in real_articles() if folder.name == name)
    record, problems = parse_record((folder / "record.toml").read_text(encoding="utf-8"))
    assert problems == []
    assert record is not None
    assert record.article_id == name


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
