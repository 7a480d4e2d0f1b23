"""Draw the two plots of a report as SVG: scores with their chance level, and skill with its threshold."""

from __future__ import annotations

import base64
import io
import warnings
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.shortcut_audit.criteria import NOT_APPLICABLE, SKILL_THRESHOLD
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.result import Audit, Estimate

    Row = tuple[str, float | None, Estimate]  # a name, its value and its interval

_LONGEST_NAME = 44
_INK, _GREY = "#1a1a1a", "#6b6b6b"
_ROW_INCHES, _FRAME_INCHES, _WIDTH_INCHES = 0.34, 1.5, 8.0
# The salt makes ids repeatable. Text is kept as text, so that the browser can draw scripts that no bundled font covers.
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "espress",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def draw(audit: Audit, name: str) -> tuple[str, str]:
    """Return the plot "scores" or "skill" as SVG in base64, and its description in words.

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    svg, description = {"scores": draw_scores, "skill": draw_skill}[name](audit)
    return base64.b64encode(svg.encode()).decode(), description


def draw_scores(audit: Audit) -> tuple[str, str]:
    """Return macro-F1 of every look-up and reference with interval, null mean and prior; markers differ in shape."""
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
    axes.axvline(audit.floor.macro_f1, color=_GREY, ls="--", lw=1.2, label="prior, S_0", zorder=1)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("macro-F1, out of fold; line: interval")
    listed = _describe([*look_ups, *references])
    return _to_svg(figure, axes), f"Macro-F1 of each predictor: {listed}; the prior has {audit.floor.macro_f1:.2f}."


def draw_skill(audit: Audit) -> tuple[str, str]:
    """Return shortcut_skill of every look-up with interval, compared with zero and the threshold of a finding."""
    skills = [(cut.name, cut.skill.value, cut.skill) for cut in audit.shortcuts]
    figure, axes = _make_axes([name if value is not None else f"{name} (no value)" for name, value, _ in skills])
    _draw_values(axes, skills, "o", "shortcut_skill")
    axes.axvline(0, color=_GREY, ls="--", lw=1.2, label="prior", zorder=1)
    axes.axvline(SKILL_THRESHOLD, color=_GREY, ls=":", lw=1.6, label="threshold for the lower bound", zorder=1)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.1), max(high, 1.0))
    axes.set_xlabel("shortcut_skill = (S_g - S_0) / (1 - S_0); line: interval")
    threshold = f"a shortcut needs a lower bound above {SKILL_THRESHOLD:.2f}"
    return _to_svg(figure, axes), f"shortcut_skill of each column: {_describe(skills)}; {threshold}."


def _describe(rows: Sequence[Row]) -> str:
    return ", ".join(f"{name} {'none' if value is None else f'{value:.2f}'}" for name, value, _ in rows)


def _make_axes(names: Sequence[str]) -> tuple[Any, Any]:
    """Return a figure and its axes with a line for each name, the first on top."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise MissingLibraryError("matplotlib", "An HTML report", "pip install 'espress[audit]'") from error
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
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4, frameon=False, fontsize=9)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()
