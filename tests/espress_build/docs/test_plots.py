"""The figures in documents: the code of docs/user/plots.md draws them, and the README's picture counts the entries."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq

import espress
from espress_build.docs import article_picture, plots

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_FIGURE = re.compile(r"```python figure=(\w+)\n(.*?)```\n\n!\[.+?\]\(\.\./generated/plot-(\w+)\.svg\)", re.DOTALL)


def test_the_code_of_the_page_draws_its_figures(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (project / "docs" / "user" / "plots.md").read_text(encoding="utf-8")
    found = _FIGURE.findall(page)
    assert {f"docs/generated/plot-{name}.svg" for name, *_ in found} == set(plots.FILES)
    assert page.count("```python") == len(found) + 1
    for name, code, file in found:
        assert name == file
        figure = eval(code, {"espress": espress})  # noqa: S307 -- our own page
        committed = project / "docs" / "generated" / f"plot-{name}.svg"
        assert espress.plot.to_svg(figure) == committed.read_text(encoding="utf-8"), "Type: espress-build generate"
    monkeypatch.chdir(tmp_path)
    (first,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(first, {})  # noqa: S102 -- our own page
    assert (tmp_path / "position.pdf").is_file()


def test_a_corpus_that_has_nothing_to_draw_gets_empty_figures(tmp_path: Path, project: Path) -> None:
    (tmp_path / "data").mkdir()
    for table in ("annotations", "sources", "entries"):
        rows = pq.read_table(project / "dataset" / "data" / f"{table}.parquet")
        pq.write_table(rows.slice(0, 0), tmp_path / "data" / f"{table}.parquet")
    for name in ("agreement", "labels"):
        assert 'width="1"' in plots.FILES[f"docs/generated/plot-{name}.svg"](tmp_path)


def test_the_picture_of_the_readme_counts_the_entries_and_holds_no_words_of_articles(project: Path) -> None:
    svg = article_picture.draw_articles(project / "dataset")
    root = ET.fromstring(svg)  # noqa: S314 -- our own text
    entries = espress.load("entries", as_="arrow").to_pylist()
    counts = Counter("lapsed" if one["lapsed"] == "yes" else one["attribution"] for one in entries)
    written = [one.text or "" for one in root.iter() if one.tag.endswith("}text")]
    numbers = [int(text) for text in written if text.isdigit()]
    assert sum(numbers) == len(entries) == counts.total()
    for place, speaker in enumerate(("official", "other_named", "unnamed", "lapsed", "outlet")):
        assert sum(numbers[place::5]) == counts[speaker]
    for one in espress.load("article_stance", as_="arrow").to_pylist():
        assert f"{one['stance']} for {one['event_id']}" in svg
    texts = " ".join(espress.load("articles", as_="arrow")["text"].to_pylist())
    words = " ".join("".join(root.itertext()).split()).split(" ")
    assert not any(" ".join(words[at : at + 5]) in texts for at in range(len(words) - 4))
    assert "prefers-color-scheme" in svg


def test_the_picture_can_be_drawn_of_articles_without_labels_and_dates(tmp_path: Path, project: Path) -> None:
    (tmp_path / "data").mkdir()
    for table in ("articles", "sentences", "entries", "article_stance"):
        rows = pq.read_table(project / "dataset" / "data" / f"{table}.parquet")
        if table == "articles":
            column = rows.schema.get_field_index("published")
            rows = rows.set_column(column, "published", pa.nulls(rows.num_rows, pa.string()))
        pq.write_table(
            rows if table in ("articles", "sentences") else rows.slice(0, 0), tmp_path / "data" / f"{table}.parquet"
        )
    svg = article_picture.draw_articles(tmp_path)
    assert "no date: no entry; stance none." in svg
