"""Files of plots: the same bytes each time, colours of the page, names for screen readers, and any script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

import espress
from espress.errors import InputError, UnknownNameError
from espress.plot.columns import read_columns

if TYPE_CHECKING:
    from pathlib import Path

_ROWS = [
    {"class": name} for name in ("新华社", "العربية", "$x_1$ & <b>", "__under", "two\nlines", "x" * 200, "\x1b[0m")
]
_DRAW = (
    "import espress; print(espress.plot.to_svg(espress.plot.labels('entries', 'position', by='article_id')), end='')"
)


def test_svg_has_the_same_bytes_in_any_order_and_process(tmp_path: Path) -> None:
    figure = espress.plot.labels("entries", "position", by="article_id")
    for suffix in (".png", ".pdf", ".svg"):
        espress.plot.save(figure, tmp_path / f"one{suffix}")
        assert (tmp_path / f"one{suffix}").stat().st_size > 1000
    svg = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert espress.plot.to_svg(figure) == svg
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", _DRAW], check=True, env=environment, capture_output=True, text=True)
    assert done.stdout == svg


def test_a_page_gives_its_colours_and_each_figure_has_ids_of_its_own() -> None:
    one = espress.plot.to_svg(espress.plot.labels(label="position"), theme="page")
    two = espress.plot.to_svg(espress.plot.timeline(), theme="page")
    for svg in (one, two):
        assert svg.startswith("<svg ")
        assert "currentColor" in svg
        assert not re.search(r"fill: #ffffff|#1a1a1a|#000000", svg)
        ids = re.findall(r'\bid="(.*?)"', svg)
        assert len(ids) == len(set(ids))
        assert {*re.findall(r'href="#(.*?)"', svg), *re.findall(r"url\(#(.*?)\)", svg)} <= set(ids)
    assert not set(re.findall(r'\bid="(.*?)"', one)) & set(re.findall(r'\bid="(.*?)"', two))


@pytest.mark.parametrize("theme", ["paper", "page"])
def test_a_screen_reader_is_told_what_the_figure_shows(theme: str) -> None:
    figure = espress.plot.labels(_ROWS, "class")
    root = ET.fromstring(espress.plot.to_svg(figure, theme=theme))  # type: ignore[arg-type]  # noqa: S314 -- our own text
    assert root.get("role") == "img"
    texts = {one.get("id"): one.text or "" for one in root.iter() if one.tag.endswith(("}title", "}desc"))}
    assert texts[root.get("aria-labelledby")] == "class"
    assert "新华社 1" in texts[root.get("aria-describedby")]
    root = ET.fromstring(espress.plot.to_svg(figure, title="A < B", description=""))  # noqa: S314
    assert [one.text for one in root.iter() if one.tag.endswith(("}title", "}desc"))] == ["A < B"]


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4))
@settings(max_examples=4)
def test_any_name_gives_well_formed_svg(names: list[str]) -> None:
    rows = [{"class": name} for name in [*names, "a"]]
    ET.fromstring(espress.plot.to_svg(espress.plot.labels(rows, "class")))  # noqa: S314
    assert len(read_columns(rows, ["class"])) == len(rows)


def test_a_notebook_shows_the_figure_and_other_figures_of_matplotlib_can_be_written(tmp_path: Path) -> None:
    assert espress.plot.labels(label="stance")._repr_svg_().count("<title") == 1
    plain = Figure()
    plain.subplots().plot([1, 2])
    assert "<title" not in espress.plot.to_svg(plain)
    assert "<title" in espress.plot.to_svg(plain, title="A line")


def test_wrong_suffixes_folders_and_themes_are_named(tmp_path: Path) -> None:
    figure = espress.plot.labels(label="stance")
    with pytest.raises(InputError, match=r"ends in \.svg"):
        espress.plot.save(figure, tmp_path / "one.gif")
    with pytest.raises(InputError, match="there is no folder"):
        espress.plot.save(figure, tmp_path / "absent" / "one.svg")
    with pytest.raises(UnknownNameError, match=r"no theme 'dark'\. Known, nearest first: pa"):
        espress.plot.save(figure, tmp_path / "one.svg", theme="dark")  # type: ignore[arg-type]
