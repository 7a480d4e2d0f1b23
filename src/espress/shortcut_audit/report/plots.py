"""The two plots of a report as SVG: scores beside their chance level, and skill beside its threshold."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.shortcut_audit.report.formats import clean
from espress.shortcut_audit.result import NOT_APPLICABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from espress.shortcut_audit.result import Audit, Estimate

_SKILL_THRESHOLD = 0.10
_LONGEST_NAME = 44
_INK, _GREY = "#1a1a1a", "#6b6b6b"
_ROW_INCHES, _FRAME_INCHES, _WIDTH_INCHES = 0.34, 1.5, 8.0
# The salt makes ids repeatable; text stays text, so that the browser draws scripts that no bundled font covers.
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "espress",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def plot(audit: Audit, name: str) -> tuple[str, str]:
    """Return a plot as SVG and its description in words: "scores" or "skill".

    Raises:
        MissingLibraryError: matplotlib is not installed.
    """
    return {"scores": scores, "skill": skill}[name](audit)


def scores(audit: Audit) -> tuple[str, str]:
    """Return macro-F1 of every look-up and reference with interval, null mean and prior; markers differ in shape."""
    cuts, references = audit.shortcuts, audit.references
    names = [f"look-up: {cut.name}" for cut in cuts] + [f"reference: {ref.name}" for ref in references]
    figure, axes = _axes(names)
    looked_up = [None if cut.status == NOT_APPLICABLE else cut.scores.macro_f1 for cut in cuts]
    read = [ref.scores.macro_f1 for ref in references]
    _dots(axes, zip(looked_up, (cut.interval for cut in cuts), strict=True), "o", "look-up")
    _dots(axes, zip(read, (ref.interval for ref in references), strict=True), "s", "reference", first=len(cuts))
    permuted = [(cut.null.mean, place) for place, cut in enumerate(cuts) if cut.null]
    if permuted:
        axes.plot(*zip(*permuted, strict=True), "D", mfc="white", mec=_INK, ms=6, label="column permuted, mean")
    axes.axvline(audit.floor.macro_f1, color=_GREY, ls="--", lw=1.2, label="prior, S_0", zorder=1)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("macro-F1, out of fold; line: interval")
    told = ", ".join(f"{name} {_said(score)}" for name, score in zip(names, [*looked_up, *read], strict=True))
    return _svg(figure, axes), f"Macro-F1 of each predictor: {told}; the prior has {_said(audit.floor.macro_f1)}."


def skill(audit: Audit) -> tuple[str, str]:
    """Return shortcut_skill of every look-up with interval, beside zero and the threshold of a finding."""
    names = [cut.name if cut.skill.value is not None else f"{cut.name} (no value)" for cut in audit.shortcuts]
    figure, axes = _axes(names)
    _dots(axes, [(cut.skill.value, cut.skill) for cut in audit.shortcuts], "o", "shortcut_skill")
    axes.axvline(0, color=_GREY, ls="--", lw=1.2, label="prior", zorder=1)
    axes.axvline(_SKILL_THRESHOLD, color=_GREY, ls=":", lw=1.6, label="threshold for the lower bound", zorder=1)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.1), max(high, 1.0))
    axes.set_xlabel("shortcut_skill = (S_g - S_0) / (1 - S_0); line: interval")
    told = ", ".join(f"{cut.name} {_said(cut.skill.value)}" for cut in audit.shortcuts)
    return _svg(figure, axes), f"shortcut_skill of each column: {told}; a finding needs a lower bound above 0.10."


def _said(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _axes(names: Sequence[str]) -> tuple[Any, Any]:
    """Return a figure and its axes with a line for each name, the first on top."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise MissingLibraryError("matplotlib", "An HTML report", "pip install 'espress[audit]'") from error
    from matplotlib.figure import Figure  # no pyplot: it would choose a backend, and keep every figure

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


def _dots(
    axes: Any, scored: Iterable[tuple[float | None, Estimate]], marker: str, label: str, *, first: int = 0
) -> None:
    """Draw values with their intervals, one a line from the line `first` on; a missing value leaves its line empty."""
    there = [(value, place, around) for place, (value, around) in enumerate(scored, first) if value is not None]
    for _, place, around in there:
        if around.low is not None and around.high is not None:
            axes.plot([around.low, around.high], [place, place], "-", color=_INK, lw=1.6, solid_capstyle="butt")
    if there:
        values, places, _ = zip(*there, strict=True)
        axes.plot(values, places, marker, color=_INK, ms=7, ls="none", label=label, zorder=3)


def _svg(figure: Any, axes: Any) -> str:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # Only the measured width of a name suffers where the bundled font lacks its script.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4, frameon=False, fontsize=9)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()
