"""Distributions of labels: bars and written counts are those of the tables, whatever holds the rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import espress
from espress.errors import InputError, UnknownNameError
from espress.plot.columns import read_columns
from espress.plot.label_shares import _count_groups, _find_classes
from espress.stats.proportions import wilson_interval


def read_bars(axes: Any) -> dict[str, Any]:
    """Return the width of each bar, its interval and the text beside it, by the name of its row."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    widths = [patch.get_width() for patch in axes.patches]
    intervals = [tuple(line.get_xdata()) for line in axes.lines]
    texts = [text.get_text() for text in axes.texts]
    return {name: row for name, *row in zip(names, widths, intervals, texts, strict=True)}


def test_the_bars_of_a_label_are_its_shares_in_the_order_of_the_codebook() -> None:
    figure = espress.plot.labels(label="cue_strength")
    counts = espress.load("entries", as_="pandas")["cue_strength"].value_counts()
    bars = read_bars(figure.axes[0])
    assert list(bars) == ["distancing", "neutral", "endorsing"]
    for name, (width, interval, text) in bars.items():
        assert width == counts[name] / counts.sum()
        assert interval == wilson_interval(counts[name], counts.sum())
        assert text == f"{counts[name]} ({100 * width:.0f} %)"
    assert figure.axes[0].get_title(loc="left").startswith(f"entries.cue_strength (n = {counts.sum()}; null: ")
    assert f"neutral {counts['neutral']}" in figure.description


def test_without_arguments_every_label_of_the_articles_has_a_panel() -> None:
    titles = [axes.get_title(loc="left") for axes in espress.plot.labels().axes]
    assert len(titles) == len(set(titles)) == 12
    assert {title.partition(".")[0] for title in titles} == {"relevance", "entries", "article_stance", "claim_matrix"}


def test_groups_are_rows_and_classes_are_panels() -> None:
    entries = espress.load("entries", as_="pandas")
    figure = espress.plot.labels("entries", "position", by="article_id")
    held = entries.groupby("article_id")["position"].value_counts()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["support", "deny", "question", "mention"]
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    for axes in figure.axes:
        counts = [int(text.get_text()) for text in axes.texts]
        expected = [held.get((row.split(" ")[0], axes.get_title(loc="left")), 0) for row in rows]
        assert counts == expected
    sizes = entries.groupby("article_id").size().sort_values(ascending=False)
    assert rows == [f"{name} (n = {n})" for name, n in sizes.items()]


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pl.DataFrame, pa.table, lambda held: pa.table(held).to_pylist()],
    ids=["pandas", "polars", "arrow", "dicts"],
)
def test_any_table_gives_the_same_figure(make: Any) -> None:
    data = make({"class": ["a", "b", None, "a", ""], "of": [["x", "y"], ["x"], ["y"], None, ["x"]]})
    figure = espress.plot.labels(data, "class", by="of")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "x (n = 2)", "y (n = 1)", "(no value) (n = 1)",
    ]  # fmt: skip
    assert "class: " not in figure.description
    assert "x: a 1, b 1 (n = 2; 1 without a value)." in figure.description


def test_a_dataset_of_hugging_face_keeps_the_names_of_its_classes() -> None:
    entries = espress.load("entries")
    expected = espress.load("entries", as_="arrow")["position"].to_pylist()
    assert read_columns(entries, ["position"]).values["position"] == expected  # noqa: PD011 -- no pandas


def test_the_open_edition_and_the_order_of_a_category_are_shown() -> None:
    held = pd.DataFrame({"size": pd.Categorical(["low", "high"], categories=["low", "mid", "high"])})
    assert list(read_bars(espress.plot.labels(held, "size").axes[0])) == ["low", "mid", "high"]
    rows = espress.load("entries", version="1.1.0", edition="open", as_="arrow")
    assert "support 92" in espress.plot.labels(rows, "position").description


@given(st.lists(st.tuples(st.sampled_from([*"abcdefg", None]), st.sampled_from([*"vwxyz", None])), min_size=1))
@settings(max_examples=60)
def test_no_row_is_lost_or_counted_twice(rows: list[tuple[str | None, str | None]]) -> None:
    columns = read_columns([{"label": label, "by": by} for label, by in rows], ["label", "by"])
    classes = _find_classes(columns, "label", most=4)
    assert len(classes.names) <= 4
    groups = _count_groups(columns, "label", "by", classes)
    assert sum(one.n + one.missing for one in groups) == len(rows)
    whole = classes.count("label", [label for label, _ in rows])
    summed = sum((Counter(one.counts) for one in groups), Counter())
    assert summed == Counter({name: n for name, n in whole.counts.items() if n})
    top = Counter(label for label, _ in rows if label).most_common(1)
    assert not top or top[0][1] <= max(whole.counts.values())


@pytest.mark.parametrize(
    ("arguments", "by", "error", "message"),
    [
        (("entrys", "position"), None, UnknownNameError, "no config 'entrys'. Known, nearest first: entries"),
        (("entries", "positon"), None, InputError, "no column 'positon'. Nearest: 'position'"),
        ((None, "positon"), None, UnknownNameError, "no label 'positon'. Known, nearest first: position"),
        (("outlets",), None, InputError, "has no labels. Name one of its columns: outlet_id"),
        (([{"a": "b"}],), None, InputError, "Name the column to plot"),
        (("entries",), "article_id", InputError, "Name the label to plot by 'article_id'"),
        (([{"a": None}], "a"), None, InputError, "no row with a value"),
        (([], "a"), "b", InputError, "No row of the list of dicts has a value in the column 'a'"),
        ((3, "a"), None, InputError, "does not read int"),
        (("votes.csv", "a"), None, InputError, r"votes\.csv: a plot reads tables, not files"),
        ((pl.LazyFrame({"a": ["b"]}), "a"), None, InputError, r"the result of its .collect\(\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_plotted_is_named(
    arguments: tuple[Any, ...], by: str | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        espress.plot.labels(*arguments, by=by)
