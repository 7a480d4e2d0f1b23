"""Agreement: the figure shows what the project's own table of agreement says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import espress
from espress.errors import InputError, UnknownNameError
from espress_build.metadata.labels import measure_agreement

if TYPE_CHECKING:
    from pathlib import Path


def test_the_figures_are_those_of_the_documents(project: Path) -> None:
    figure = espress.plot.agreement()
    found = measure_agreement(project / "dataset")
    counts, alphas = figure.axes
    rows = [label.get_text() for label in counts.get_yticklabels()]
    assert [row for row in rows if row not in {one.level for one in found}] == [one.field for one in found]
    written = [text.get_text() for text in counts.texts]
    assert written == [f"{one.with_value - one.disputed} of {one.with_value}" for one in found]
    dots = [line.get_xdata()[0] for line in counts.lines if line.get_marker() == "o"]  # type: ignore[index]
    assert dots == [(one.with_value - one.disputed) / one.with_value for one in found]
    shown = [line.get_xdata()[0] for line in alphas.lines if line.get_marker() == "o"]  # type: ignore[index]
    assert shown == [one.alpha for one in found if one.alpha is not None]
    intervals = [tuple(line.get_xdata()) for line in alphas.lines if line.get_marker() != "o"]  # type: ignore[arg-type]
    assert intervals == [one.interval or (one.alpha, one.alpha) for one in found if one.alpha is not None]


def test_annotations_of_a_data_frame_are_read_with_numbers_that_became_floats() -> None:
    held = espress.load("annotations", as_="pandas")
    own = held[held["article_id"] == held["article_id"].iloc[0]]
    assert "unit x proposition, bears_on: all agree on" in espress.plot.agreement(own).description


def test_other_tables_and_kinds_are_refused() -> None:
    with pytest.raises(InputError, match=r"no column 'annotator'\. Nearest: 'n_annotators'"):
        espress.plot.agreement("votes")
    with pytest.raises(InputError, match="judged by two annotators of the kind 'human'"):
        espress.plot.agreement(kind="human")
    with pytest.raises(UnknownNameError, match="no kind of annotator 'person'"):
        espress.plot.agreement(kind="person")  # type: ignore[arg-type]
