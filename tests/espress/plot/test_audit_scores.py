"""Plots of an audit: look-ups, permuted columns and intervals are those of the result."""

from __future__ import annotations

import pytest
from tests.espress.shortcut_audit.samples import sample

import espress
from espress.errors import InputError


def test_scores_intervals_and_permuted_means_are_those_of_the_result() -> None:
    found = sample("outlet")
    figure = espress.plot.audit(found)
    scores, _ = figure.axes
    names = [label.get_text() for label in scores.get_yticklabels()]
    assert len(names) == len(found.shortcuts) + len(found.references)
    drawn = {line.get_marker(): list(line.get_xdata()) for line in scores.lines if line.get_marker() != "None"}  # type: ignore[arg-type]
    assert drawn["o"] == [cut.scores.macro_f1 for cut in found.shortcuts if cut.scores.macro_f1 is not None]
    assert drawn["D"] == [cut.null.mean for cut in found.shortcuts if cut.null]
    assert drawn["s"] == [one.scores.macro_f1 for one in found.references]
    lines = [tuple(line.get_xdata()) for line in scores.lines if line.get_marker() == "None"]  # type: ignore[arg-type]
    estimates = [*(cut.interval for cut in found.shortcuts), *(one.interval for one in found.references)]
    assert {(one.low, one.high) for one in estimates if one.low is not None} <= set(lines)
    for cut in found.shortcuts:
        assert cut.status in figure.description


def test_what_is_no_audit_is_refused() -> None:
    with pytest.raises(InputError, match=r"the result of `espress.audit\(...\)`; this is dict"):
        espress.plot.audit({})  # type: ignore[arg-type]
