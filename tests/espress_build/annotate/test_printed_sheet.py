"""The sheet to print: whole, self-contained, well-formed; and a clear word where no browser can print it."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from espress.schema import schema
from espress_build.annotate import paper
from espress_build.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.annotate.items import Material

_VOID = {"meta", "br", "col"}


class _Reader(HTMLParser):
    """Checks that tags nest, and collects what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name in ("src", "href") for name, _ in attrs)
        self.open += [] if tag in _VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_sheet_asks_for_every_judgement(material: Material) -> None:
    page = paper.as_html(material)
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    assert "url(" not in page
    assert "@import" not in page
    said = " ".join(reader.words)
    for line in material.lines:
        assert said.count(line["text"]) >= 2, line["unit"]  # in the article, and as a unit
    assert page.count('class="unit"') == len(material.lines)
    fields = "source_id via_source_id source_span cue_span position attributed lapsed cue_strength carried_source_id"
    for field in [*fields.split(), "carried_cue_strength", "actor", "target", "measure"]:
        assert len(re.findall(rf"\b{field}\b", said)) > 2 * len(material.lines), field
    for field, entry in schema().codebook.items():
        assert entry["question"] in said, field
    for claims in material.claims.values():
        assert all(claim in said for claim in claims)


def test_without_chromium_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paper, "_BROWSERS", ("no-such-browser",))
    html = tmp_path / "sheet.html"
    options = ["annotate", "sheet", str(html), "--pdf", str(tmp_path / "sheet.pdf")]
    assert main(["--project", str(project), *options]) == 2
    told = capsys.readouterr().err
    assert "No Chromium is installed" in told
    assert f"Open {html} in any browser and print it: A4" in told
    assert html.is_file()


@pytest.mark.skipif(not any(map(shutil.which, paper._BROWSERS)), reason="no Chromium on this machine")
def test_chromium_prints_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>one page", encoding="utf-8")
    paper.print_pdf(tmp_path / "a.html", tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
