"""What a curator is told and asked: likely copies, other outlets than stated, and how to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.disk_points import watched_disk
from tests.espress_build.pages.archives import response
from tests.espress_build.pages.test_propose_pages import PAGE, TEXT
from tests.espress_build.pipeline.helpers import write_registries

from espress_build.add import draft
from espress_build.add.already_there import Present
from espress_build.add.draft import draft_saved
from espress_build.cli.main import main
from espress_build.pages.saved import Failure, Saved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

STATED = ["--event", "case-2020", "--outlet", "herald"]
OTHER = PAGE.replace(b"arrest engineer", b"arrest another engineer")
AGAIN = PAGE.replace(b"All rights", b"Some rights")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a project of invented outlets without an article."""
    place = tmp_path / "project"
    for folder in ("raw", "schema/registries"):
        (place / folder).mkdir(parents=True)
    write_registries(place / "schema" / "registries")
    return place


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str | type[BaseException]]:
    """Return what a curator at a terminal will answer, to be filled by the test."""
    given: list[str | type[BaseException]] = []

    def answer(_question: str) -> str:
        said = given.pop(0)
        if isinstance(said, str):
            return said
        raise said

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    return given


def pages(folder: Path, **contents: bytes) -> Path:
    """Write pages into a folder, which is returned."""
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.html").write_bytes(content)
    return folder


def added(home: Path, path: Path, *more: str) -> int:
    return main(["--project", str(home), "add", str(path), *STATED, *more])


def written(home: Path) -> int:
    return len(list((home / "raw" / "articles").glob("*")))


def test_a_second_copy_is_left_in_a_batch_and_named_with_the_first(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=AGAIN, c=OTHER)
    assert added(home, folder, "--yes") == 0
    said = capsys.readouterr().out
    first = next(line.split("/")[-1] for line in said.splitlines() if line.startswith("a.html"))
    assert f"{first} has the same outlet, day and headline" in said
    assert said.rstrip().endswith("2 drafted, 1 likely copy")
    assert added(home, folder, "--yes") == 0
    assert capsys.readouterr().out.rstrip().endswith("1 likely copy, 2 there already")


def test_alone_a_likely_copy_is_written_with_the_doubt_first(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=AGAIN)
    for name in ("a", "b"):
        assert added(home, folder / f"{name}.html", "--yes") == 0
    assert "Look at these first:\n  ?   this may be another copy" in capsys.readouterr().out
    assert written(home) == 2


def drawn(registries: Registries, params: Params, payload: bytes, url: str | None = None) -> draft.Draft:
    """Return the draft of a page of the Herald."""
    stated: dict[str, str | list[str]] = {"event_ids": ["case-2020"], "outlet_id": "herald"}
    if url is not None:
        stated |= {"url": url, "url_kind": "original"}
    item = draft_saved(Saved("page.html", payload), stated, registries, params)
    assert isinstance(item, draft.Draft), item
    return item


def test_one_address_is_one_article_unless_it_is_a_sites_first_page(
    tmp_path: Path, registries: Registries, params: Params
) -> None:
    home, page = "https://herald.example/", "https://herald.example/1"
    for url in (home, page):
        draft.write(drawn(registries, params, PAGE.replace(b"All", url.encode()), url), tmp_path)
    present = Present(tmp_path, params)
    other = {
        url: present.copied(drawn(registries, params, OTHER, url))
        for url in (page, "http://www.herald.example/1/?utm_source=x", "https://herald.example/2", home)
    }
    assert [said and said.rpartition(" has ")[2] for said in other.values()] == ["the same address"] * 2 + [None] * 2


def test_text_and_html_of_one_article_are_copies_of_each_other(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE)
    (folder / "b.txt").write_bytes(TEXT)
    assert added(home, folder, "--yes") == 0
    assert "1 drafted, 1 likely copy" in capsys.readouterr().out


def test_a_curator_answers_each_draft_and_stops_when_it_is_enough(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], answers: list[str | type[BaseException]]
) -> None:
    several = {name: PAGE.replace(b"arrest engineer", b"arrest engineer %s" % name.encode()) for name in "abcd"}
    folder = pages(tmp_path / "pages", **several)
    answers[:] = ["y", "no", "YES", KeyboardInterrupt]
    assert added(home, folder) == 0
    said = capsys.readouterr().out
    assert "1 declined, 2 drafted" in said
    assert "Stopped" in said
    assert written(home) == 2
    answers[:] = ["q"]
    assert added(home, folder / "b.html") == 1
    assert "Nothing was written." in capsys.readouterr().out


def test_a_curator_may_write_a_likely_copy(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], answers: list[str | type[BaseException]]
) -> None:
    answers[:] = ["y", "y"]
    assert added(home, pages(tmp_path / "pages", a=PAGE, b=AGAIN)) == 0
    assert "this may be another copy of an article that is there" in capsys.readouterr().out
    assert written(home) == 2


def test_a_stated_id_that_is_in_no_registry_is_one_error_before_any_page_is_read(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=OTHER)
    arguments = ["--project", str(home), "add", str(folder), "--yes", "--outlet", "heralt", "--event", "case-1999"]
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.count("add an entry there or correct it") == 2
    assert said.out == ""


def test_one_address_is_not_stated_for_many_pages(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=OTHER)
    assert added(home, folder, "--yes", "--url", "https://herald.example/1", "--url-kind", "original") == 2
    assert "--url is the address of one page" in capsys.readouterr().err
    assert written(home) == 0


def test_a_page_that_names_another_outlet_is_doubted_or_asked_for(registries: Registries, params: Params) -> None:
    def of_globe(**stated: str) -> draft.Draft | Failure:
        asked: draft.Stated = {"event_ids": ["case-2020"], **stated}
        return draft_saved(Saved("page.html", PAGE.replace(b"The Herald", b"The Globe")), asked, registries, params)

    doubted, asked = of_globe(outlet_id="herald"), of_globe()
    assert isinstance(doubted, draft.Draft)
    assert doubted.doubts[0].startswith(
        "the page names 'The Globe' (opengraph: og:site_name) as its outlet, not herald"
    )
    assert isinstance(asked, Failure)
    assert "state it: --outlet ID" in asked.detail
    assert "The page names 'The Globe'" in asked.detail
    assert not any("names" in doubt for doubt in drawn(registries, params, PAGE).doubts)


def test_an_archive_is_known_by_its_bytes_too(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "crawl"
    path.write_bytes(response(PAGE, url="http://herald.example/1") + response(OTHER, url="http://herald.example/2"))
    assert added(home, path, "--yes") == 0
    assert capsys.readouterr().out.rstrip().endswith("2 drafted")


def test_an_article_is_written_whole_or_not_at_all(tmp_path: Path, registries: Registries, params: Params) -> None:
    item = drawn(registries, params, PAGE)
    points: list[str] = []
    with watched_disk(points.append):
        draft.write(item, tmp_path / "whole")
    assert len(points) > 4
    for end in range(len(points)):
        raw, left = tmp_path / str(end), iter(range(end))

        def refuse(point: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise OSError(28, "no space left", point)

        with watched_disk(refuse), pytest.raises(OSError, match="no space left"):
            draft.write(item, raw)
        assert [path.name for path in raw.iterdir()] in ([], ["articles"])
        for folder in (raw / "articles").glob("*"):
            assert {path.name for path in folder.iterdir()} == {"source.html", "record.toml"}
