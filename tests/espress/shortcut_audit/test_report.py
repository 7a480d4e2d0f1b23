"""The report says the same in every format, and nothing that the user's names and texts could make it say."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from tests.espress.shortcut_audit.samples import REFUSED, sample

from espress.errors import MissingLibraryError
from espress.shortcut_audit.criteria import NOT_APPLICABLE
from espress.shortcut_audit.report.escape import clean
from espress.shortcut_audit.report.plots import draw_label_shares, draw_skill
from espress.shortcut_audit.report.render import Notes, number, render, to_dict
from espress.shortcut_audit.result import UNDEFINED

if TYPE_CHECKING:
    from pathlib import Path

ANY = st.text(max_size=20)
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "ul", "li", "figure"} | {
    *("img", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
PICTURES = patch("espress.shortcut_audit.report.render.draw", lambda audit, *_: ("PHN2Zy8+", audit.shortcuts[0].name))
BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")

Tables = list[list[list[str]]]


class Page:
    """What a browser would see: elements in order with their attributes and texts, and tables."""

    def __init__(self, text: str) -> None:  # noqa: D107
        elements = [node for node in LexborHTMLParser(text).root.traverse() if node.tag]  # type: ignore[union-attr]
        self.tags = [(str(node.tag), node.attributes) for node in elements]
        self.texts = [(str(node.tag), node.text(deep=False)) for node in elements]
        self.tables = [
            [[cell.text() for cell in row.css("th, td")] for row in node.css("tr")]
            for node in elements
            if node.tag == "table"
        ]

    def shape(self) -> list[tuple[str, list[str]]]:  # noqa: D102
        return [(tag, sorted(attributes)) for tag, attributes in self.tags]


@cache
def render_usual(form: str) -> str:
    return render(sample(), form)


def markdown_tables(report: str) -> Tables:
    tables: Tables = [[]]
    for line in report.splitlines():
        cells = [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and not set("".join(cells)) <= set("-:"):
            tables[-1].append(cells)
        elif not line and tables[-1]:
            tables.append([])
    return [table for table in tables if table]


def text_tables(report: str) -> Tables:
    tables: Tables = [[]]
    for line in report.splitlines():
        if line.startswith("  ") and len(re.split(r" {2,}", line.strip())) > 1:
            tables[-1].append(re.split(r" {2,}", line.strip()))
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]


def test_every_format_gives_the_same_findings() -> None:
    audit = sample()
    page, markdown, text = (render(audit, form) for form in ("html", "md", "text"))
    seen = Page(page)
    assert len(seen.tables) == 17
    # Without pictures, the tables of label shares have bars in their last column.
    in_text, in_markdown = text_tables(text), markdown_tables(markdown)
    for tables in (in_text, in_markdown):
        bars = [[row.pop() for row in table] for table in tables[:2]]
        assert bars[0] == ["bar: ░ biased, █ fair", *("░" * n + "█" * (20 - n) for n in (11, 6, 19, 13))]
    assert seen.tables == in_markdown == in_text
    points = [" ".join(said.split()) for tag, said in seen.texts if tag == "li"]
    flat = " ".join(text.split())
    assert len(points) > 10
    assert points == [re.sub(r"\\(.)", r"\1", line[2:]) for line in markdown.splitlines() if line.startswith("- ")]
    assert all(f"- {point}" in flat for point in points)
    for paragraph in (" ".join(said.split()) for tag, said in seen.texts if tag == "p"):
        assert paragraph in re.sub(r"\\(.)", r"\1", markdown)
        assert paragraph in flat
    # And all of them give what the result itself holds.
    found = json.loads(render(audit, "json"))
    assert points[: len(found["verdict"])] == found["verdict"]
    at = next(at for at, table in enumerate(seen.tables) if table[0] == ["column", "finding", "found by"])
    for *rows, shortcut in zip(*(table[1:] for table in seen.tables[at : at + 3]), found["shortcuts"], strict=True):
        assert rows[0][:2] == [" × ".join(shortcut["columns"]), shortcut["status"]]
        assert rows[0][2] == (" and ".join(shortcut["found_by"]) or "–")
        for row, effect, p in zip(rows[1:], ("skill", "gain_share"), ("p_adjusted", "gain_p_adjusted"), strict=True):
            value = shortcut[effect]["value"]
            assert row[1].startswith(NOT_APPLICABLE if shortcut["status"] == NOT_APPLICABLE else number(value))
            assert row[5] == (number(shortcut["null"][p], 4) if shortcut["null"] else "–")
    for table, shares in zip(seen.tables, found["label_shares"], strict=False):
        groups = [shares["total"], *shares["shown"], *filter(None, [shares["rest"]])]
        assert table[0] == ["group", "rows", *shares["labels"]]
        assert [row[:2] for row in table[1:]] == [[clean(group["group"]), str(group["n"])] for group in groups]
        cells = [[f"{100 * n / group['n']:.1f} % ({n})" for n in group["counts"]] for group in groups]
        assert [row[2:] for row in table[1:]] == cells


@given(ANY, ANY, ANY)
@example(HOSTILE, HOSTILE, HOSTILE)
@example("$x_1$", "\\frac", "a\nb\x00c\u2028d\ud800")
@settings(max_examples=60)
def test_names_labels_and_texts_cannot_leave_their_place_in_the_html(name: str, label: str, text: str) -> None:
    with PICTURES:
        page, usual = Page(render(sample(name, label, text), "html")), Page(render_usual("html"))
    assert {tag for tag, _ in page.tags} <= TAGS
    assert page.shape() == usual.shape()
    assert clean(f"{label}, fair") in "".join(said for _, said in page.texts)


@given(ANY, ANY, ANY)
@example("a|b\\", "`c|d`", "\\|\n\n# e\n| f |")
@example("# a", "- b", "1. c")
@settings(max_examples=60)
def test_markdown_keeps_its_lines_and_columns(name: str, label: str, text: str) -> None:
    lines, usual = (report.splitlines() for report in (render(sample(name, label, text), "md"), render_usual("md")))
    assert [len(BAR.findall(line)) for line in lines] == [len(BAR.findall(line)) for line in usual]
    assert [line[:2] for line in lines if line.startswith("#")] == [line[:2] for line in usual if line.startswith("#")]
    assert sum(line.startswith("- ") for line in lines) == sum(line.startswith("- ") for line in usual)


@given(ANY, ANY, ANY)
@example("\x1b[2J\x1b]0;x\x07", "\u202ea", "\x9b1m\r\n- b")
@settings(max_examples=60)
def test_names_and_texts_of_the_user_cannot_control_the_terminal(name: str, label: str, text: str) -> None:
    report = render(sample(name, label, text), "text")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", report)
    headings = [line for line in render_usual("text").splitlines() if line.isupper()]
    assert [line for line in report.splitlines() if line in headings] == headings


@given(ANY)
@example(HOSTILE)
@example("$x_1$ \\frac {")
@example("a\nb\x00c\u2028d\ud800 \ue000 \U0001f600")
@settings(max_examples=5)
def test_a_plot_takes_any_name(name: str) -> None:
    for svg, description in (draw_skill(sample(name)), draw_label_shares(sample(label=name).label_shares[0])):
        assert clean(name)[:20] in "".join(ET.fromstring(svg).itertext())  # noqa: S314  our own
        assert name in description


def test_the_picture_of_label_shares_has_a_bar_for_each_group_and_label() -> None:
    svg, description = draw_label_shares(sample().label_shares[0])
    shown = "".join(ET.fromstring(svg).itertext())  # noqa: S314  our own
    names = ("all rows (n = 600)", "b (n = 150)", "9 other groups (n = 140)")
    assert all(name in shown for name in (*names, "biased", "fair"))
    assert "b: biased 0.93, fair 0.07" in description


def test_symbols_are_explained_in_the_glossary_and_occur_nowhere_else() -> None:
    report = render(sample(), "text")
    before, _, glossary = report.partition("GLOSSARY")
    for symbol in ("S_0", "S_g", "S_m", "H(Y)", "p(y|g)", "n_gy"):
        assert symbol in glossary
        assert symbol not in before


def test_the_html_loads_nothing_from_the_network() -> None:
    page = render(sample(HOSTILE), "html")
    assert "default-src 'none'" in page
    for tag, attributes in Page(page).tags:
        assert tag not in {"script", "link", "iframe"}
        assert str(attributes.get("src", "data:")).startswith("data:")
        assert not {name for name in attributes if name.startswith("on")} | ({"href"} & set(attributes))
    assert "url(" not in page
    assert "@import" not in page


def test_the_html_can_be_read_without_its_pictures_and_colours() -> None:
    tags = Page(render(sample(), "html")).tags
    pictures = [attributes for tag, attributes in tags if tag == "img"]
    assert len(pictures) == 5
    for picture in pictures:
        assert re.search(r"outlet 0\.|Label shares by (outlet|day)\.", str(picture["alt"]))
        svg = ET.fromstring(base64.b64decode(str(picture["src"]).partition(",")[2]))  # noqa: S314  our own
        assert re.search("outlet|Monday", "".join(svg.itertext()))
        assert not any("script" in element.tag for element in svg.iter())
    assert tags[0] == ("html", {"lang": "en"})
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in tags if tag == "th")
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags)


def test_label_shares_and_the_verdict_come_first_and_what_is_missing_has_its_reason() -> None:
    report = render(sample(), "md")
    headings = [line for line in report.splitlines() if line.startswith("#")]
    assert headings[:3] == ["# Shortcut audit of votes.csv", "## Labels in each group", "## Verdict"]
    caption = "Share (rows) of each label by outlet: the largest and the most deviating of 11 groups"
    assert report.splitlines()[4] == f"**{caption}**"
    assert "## Verdict\n\n- biased is predictable from outlet in this split." in report
    assert f"| outlet × day | {NOT_APPLICABLE} | – | – | – | – |" in report
    assert f"| look-up: outlet × day | {NOT_APPLICABLE} | – | – | – | – | 600 |" in report
    assert f"| outlet × day | {NOT_APPLICABLE} |\n" in report
    assert f"| {UNDEFINED} |" in report
    assert "| look-up: day | 0.503 (b) |" in report
    assert f"(b) {REFUSED}" in report
    assert "| outlet | 0.420 (0.310 to 0.530) (a) | 0.498 | 0.214 | 0.0010 | 0.0020 |" in report
    assert "| outlet | 0.220 (0.130 to 0.300) (a) | -0.010 | 0.220 | 0.0020 | 0.0030 |" in report
    assert "| outlet | 0.810 (0.620 to 1.040) |" in report


@given(ANY, ANY, st.text(st.characters(codec="utf-8"), max_size=20))
@settings(max_examples=30)
def test_json_gives_back_the_result(name: str, label: str, text: str) -> None:
    audit = sample(name, label, text)
    assert json.loads(audit.to_json()) == to_dict(audit) == audit.to_dict()
    assert to_dict(audit)["shortcuts"][1]["skill"] == {"value": 0.006, "low": None, "high": None, "reason": REFUSED}


def test_the_same_result_gives_the_same_bytes_in_another_process(project: Path) -> None:
    code = "from tests.espress.shortcut_audit.samples import sample; print(sample('媒体').to_html(), end='')"
    environment = {"PYTHONHASHSEED": "7", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, check=True, env=environment)
    assert done.stdout.decode() == sample("媒体").to_html()


def test_a_result_prints_itself() -> None:
    audit = sample()
    assert str(audit) == audit.to_markdown() == render(audit, "md")
    with PICTURES:
        assert audit._repr_html_() == audit.to_html() == render(audit, "html")
    assert audit.flagged == ("outlet",)


def test_notes_are_lettered_by_words_and_numbers_never_show_minus_zero() -> None:
    notes = Notes()
    assert [notes.mark(reason) for reason in ("x", None, "y", "x")] == [" (a)", "", " (b)", " (a)"]
    assert [notes.mark(str(place)) for place in range(60)][-1] == " (bj)"
    assert (number(-0.0001), number(None), number(-0.5)) == ("0.000", "–", "-0.500")


def test_a_missing_library_is_reported_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'espress-[\d.]+-py3-none-any\.whl\[audit\]'"):
        render(sample(), "html")
