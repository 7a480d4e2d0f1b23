"""Plots of results on the constructed sets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import espress
from espress.errors import InputError, MissingLibraryError
from espress.plot import set_results

if TYPE_CHECKING:
    from pathlib import Path


def test_one_system_has_a_dot_for_each_function_and_several_have_a_table(kept: None) -> None:
    runs = [espress.probe.run(name, task="check", date="2026-01-31", progress=False) for name in ("vader", "lexicon")]
    one = espress.plot.check_results(runs[0])
    labels = [label.get_text() for label in one.axes[0].get_yticklabels()]
    assert sorted(labels) == sorted(function.function for function in runs[0].functions)
    several = espress.plot.check_results(runs)
    assert [label.get_text() for label in several.axes[0].get_xticklabels()] == ["vader", "lexicon"]
    assert {text.get_text() for text in several.axes[0].texts} >= {"attribution", "relevance"}
    svg = espress.plot.to_svg(several)
    assert svg == espress.plot.to_svg(espress.plot.check_results(runs))
    assert f"lexicon: mean {runs[1].value:.2f}." in svg


def test_stance_has_a_panel_for_each_figure(kept: None) -> None:
    result = espress.probe.run("lexicon", task="stance", date="2026-01-31", progress=False)
    assert len(espress.plot.stance_results([result]).axes) == 5
    with pytest.raises(InputError, match="task='check'"):
        espress.plot.check_results([result])  # type: ignore[list-item]
    with pytest.raises(InputError, match="task='stance'"):
        espress.plot.stance_results([])


def test_a_missing_library_and_missing_predictions_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(set_results, "_COMMITTED", tmp_path / "absent")
    with pytest.raises(InputError, match="no committed predictions"):
        espress.plot.check_results()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "matplotlib" else sys)
    with pytest.raises(MissingLibraryError, match="matplotlib"):
        espress.plot.check_results()
