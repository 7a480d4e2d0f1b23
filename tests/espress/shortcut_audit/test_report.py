"""The report says everything that the result holds, and nothing that the user's names and texts could make it say."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.espress.shortcut_audit.samples import REFUSED, sample

from espress.shortcut_audit.report.contents import Notes, every_string, number, sections
from espress.shortcut_audit.report.formats import clean, to_dict, to_json, to_markdown, to_text
from espress.shortcut_audit.report.html import to_html
from espress.shortcut_audit.report.plots import plot
from espress.shortcut_audit.result import NOT_APPLICABLE, UNDEFINED

if TYPE_CHECKING:
    from pathlib import Path

ANY = st.text(max_size=20)
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "ul", "li", "figure"} | {
    *("img", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}


def shape(page: Page) -> list[tuple[str, list[str]]]:
    return [(tag, sorted(attributes)) for tag, attributes in page.tags]


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and text."""

    def __init__(self, text: str) -> None:  # noqa: D107
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:  # noqa: D102
        self.text += data


@given(ANY, ANY, ANY)
@example(HOSTILE, HOSTILE, HOSTILE)
@example("$x_1$", "\\frac", "a\nb\x00c\u2028d\ud800")
@settings(max_examples=100, deadline=None)
def test_names_labels_and_texts_cannot_leave_their_place_in_the_html(name: str, label: str, text: str) -> None:
    with patch(
        "espress.shortcut_audit.report.html.plot", lambda audit, _: ("<svg/>", audit.shortcuts[0].name)
    ):  # for speed
        page = Page(to_html(sample(name, label, text)))
        usual = Page(to_html(sample()))
    assert {tag for tag, _ in page.tags} <= TAGS
    assert shape(page) == shape(usual)
    assert clean(f"{label}, fair") in page.text


@given(ANY)
@example(HOSTILE)
@example("$x_1$ \\frac {")
@example("a\nb\x00c\u2028d\ud800 \ue000 \U0001f600")
@settings(max_examples=5, deadline=None)
def test_any_name_can_stand_in_a_plot(name: str) -> None:
    svg, told = plot(sample(name), "skill")
    assert clean(name)[:20] in "".join(ET.fromstring(svg).itertext())  # noqa: S314  our own
    assert name in told


def test_the_html_asks_nothing_of_the_network() -> None:
    page = to_html(sample(HOSTILE))
    assert "default-src 'none'" in page
    for tag, attributes in Page(page).tags:
        assert tag not in {"script", "link", "iframe"}
        assert str(attributes.get("src", "data:")).startswith("data:")
        assert not {name for name in attributes if name.startswith("on")} | ({"href"} & set(attributes))
    assert "url(" not in page
    assert "@import" not in page


def test_the_html_can_be_read_without_its_pictures_and_colours() -> None:
    page = to_html(sample())
    tags = Page(page).tags
    pictures = [attributes for tag, attributes in tags if tag == "img"]
    assert len(pictures) == 2
    for picture in pictures:
        assert "outlet 0." in str(picture["alt"])
        svg = ET.fromstring(base64.b64decode(str(picture["src"]).partition(",")[2]))  # noqa: S314  our own
        told = "".join(svg.itertext())
        assert "outlet" in told
        assert not any("script" in element.tag for element in svg.iter())
    assert tags[0] == ("html", {"lang": "en"})
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in tags if tag == "th")
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags)


def test_every_string_of_the_report_stands_in_each_form_of_it() -> None:
    audit = sample()
    page = Page(to_html(audit))
    markdown = re.sub(r"\\(.)", r"\1", to_markdown(audit))
    text = " ".join(to_text(audit).split()).casefold()
    for said in every_string(sections(audit)):
        assert clean(said) in page.text
        assert clean(said) in markdown
        assert clean(said).casefold() in text


def test_the_verdict_comes_first_and_what_is_missing_has_its_reason() -> None:
    lines = to_markdown(sample()).splitlines()
    assert lines[:5] == [
        "# Shortcut audit of votes.csv",
        "",
        "## Verdict",
        "",
        "- biased is predictable from outlet in this split.",
    ]
    whole = "\n".join(lines)
    assert f"| outlet × day | {NOT_APPLICABLE} | {NOT_APPLICABLE} | – | – | – | – | no model compared |" in whole
    assert f"| look-up: outlet × day | {NOT_APPLICABLE} | – | – | – | 600 |" in whole
    assert f"| {UNDEFINED} |" in whole
    assert "| look-up: day | 0.503 (b) |" in whole
    assert f"(b) {REFUSED}" in whole
    assert "0.420 (0.310 to 0.530) (a) | 0.498 | 0.214 | 0.0010 | 0.0020 | 0.810 (0.620 to 1.040) |" in whole


CELLS = re.compile(r"(?<!\\)(?:\\\\)*\|")


@given(ANY, ANY, ANY)
@example("a|b\\", "`c|d`", "\\|\n\n# e\n| f |")
@settings(max_examples=100, deadline=None)
def test_markdown_tables_keep_their_columns(name: str, label: str, text: str) -> None:
    shape = [len(CELLS.findall(line)) for line in to_markdown(sample()).splitlines()]
    made = to_markdown(sample(name, label, text)).splitlines()
    assert [len(CELLS.findall(line)) for line in made] == shape
    assert [line[:2] for line in made if line.startswith("#")] == ["# ", *["##"] * (len(sections(sample())))]


@given(ANY, ANY, st.text(st.characters(codec="utf-8"), max_size=20))
@settings(max_examples=50, deadline=None)
def test_json_gives_back_the_result(name: str, label: str, text: str) -> None:
    audit = sample(name, label, text)
    assert json.loads(to_json(audit)) == to_dict(audit) == audit.to_dict()
    assert to_dict(audit)["shortcuts"][1]["skill"] == {"value": 0.006, "low": None, "high": None, "reason": REFUSED}


def test_the_same_result_gives_the_same_bytes_in_another_process(tmp_path: Path, project: Path) -> None:
    code = "from tests.espress.shortcut_audit.samples import sample; print(sample('媒体').to_html())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONUTF8": "1"},
    )
    assert done.stdout.decode() == to_html(sample("媒体")) + "\n"


def test_a_result_shows_itself() -> None:
    audit = sample()
    assert str(audit) == audit.to_markdown() == to_markdown(audit)
    assert audit._repr_html_() == audit.to_html()
    assert audit.flagged == ("outlet",)


def test_notes_are_lettered_by_words_and_numbers_never_show_minus_nothing() -> None:
    notes = Notes()
    assert [notes.mark(reason) for reason in ("x", None, "y", "x")] == [" (a)", "", " (b)", " (a)"]
    assert [notes.mark(str(place)) for place in range(60)][-1] == " (bj)"
    assert (number(-0.0001), number(None), number(-0.5)) == ("0.000", "–", "-0.500")


def test_without_matplotlib_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    from espress.errors import MissingLibraryError

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'espress\[audit\]'"):
        to_html(sample())
    assert to_markdown(sample())
