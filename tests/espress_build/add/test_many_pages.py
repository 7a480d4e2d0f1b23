"""What a curator is told and asked: likely copies, other outlets than stated, and how to stop."""

from __future__ import annotations

import os
import sys
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
from espress_build.inputs.record import parse_record
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
    (folder / "d.txt").write_bytes(TEXT)
    assert added(home, folder, "--yes") == 0
    said = capsys.readouterr().out
    first = next(line.split("/")[-1] for line in said.splitlines() if line.startswith("a.html"))
    assert f"{first} has the same outlet, day and headline" in said
    assert said.rstrip().endswith("2 drafted, 2 likely copy")
    assert added(home, folder, "--yes") == 0
    assert capsys.readouterr().out.rstrip().endswith("2 likely copy, 2 there already")


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
    assert "'heralt' is not in schema/registries/outlets.toml; nearest: herald; " in said.err
    assert said.out == ""


def test_some_refused_is_exit_code_1(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=b"%PDF-1.7 and so on")
    assert added(home, folder, "--yes") == 1
    assert "1 drafted, 1 refused; refused: 1 pdf" in capsys.readouterr().out


def test_a_page_is_added_once_under_whatever_facts(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = pages(tmp_path / "pages", a=PAGE) / "a.html"
    add = ["--project", str(home), "add", str(path), "--yes"]
    assert main(add) == 0
    said = capsys.readouterr().out
    assert "It waits for event_ids." in said
    assert main([*add, *STATED, "--published", "2021-01-01"]) == 2
    assert "holds the same page" in capsys.readouterr().err
    assert written(home) == 1


FACTS = "file,outlet_id,event_ids,authors,published,note\n"


def test_a_file_of_facts_states_those_of_each_page(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE, b=OTHER, c=PAGE.replace(b"engineer", b"architect"))
    facts = folder / "facts.csv"
    rows = "a.html,tribune,case-2020; trial-2021,Ann Lee;Bo Li,2021-02-03,page 3\nb.html,,trial-2021,,,\n"
    facts.write_text(FACTS + rows, encoding="utf-8")
    command = ["--project", str(home), "add", str(folder), "--yes", "--facts", str(facts)]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith("2 drafted, 1 drafted with gaps")
    (first,) = (home / "raw" / "articles").glob("tribune-20210203-*")
    record, problems = parse_record((first / "record.toml").read_text(encoding="utf-8"))
    assert problems == []
    assert record is not None
    assert record.value("event_ids") == ["case-2020", "trial-2021"]
    assert record.value("authors") == ["Ann Lee", "Bo Li"]
    assert record.facts["published"].note == "page 3"
    assert len(list((home / "raw" / "articles").glob("herald-*"))) == 2


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("x.html,herald,,,,\n", "'x.html' is not in"),
        ("a.html,herald,,,,\na.html,herald,,,,\n", "'a.html' is named twice"),
        ("a.html,heralt,,,,\n", "nearest: herald"),
        ("a.html,herald,case-2020;case-1999,,,\n", "'case-1999' is not in"),
    ],
)
def test_faults_in_a_file_of_facts_are_named_with_their_line_before_any_page_is_read(
    rows: str, says: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, facts = pages(tmp_path / "pages", a=PAGE), tmp_path / "facts.csv"
    facts.write_text(FACTS + rows, encoding="utf-8")
    assert main(["--project", str(home), "add", str(folder), "--yes", "--facts", str(facts)]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert f"{facts}, line " in said.err
    assert said.out == ""
    facts.write_text("file,outlets\na.html,herald\n", encoding="utf-8")
    assert main(["--project", str(home), "add", str(folder), "--yes", "--facts", str(facts)]) == 2
    assert "there is no fact ['outlets']" in capsys.readouterr().err


@pytest.mark.parametrize(("registry", "word", "line"), [("outlets", "HERALD", "herald"), ("events", "", "case-2020")])
def test_list_prints_the_ids_of_a_registry(
    registry: str, word: str, line: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--project", str(home), "list", registry, *filter(None, [word])]) == 0
    assert any(row.startswith(line) for row in capsys.readouterr().out.splitlines())
    assert main(["--project", str(home), "list", registry, "nothing like this"]) == 1


def test_propose_and_list_need_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pages(tmp_path / "pages", a=PAGE)
    monkeypatch.chdir(tmp_path)
    assert main(["propose", str(folder), "--jsonl", "out.jsonl", "--workers", "1"]) == 0
    assert b'"title": "Officers arrest engineer' in (tmp_path / "out.jsonl").read_bytes()
    assert main(["list", "sources"]) == 0
    assert main(["add", str(folder), "--yes"]) == 2
    assert main(["--project", "pages", "propose", str(folder), "--jsonl", "out.jsonl"]) == 2
    assert "no raw/ and schema/" in capsys.readouterr().err


def test_many_pages_need_yes_and_no_single_address(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    folder = pages(tmp_path / "pages", a=PAGE, b=OTHER)
    url = ["--yes", "--url", "https://herald.example/1", "--url-kind", "original"]
    for options, message in ((url, "--url is the address of one page"), ([], "--yes")):
        assert added(home, folder, *options) == 2
        assert message in capsys.readouterr().err
    assert written(home) == 0


def test_a_page_that_names_another_outlet_is_doubted_and_one_that_names_an_unknown_one_leaves_a_gap(
    registries: Registries, params: Params
) -> None:
    def of_globe(**stated: str) -> draft.Draft | Failure:
        asked: draft.Stated = {"event_ids": ["case-2020"], **stated}
        return draft_saved(Saved("page.html", PAGE.replace(b"The Herald", b"The Globe")), asked, registries, params)

    doubted, asked = of_globe(outlet_id="herald"), of_globe()
    assert isinstance(doubted, draft.Draft)
    assert doubted.doubts[0].startswith(
        "the page names 'The Globe' (opengraph: og:site_name) as its outlet, not herald"
    )
    assert isinstance(asked, draft.Draft)
    assert asked.gaps == ("outlet_id",)
    assert "state it by --outlet ID" in asked.doubts[0]
    assert asked.doubts[1].startswith("the page names 'The Globe'")
    assert not any("names" in doubt for doubt in drawn(registries, params, PAGE).doubts)


def test_an_archive_is_known_by_its_bytes_too(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "crawl"
    path.write_bytes(response(PAGE, url="http://herald.example/1") + response(OTHER, url="http://herald.example/2"))
    assert added(home, path, "--yes") == 0
    assert capsys.readouterr().out.rstrip().endswith("2 drafted")


def test_an_article_is_written_whole_or_not_at_all(tmp_path: Path, registries: Registries, params: Params) -> None:
    item = drawn(registries, params, PAGE)
    reached: list[str] = []
    with watched_disk(reached.append):
        draft.write(item, tmp_path / "whole")
    points = [point for point in reached if point != "remove"]  # a full disk lets files be removed
    assert len(points) > 4
    for end in range(len(points)):
        raw, left = tmp_path / str(end), iter(range(end))

        def refuse(point: str, left: Iterator[int] = left) -> None:
            if point != "remove" and next(left, None) is None:
                raise OSError(28, "no space left", point)

        with watched_disk(refuse), pytest.raises(OSError, match="no space left"):
            draft.write(item, raw)
        assert [path.name for path in raw.iterdir()] in ([], ["articles"])
        for folder in (raw / "articles").glob("*"):
            assert {path.name for path in folder.iterdir()} == {"source.html", "record.toml"}


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8")
def test_names_that_are_not_utf8_are_read_and_a_build_there_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / os.fsdecode(b"d\xff\x9b")
    odd.mkdir()
    (odd / os.fsdecode(b"p\xfe.html")).write_bytes(PAGE)
    (odd / "dangling.html").symlink_to(tmp_path / "nowhere")
    there = home.rename(odd / "project")
    folder = pages(odd / "pages", a=PAGE)
    assert added(there, folder, "--yes") == 0
    assert main(["propose", str(odd / "dangling.html"), "--jsonl", "-"]) == 2
    assert main(["--project", str(there), "propose", str(odd), "--jsonl", str(odd / "out.jsonl")]) == 0
    assert b"d\\udcff\\udc9b/dangling.html" in (odd / "out.jsonl").read_bytes()
    assert written(there) == 1
    capsys.readouterr()
    assert main(["--project", str(there), "run"]) == 2
    assert "the name of this folder is not UTF-8" in capsys.readouterr().err
