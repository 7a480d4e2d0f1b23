"""`espress show ARTICLE --html`: where the page goes, and what is never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from espress.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "kafkadesk-20190723-7419d615"


@pytest.fixture(autouse=True)
def _work_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("arguments", [["kafkadesk", "--html"], ["--html", "kafkadesk"]])
def test_the_page_gets_the_name_of_the_article(arguments: list[str], tmp_path: Path) -> None:
    assert main(["show", *arguments]) == 0
    (page,) = tmp_path.iterdir()
    assert page.name == f"{ARTICLE}.html"
    first = page.read_bytes()
    assert main(["show", *arguments]) == 0
    assert page.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [page.name]


def test_a_dash_prints_the_same_page(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", ARTICLE, "--html", "mine.html"]) == 0
    capfdbinary.readouterr()
    assert main(["show", ARTICLE, "--html", "-"]) == 0
    assert capfdbinary.readouterr().out == (tmp_path / "mine.html").read_bytes()


def test_another_file_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.html").write_text("mine", encoding="utf-8")
    assert main(["show", ARTICLE, "--html", "thesis.html"]) == 2
    assert "thesis.html exists and is not a page of `espress show --html`" in capsys.readouterr().err
    assert (tmp_path / "thesis.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--html"], "Name an article: espress show ARTICLE --html."),
        (["global", "--html"], "'global' is the beginning of 2 article ids"),
        (["kafkadesq", "--html"], f"Known, nearest first: {ARTICLE}"),
        ([ARTICLE, "--html", "no/page.html"], "no/page.html cannot be written: there is no folder no."),
        ([ARTICLE, "--html", "."], ". is a folder. Name a file in it"),
        ([ARTICLE, "--html", "--hydrated", "."], ". was not filled by espress hydrate or collect."),
    ],
)
def test_errors_leave_no_files(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
