"""Plots of results on the constructed sets, with matplotlib; colours that people with colour blindness tell apart.

import espress
figure = espress.plot.check_results([espress.probe.run(predict, task="check")])
espress.plot.save(figure, "check.svg")                   # or .pdf, .png
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, require
from espress.installation import how_to_install
from espress.probe.constructed.check_page import name_function
from espress.probe.constructed.reports import read_set_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.stance_result import StanceResult
    from espress.probe.result import Share

BLUE = "#0072B2"  # of Okabe and Ito's palette
FORMATS = (".svg", ".pdf", ".png")
_COMMITTED = Path(__file__).parent.parent.parent / "predictions" / "sets"
_STYLE: Any = {"font.size": 8, "svg.fonttype": "none", "svg.hashsalt": "espress", "pdf.fonttype": 42}
_LEAST_DARK = 0.55  # pass rate from which the numbers of a cell are black


def _read(name: str, results: Sequence[Any] | None) -> list[Any]:
    """Return the results to plot; raises InputError, MissingLibraryError."""
    require(["matplotlib"], f"espress.plot.{name}_results", how_to_install("audit"))
    if results is None:
        if not _COMMITTED.is_dir():
            raise InputError(
                [f"{_COMMITTED}: no committed predictions. Pass results, as `espress.probe.run` gives them."]
            )
        return list(read_set_results(_COMMITTED, name))
    found = list(results) if isinstance(results, list | tuple) else [results]
    if not found or any(getattr(one, "set", None) != name for one in found):
        raise InputError([f"Give one or more results of espress.probe.run(model, task={name!r}); these are others."])
    return found


def _new_figure(width: float, height: float) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def check_results(results: Sequence[CheckResult] | CheckResult | None = None, *, numbers: bool = True) -> Figure:
    """Plot the pass rate of each function: of one system with its intervals, of several as a table of colours.

    Args:
        results: of `espress.probe.run(model, task="check")`; None takes the committed predictions of a clone.
        numbers: whether to write the pass rate, in percent, into each cell of the table.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        InputError: these are no results on `check`, or there are no committed predictions or kept items.
        MissingLibraryError: matplotlib is not installed.
    """
    found: list[CheckResult] = _read("check", results)  # type: ignore[arg-type]
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):
        return _plot_functions(found[0]) if len(found) == 1 else _plot_systems(found, numbers=numbers)


def _plot_functions(result: CheckResult) -> Figure:
    ordered = sorted(result.functions, key=lambda one: (one.task, one.passed.value, name_function(one)), reverse=True)
    figure, axes = _new_figure(6.5, 1.2 + 0.16 * len(ordered))
    _draw_shares(axes, [name_function(one) for one in ordered], [one.passed for one in ordered])
    axes.set_xlabel(f"pass rate of {result.model}, with 95 % interval")
    return figure


def _draw_shares(axes: Axes, names: Sequence[str], shares: Sequence[Share | None]) -> None:
    """Draw a dot with its interval for each name, from the bottom up."""
    for place, share in enumerate(shares):
        if share is not None:
            axes.plot([share.low, share.high], [place, place], color=BLUE, linewidth=1.2)
            axes.plot([share.value], [place], "o", color=BLUE, markersize=3.5)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(axis="x", linewidth=0.4)
    axes.spines[["top", "right"]].set_visible(False)


def _plot_systems(results: Sequence[CheckResult], *, numbers: bool) -> Figure:
    import numpy as np

    rates = [{(one.task, name_function(one)): one.passed.value for one in result.functions} for result in results]
    functions = sorted(set().union(*rates))
    values = np.array([[rate.get(function, np.nan) for rate in rates] for function in functions])
    figure, axes = _new_figure(2.4 + 0.36 * len(results), 1.6 + 0.15 * len(functions))
    image = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="none")
    axes.set_yticks(range(len(functions)), [name for _, name in functions], fontsize=6)
    axes.set_xticks(range(len(results)), [one.model for one in results], rotation=60, ha="right", fontsize=7)
    for row, column in np.argwhere(~np.isnan(values)) if numbers else ():
        colour = "black" if values[row, column] >= _LEAST_DARK else "white"
        text = f"{100 * values[row, column]:.0f}"
        axes.text(column, row, text, ha="center", va="center", fontsize=5, color=colour)
    tasks = [task for task, _ in functions]
    for place in range(1, len(tasks)):
        if tasks[place] != tasks[place - 1]:
            axes.axhline(place - 0.5, color="white", linewidth=1.5)
    figure.colorbar(image, ax=axes, shrink=0.4, label="pass rate")
    return figure


def stance_results(results: Sequence[StanceResult] | StanceResult | None = None) -> Figure:
    """Plot macro-F1, triplets, controls and flips of one or more systems, with 95 % intervals.

    Args:
        results: of `espress.probe.run(model, task="stance")`; None takes the committed predictions of a clone.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        InputError: these are no results on `stance`, or there are no committed predictions or kept items.
        MissingLibraryError: matplotlib is not installed.
    """
    found: list[StanceResult] = _read("stance", results)  # type: ignore[arg-type]
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from espress.probe.result import Share

    ordered = sorted(found, key=lambda one: one.model, reverse=True)
    panels: dict[str, list[Share | None]] = {
        "macro-F1": [Share(one.value, one.low, one.high) for one in ordered],
        "triplets all right": [one.triplets.share if one.triplets else None for one in ordered],
        "controls right": [one.controls.right if one.controls else None for one in ordered],
        "flips, states\nexchanged": [_find_flips(one, "states") for one in ordered],
        "flips, sides\nexchanged": [_find_flips(one, "polarity") for one in ordered],
    }
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 1 + 0.24 * len(ordered)), layout="constrained")
        for axes, (title, shares) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
            _draw_shares(axes, [one.model for one in ordered], shares)
            axes.set_title(title, fontsize=8)
        return figure


def _find_flips(result: StanceResult, kind: str) -> Share | None:
    return next((one.flipped for one in result.swaps if one.kind == kind), None)


def to_svg(figure: Figure) -> str:
    """Return a figure as SVG; the same figure and version of matplotlib give the same text."""
    import matplotlib as mpl

    text = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure to a file: SVG, PDF or PNG, by its suffix.

    Raises:
        InputError: the suffix is another, or the folder does not exist.
    """
    import matplotlib as mpl

    file = Path(path)
    if file.suffix not in FORMATS:
        raise InputError([f"{file}: the name of a plot ends in {', '.join(FORMATS)}."])
    if not file.parent.is_dir():
        raise InputError([f"{file}: there is no folder {file.parent}. Make it first."])
    if file.suffix == ".svg":
        file.write_text(to_svg(figure), encoding="utf-8")
        return
    about = {"CreationDate": None} if file.suffix == ".pdf" else {}
    with mpl.rc_context(_STYLE):
        figure.savefig(file, metadata=about, dpi=200)
