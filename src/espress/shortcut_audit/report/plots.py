"""Draw the plots of a report as SVG: label shares by group, scores, and the two effects with their thresholds."""

from __future__ import annotations

import base64
import io
import warnings
from typing import TYPE_CHECKING, Any

from espress.errors import require
from espress.installation import how_to_install
from espress.shortcut_audit.criteria import GAIN_THRESHOLD, NOT_APPLICABLE, SKILL_THRESHOLD
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.result import Audit, Estimate, GroupLabels, LabelShares

    Row = tuple[str, float | None, Estimate]  # a name, its value and its interval

_LONGEST_NAME = 44
_INK, _GREY = "#1a1a1a", "#6b6b6b"
# Greys that differ in print, and hatches for readers who cannot distinguish them; the commonest label is the lightest.
_FILLS = (("#d9d9d9", ""), ("#2b2b2b", ""), ("#8c8c8c", "//"), ("#5a5a5a", "\\\\"), ("#b5b5b5", ".."))
_ROW_INCHES, _FRAME_INCHES, _WIDTH_INCHES = 0.34, 1.5, 8.0
# The salt makes ids repeatable. Text stays text, so that the browser draws scripts that no bundled font covers.
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "espress",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def draw(audit: Audit, name: str, at: int | None = None) -> tuple[str, str]:
    """Return the plot "label shares" (number `at`), "scores", "skill" or "gain" as SVG in base64, and its description.

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    if at is not None:
        svg, description = draw_label_shares(audit.label_shares[at])
    else:
        svg, description = {"scores": draw_scores, "skill": draw_skill, "gain": draw_gain}[name](audit)
    return base64.b64encode(svg.encode()).decode(), description


def draw_label_shares(shares: LabelShares) -> tuple[str, str]:
    """Plot a stacked bar for each group: all rows, the groups shown in the table, and the others together."""
    groups = [shares.total, *shares.shown, *([shares.rest] if shares.rest else [])]
    figure, axes = _make_axes([f"{group.group} (n = {group.n:,})" for group in groups])
    left = [0.0] * len(groups)
    for at, (label, (colour, hatch)) in enumerate(zip(shares.labels, _FILLS, strict=False)):
        widths = [group.shares[at] for group in groups]
        name = clean(label) if len(label) <= _LONGEST_NAME else f"{clean(label)[: _LONGEST_NAME - 1]}…"
        bars = axes.barh(range(len(groups)), widths, 0.7, left, color=colour, hatch=hatch, edgecolor="white", lw=0.8)
        bars.set_label(f"\u200b{name}")  # matplotlib leaves labels that begin with an underscore out of the legend
        left = [before + width for before, width in zip(left, widths, strict=True)]
    axes.axhline(0.5, color=_GREY, lw=0.8)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the rows of each group")
    listed = "; ".join(f"{group.group}: {_list_shares(shares.labels, group)}" for group in groups)
    return _to_svg(figure, axes), f"Label shares by {shares.name}. {listed}."


def _list_shares(labels: Sequence[str], group: GroupLabels) -> str:
    return ", ".join(f"{label} {own:.2f}" for label, own in zip(labels, group.shares, strict=True))


def draw_scores(audit: Audit) -> tuple[str, str]:
    """Plot macro-F1 of every look-up and reference with interval, null mean and prior; markers differ in shape."""
    look_ups = [
        (f"look-up: {cut.name}", None if cut.status == NOT_APPLICABLE else cut.scores.macro_f1, cut.interval)
        for cut in audit.shortcuts
    ]
    references = [(f"reference: {ref.name}", ref.scores.macro_f1, ref.interval) for ref in audit.references]
    figure, axes = _make_axes([name for name, *_ in [*look_ups, *references]])
    _draw_values(axes, look_ups, "o", "look-up")
    _draw_values(axes, references, "s", "reference", first=len(look_ups))
    permuted = [(cut.null.mean, place) for place, cut in enumerate(audit.shortcuts) if cut.null]
    if permuted:
        axes.plot(*zip(*permuted, strict=True), "D", mfc="white", mec=_INK, ms=6, label="column permuted, mean")
    axes.axvline(audit.floor.macro_f1, color=_GREY, ls="--", lw=1.2, label="blind rule", zorder=1)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("macro-F1, out of fold; line: interval")
    listed = _describe([*look_ups, *references])
    return _to_svg(
        figure, axes
    ), f"Macro-F1 of each predictor: {listed}; the blind rule has {audit.floor.macro_f1:.2f}."


def draw_skill(audit: Audit) -> tuple[str, str]:
    """Plot the shortcut skill of every look-up with interval, compared with zero and the threshold of a finding."""
    return _draw_effect("shortcut skill", [(cut.name, cut.skill) for cut in audit.shortcuts], SKILL_THRESHOLD)


def draw_gain(audit: Audit) -> tuple[str, str]:
    """Plot the share of uncertainty that every look-up removes, compared with zero and the threshold."""
    shares = [(cut.name, cut.gain_share) for cut in audit.shortcuts]
    return _draw_effect("share of uncertainty removed", shares, GAIN_THRESHOLD)


def _draw_effect(effect: str, estimates: Sequence[tuple[str, Estimate]], threshold: float) -> tuple[str, str]:
    rows = [(name, estimate.value, estimate) for name, estimate in estimates]
    figure, axes = _make_axes([name if value is not None else f"{name} (no value)" for name, value, _ in rows])
    _draw_values(axes, rows, "o", effect)
    axes.axvline(0, color=_GREY, ls="--", lw=1.2, label="blind rule", zorder=1)
    axes.axvline(threshold, color=_GREY, ls=":", lw=1.6, label="threshold for the lower bound", zorder=1)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.1), max(high, 1.0))
    axes.set_xlabel(f"{effect}; line: interval")
    needed = f"a shortcut by this test needs a lower bound above {threshold:.2f}"
    return _to_svg(figure, axes), f"{effect.capitalize()} of each column: {_describe(rows)}; {needed}."


def _describe(rows: Sequence[Row]) -> str:
    return ", ".join(f"{name} {'none' if value is None else f'{value:.2f}'}" for name, value, _ in rows)


def _make_axes(names: Sequence[str]) -> tuple[Any, Any]:
    """Return a figure and its axes with a line for each name, the first on top."""
    require(["matplotlib"], "An HTML report", how_to_install("audit"))
    import matplotlib as mpl
    from matplotlib.figure import Figure  # pyplot is not used, because it chooses a backend and keeps every figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH_INCHES, _FRAME_INCHES + _ROW_INCHES * len(names)), layout="constrained")
        axes = figure.add_subplot()
        shown = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in map(clean, names)]
        axes.set_yticks(range(len(names)), shown, parse_math=False)  # a name may hold dollar signs
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
    return figure, axes


def _draw_values(axes: Any, rows: Sequence[Row], marker: str, label: str, *, first: int = 0) -> None:
    """Draw values with their intervals, one per line from line `first`; a missing value leaves its line empty."""
    present = [(place, *row[1:]) for place, row in enumerate(rows, first) if row[1] is not None]
    for place, _, interval in present:
        if interval.low is not None:
            axes.plot([interval.low, interval.high], [place, place], "-", color=_INK, lw=1.6, solid_capstyle="butt")
    if present:
        places, values, _ = zip(*present, strict=True)
        axes.plot(values, places, marker, color=_INK, ms=7, ls="none", label=label, zorder=3)


def _to_svg(figure: Any, axes: Any) -> str:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # If the bundled font lacks a script, only the measured width of a name is inexact.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        legend = axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4, frameon=False, fontsize=9)
        for text in legend.get_texts():
            text.set_parse_math(False)  # a label may hold dollar signs
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()
