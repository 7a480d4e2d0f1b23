"""Plot how well columns predict the label without the text, beside the score by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.plot import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from espress.plot.figure import Plot
    from espress.shortcut_audit.result import Audit, Estimate, Null, Shortcut


def audit(result: Audit | None = None) -> Plot:
    """Plot the score of every column of an audit with its interval, beside the same column permuted.

    The left panel shows macro-F1 of the look-up and of the predictors that it is compared with, the right panel the
    share of the uncertainty about the label that the look-up removes. The text on the right is the finding.

    Args:
        result: what `espress.audit` returned; None audits the labels of relevance in the corpus by outlet and
            proposition.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        InputError: this is no result of `espress.audit`.
        MissingLibraryError: matplotlib or, without `result`, a library that the audit needs is not installed.
    """
    with style.use_style("audit"):
        from espress.shortcut_audit.result import Audit

        found = _audit_corpus() if result is None else result
        if not isinstance(found, Audit):
            raise InputError([f"Give the result of `espress.audit(...)`; this is {type(found).__name__}."])
        return _plot(found)


def _audit_corpus() -> Audit:
    from espress.data.load import load
    from espress.shortcut_audit.audit import audit as measure

    groups = ["outlet_id", "proposition_id"]
    rows = load("relevance", as_="arrow")
    return measure(rows, text="text_masked", label="bears_on", groups=groups, cluster="article_id")


def _plot(found: Audit) -> Plot:
    from espress.plot.figure import new_plot

    names = [*(cut.name for cut in found.shortcuts), *(one.name for one in found.references)]
    figure = new_plot(style.WIDTH, 1.3 + 0.28 * len(names), "Predictors without text", _describe(found))
    scores, gains = figure.subplots(1, 2, sharey=True, width_ratios=[1.2, 1])
    style.name_rows(scores, list(map(style.shorten, names)))
    _draw_scores(scores, found)
    _draw_gains(gains, found.shortcuts)
    for axes in (scores, gains):
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        if found.references:
            axes.axhline(len(found.shortcuts) - 0.5, color=style.RULE, linewidth=0.7)
    for place, cut in enumerate(found.shortcuts):
        finding = f"{cut.status}\nadjusted p = {_find_p(cut.null):.3f}" if cut.null else cut.status
        gains.text(1.03, place, finding, va="center_baseline", fontsize=6.5, transform=gains.get_yaxis_transform())
    figure.legend(*scores.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def _find_p(null: Null) -> float:
    """Return the smaller p of a column's two statistics; both are already adjusted for two tests."""
    return min(null.p_adjusted, null.gain_p_adjusted)


def _draw_scores(axes: Axes, found: Audit) -> None:
    """Draw macro-F1: look-ups as discs, permuted columns as diamonds, other predictors as squares."""
    look_ups = [(cut.scores.macro_f1, cut.interval) for cut in found.shortcuts]
    _draw_values(axes, look_ups, "o", "look-up, no text")
    _draw_permuted(axes, [cut.null.mean if cut.null else None for cut in found.shortcuts])
    others = [(one.scores.macro_f1, one.interval) for one in found.references]
    _draw_values(axes, others, "s", "other predictor", first=len(look_ups))
    axes.axvline(found.floor.macro_f1, color=style.INK, linestyle="--", linewidth=0.9, label="blind rule", zorder=1)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("macro-F1, out of fold\nline: 95 % interval")


def _draw_gains(axes: Axes, cuts: Sequence[Shortcut]) -> None:
    """Draw the share of the uncertainty that each look-up removes, and what the permuted column removes."""
    _draw_values(axes, [(cut.gain_share.value, cut.gain_share) for cut in cuts], "o", "look-up")
    axes.axvline(0, color=style.INK, linestyle="--", linewidth=0.9, zorder=1)
    axes.set_xlabel("share of uncertainty removed\nline: 95 % interval")


def _draw_values(
    axes: Axes, values: Sequence[tuple[float | None, Estimate]], marker: str, label: str, *, first: int = 0
) -> None:
    """Draw values with their intervals, one in each row from row `first`; a missing value leaves its row empty."""
    present = [(place, value, interval) for place, (value, interval) in enumerate(values, first) if value is not None]
    for place, _, interval in present:
        if interval.low is not None and interval.high is not None:
            style.draw_interval(axes, place, interval.low, interval.high)
    if present:
        places, heights, _ = zip(*present, strict=True)
        axes.plot(heights, places, marker, color=style.BLUE, markersize=5, linestyle="none", label=label, zorder=4)


def _draw_permuted(axes: Axes, means: Sequence[float | None]) -> None:
    present = [(mean, place) for place, mean in enumerate(means) if mean is not None]
    if present:
        x, y = zip(*present, strict=True)
        axes.plot(
            x, y, "D", color="none", markeredgecolor=style.INK, markersize=6, linestyle="none",
            label="column permuted, mean", zorder=3,
        )  # fmt: skip


def _describe(found: Audit) -> str:
    parts = [f"The blind rule has macro-F1 {found.floor.macro_f1:.2f}"]
    for cut in found.shortcuts:
        score = "no score" if cut.scores.macro_f1 is None else f"macro-F1 {cut.scores.macro_f1:.2f}"
        permuted = f", permuted {cut.null.mean:.2f}, adjusted p {_find_p(cut.null):.3f}" if cut.null else ""
        parts.append(f"{cut.name}: {score}{permuted}; {cut.status}")
    parts += [
        f"{one.name}: macro-F1 {one.scores.macro_f1:.2f}" for one in found.references if one.scores.macro_f1 is not None
    ]
    return style.join_words(parts)
