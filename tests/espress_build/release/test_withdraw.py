"""Withdrawing an article: what remains of it, what is reported, and the build without it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.small_project import LATER, Project, commit, git
from tests.espress_build.release.test_release import watch
from tests.helpers import PROJECT, copy_project

from espress.data.releases import read_releases
from espress.errors import EspressError, InputError, UnknownNameError
from espress_build.build import assemble, places
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import read_registries
from espress_build.inputs.withdrawn import Tombstone, as_toml, read_tombstone, withdrawn_articles
from espress_build.labels.studies import Exchange, list_guesses
from espress_build.pipeline.ingest import article_folders
from espress_build.pipeline.runner import Inputs, run
from espress_build.release.version_rule import NumberError
from espress_build.release.withdraw import withdraw

if TYPE_CHECKING:
    from pathlib import Path

WHY = "its publisher asked for it"
FIRST_DAY = "2026-02-01"


def sources(raw: Path) -> list[str]:
    """Return the ids of the articles that raw/ holds, in order."""
    return sorted(path.parent.name for path in (raw / "articles").glob("*/source.txt"))


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A project with the real raw/ and schema/, under git."""
    project = copy_project(tmp_path / "project")
    git(tmp_path, "init", "-q", str(project))
    commit(project)
    return project


def test_a_tombstone_is_all_that_remains(full: Path) -> None:
    article = sources(full / "raw")[0]
    found = withdraw(full, article, WHY, FIRST_DAY)
    folder = full / "raw" / "articles" / article
    assert [path.name for path in folder.iterdir()] == ["withdrawn.toml"]
    assert read_tombstone(folder) == found.tombstone
    assert (found.tombstone.reason, found.tombstone.date) == (WHY, FIRST_DAY)
    assert found.tombstone.sha256.startswith(article[-8:])
    assert withdrawn_articles(full / "raw") == {article}
    assert article_folders(full / "raw")  # the others are read as before


def test_files_that_still_hold_its_words_are_listed(full: Path) -> None:
    article = sources(full / "raw")[-1]
    text = (full / "raw" / "articles" / article / "source.txt").read_text(encoding="utf-8")
    line = max(text.splitlines(), key=len)
    (full / "notes.md").write_text(f"Somebody wrote: {line[:120]}\n", encoding="utf-8")
    (full / "other.md").write_text("Nothing of it, but many words that are all my own.\n", encoding="utf-8")
    found = withdraw(full, article, WHY)
    named = {one.path: one for one in found.quotations}
    assert named["notes.md"].lines == 1
    assert {"raw/annotations/input.jsonl", "raw/annotations/model-1.csv"} <= set(named)
    assert "other.md" not in named
    said = str(found)
    assert "notes.md, lines: 1 - shorten the quotation" in said
    assert "git filter-repo" in said
    assert "MAJOR" in said
    assert not [name for name in named if name.startswith(f"raw/articles/{article}")]


def test_the_build_leaves_it_out(full: Path, tmp_path: Path) -> None:
    article = next(one for one in sources(full / "raw") if one.startswith("kafkadesk"))
    withdraw(full, article, WHY, FIRST_DAY)
    aside = tmp_path / "aside"
    aside.mkdir()
    batches = run(Inputs(full / "raw", read_registries(full / "schema" / "registries")), read_params(), aside)
    (reject,) = batches.rejects().to_pylist()
    assert reject == {"id": article, "stage": "extract", "reason": "withdrawn", "detail": f"{FIRST_DAY}: {WHY}"}
    for name in ("articles", "sentences", "annotations", "relevance", "entries", "article_stance", "claim_matrix"):
        (table,) = batches.tables(name)
        assert table.num_rows
        assert article not in table["article_id"].to_pylist()
    assert article not in batches.splits["article_id"].to_pylist()
    assert article not in batches.registries.tables["sources"]["first_seen"].to_pylist()
    annotations = full / "raw" / "annotations"
    (articles,) = batches.tables("articles")
    assert list_guesses(annotations, articles.to_pylist())  # the studies leave it out as well
    assert Exchange.read(annotations, "state_swap")


@pytest.mark.usefixtures("committed_sets")
def test_the_dataset_without_it_passes_the_checks_across_tables(full: Path) -> None:
    from espress_build.checks.validate import validate

    withdraw(full, sources(full / "raw")[0], WHY)
    staged = assemble(places(full), read_params(), 1)
    assert validate(staged, range(4, 5)).errors == []


def test_releases_that_held_it_are_marked_and_the_next_must_be_major(released: Project) -> None:
    shutil.copytree(PROJECT / "raw" / "articles", released.folder / "raw" / "articles")
    commit(released.folder)
    article = sources(released.folder / "raw")[0]
    found = withdraw(released.folder, article, WHY, FIRST_DAY)
    assert found.releases == ("0.1.0",)
    assert "Release 0.1.0 holds it" in str(found)
    path = released.folder / "releases" / "releases.json"
    (release,) = read_releases(path).values()
    assert release.status == "withdrawn"
    assert [(one.article_id, one.date, one.reason) for one in release.withdrawn] == [(article, FIRST_DAY, WHY)]
    commit(released.folder)
    for table in ("articles", "sentences", "splits"):
        released.build(table, lambda rows: [row for row in rows if row["article_id"] != article])
    with pytest.raises(NumberError, match=r"espress-build release 1\.0\.0"):
        released.release("0.2.0", LATER)
    released.release("1.0.0", LATER)
    assert [one.status for one in read_releases(path).values()] == ["withdrawn", "published"]


def test_stopped_anywhere_it_is_finished_by_the_same_command(
    released: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PROJECT / "raw" / "articles", released.folder / "raw" / "articles")
    commit(released.folder)
    article, calls = sources(released.folder / "raw")[0], 0

    def stop_at(last: int) -> None:
        nonlocal calls
        calls += 1
        if calls == last:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        watch(patched, lambda _call: stop_at(0))
        withdraw(released.copy(tmp_path / "whole").folder, article, WHY, FIRST_DAY)
    total = calls
    for last in range(total - 12, total + 1):  # the calls before these only unpack archives elsewhere
        calls, project = 0, released.copy(tmp_path / str(last)).folder
        with monkeypatch.context() as patched:
            watch(patched, lambda _call, last=last: stop_at(last))  # type: ignore[misc]
            with pytest.raises(KeyboardInterrupt):
                withdraw(project, article, WHY, FIRST_DAY)
        withdraw(project, article, WHY, FIRST_DAY)
        assert [path.name for path in (project / "raw" / "articles" / article).iterdir()] == ["withdrawn.toml"]
        (release,) = read_releases(project / "releases" / "releases.json").values()
        assert len(release.withdrawn) == 1
        assert article_folders(project / "raw")


def test_it_needs_an_article_and_a_reason(full: Path) -> None:
    article = sources(full / "raw")[0]
    with pytest.raises(UnknownNameError, match="nearest first"):
        withdraw(full, "nobody-20190101-00000000", WHY)
    for reason in (None, " \n"):
        with pytest.raises(EspressError, match="--reason"):
            withdraw(full, article, reason)
    with pytest.raises(EspressError, match="not a date"):
        withdraw(full, article, WHY, "yesterday")
    assert article in sources(full / "raw")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file lacks \\['article_id', 'date'"),
        ("article_id = 3", "article_id is 3, not a string"),
        ("not TOML", "withdrawn.toml: Expected"),
        (as_toml(Tombstone("x", "0" * 64, "2026-01-31", "x")), "do not fit the folder"),
        (as_toml(Tombstone("herald-undated-00000000", "0" * 64, "31 January", "x")), "write YYYY-MM-DD"),
        (as_toml(Tombstone("herald-undated-00000000", "0" * 64, "2026-01-31", " ")), "the reason is empty"),
    ],
)
def test_an_incomplete_tombstone_is_refused(text: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "herald-undated-00000000"
    folder.mkdir()
    (folder / "withdrawn.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_tombstone(folder)


def test_a_half_withdrawn_folder_names_the_command_that_finishes_it(full: Path) -> None:
    article = sources(full / "raw")[0]
    stone = Tombstone(article, "0" * 64, FIRST_DAY, WHY)
    (full / "raw" / "articles" / article / "withdrawn.toml").write_text(as_toml(stone), encoding="utf-8")
    with pytest.raises(InputError, match=f"espress-build withdraw {article}"):
        article_folders(full / "raw")
