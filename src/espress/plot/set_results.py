"""Plot results on the constructed sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.plot import style
from espress.probe.constructed.pages import name_function
from espress.probe.reports import read_set_results
from espress.probe.result import Share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.plot.figure import Plot
    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.stance_result import StanceResult

_COMMITTED = Path(__file__).parents[3] / "predictions" / "sets"
_LEAST_DARK = 0.55  # pass rate from which the numbers of a cell are black


def _read(name: str, results: Sequence[Any] | object | None) -> list[Any]:
    """Return the results to plot; raises InputError."""
    if results is None:
        if not _COMMITTED.is_dir():
            raise InputError(
                [f"{_COMMITTED}: no committed predictions. Pass results, as `espress.probe.run` gives them."]
            )
        return list(read_set_results(_COMMITTED, name))
    found = list(results) if isinstance(results, list | tuple) else [results]
    if not found or any(getattr(one, "set", None) != name for one in found):
        raise InputError([f"Give one or more results of espress.probe.run(model, task={name!r}); these differ."])
    return found


def check_results(results: Sequence[CheckResult] | CheckResult | None = None, *, numbers: bool = True) -> Plot:
    """Plot the pass rate of each function: for one system with intervals, for several as a table of colours.

    Args:
        results: results of `espress.probe.run(model, task="check")`; None takes the committed predictions of a clone.
        numbers: whether to write the pass rate, in percent, into each cell of the table.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        InputError: these are no results on `check`, or there are no committed predictions or kept items.
        MissingLibraryError: matplotlib is not installed.
    """
    with style.use_style("check_results"):
        found: list[CheckResult] = _read("check", results)
        return _plot_functions(found[0]) if len(found) == 1 else _plot_systems(found, numbers=numbers)


def _plot_functions(result: CheckResult) -> Plot:
    from espress.plot.figure import new_plot

    ordered = sorted(result.functions, key=lambda one: (one.task, -one.passed.value, name_function(one)))
    names = [name_function(one) for one in ordered]
    title = f"Pass rate of {result.model} by function"
    text = [f"{name}: {one.passed.value:.2f}" for name, one in zip(names, ordered, strict=True)]
    figure = new_plot(6.5, 0.7 + 0.17 * len(ordered), title, style.join_words(text))
    axes = figure.subplots()
    style.name_rows(axes, list(map(style.shorten, names)))
    style.draw_dots(axes, [one.passed for one in ordered])
    axes.set_xlim(-0.02, 1.02)
    axes.grid(axis="x")
    axes.set_xlabel(f"pass rate of {result.model}, with 95 % interval")
    return figure


def _plot_systems(results: Sequence[CheckResult], *, numbers: bool) -> Plot:
    import numpy as np

    from espress.plot.figure import new_plot

    rates = [{(one.task, name_function(one)): one.passed.value for one in result.functions} for result in results]
    functions = sorted(set().union(*rates))
    values = np.array([[rate.get(function, np.nan) for rate in rates] for function in functions])
    text = [f"{one.model}: mean {one.value:.2f}" for one in results]
    title = f"Pass rate of {len(results)} systems by function"
    figure = new_plot(2.6 + 0.36 * len(results), 1.6 + 0.15 * len(functions), title, style.join_words(text))
    axes = figure.subplots()
    image = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="none")
    axes.set_yticks(range(len(functions)), [name for _, name in functions], fontsize=6)
    axes.set_xticks(
        range(len(results)), [style.shorten(one.model) for one in results], rotation=60, ha="right", fontsize=7
    )
    for row, column in np.argwhere(~np.isnan(values)) if numbers else ():
        colour = "black" if values[row, column] >= _LEAST_DARK else "white"
        rate = f"{100 * values[row, column]:.0f}"
        axes.text(column, row, rate, ha="center", va="center", fontsize=5, color=colour)
    axes.spines[:].set_visible(False)
    tasks = [task for task, _ in functions]
    for task in dict.fromkeys(tasks):
        first, last = tasks.index(task), tasks.index(task) + tasks.count(task) - 1
        axes.axhline(first - 0.5, color="white", linewidth=1.5)
        middle = (first + last) / 2
        axes.text(len(results) - 0.3, middle, task, rotation=270, va="center", ha="left", fontsize=7)
    figure.colorbar(image, ax=axes, shrink=0.4, label="pass rate")
    return figure


def stance_results(results: Sequence[StanceResult] | StanceResult | None = None) -> Plot:
    """Plot macro-F1, triplets, controls and flips of one or more systems, with 95 % intervals.

    Args:
        results: results of `espress.probe.run(model, task="stance")`; None takes the committed predictions of a clone.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        InputError: these are no results on `stance`, or there are no committed predictions or kept items.
        MissingLibraryError: matplotlib is not installed.
    """
    from espress.plot.figure import new_plot

    with style.use_style("stance_results"):
        found = sorted(_read("stance", results), key=lambda one: one.model)
        panels: dict[str, list[Share | None]] = {
            "macro-F1": [Share(one.value, one.low, one.high) for one in found],
            "triplets all right": [one.triplets.share if one.triplets else None for one in found],
            "controls right": [one.controls.right if one.controls else None for one in found],
            "flips, states\nexchanged": [_find_flips(one, "states") for one in found],
            "flips, sides\nexchanged": [_find_flips(one, "polarity") for one in found],
        }
        names = [one.model for one in found]
        text = [f"{name}: {_describe(panels, at)}" for at, name in enumerate(names)]
        title = f"Results of {len(found)} systems on the constructed articles"
        figure = new_plot(9, 0.9 + 0.24 * len(names), title, style.join_words(text))
        for axes, (panel, shares) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
            style.name_rows(axes, list(map(style.shorten, names)))
            style.draw_dots(axes, shares)
            axes.set_xlim(-0.02, 1.02)
            axes.grid(axis="x")
            axes.set_title(panel)
        return figure


def _find_flips(result: StanceResult, kind: str) -> Share | None:
    return next((one.flipped for one in result.swaps if one.kind == kind), None)


def _describe(panels: dict[str, list[Share | None]], at: int) -> str:
    own = {panel.replace("\n", " "): shares[at] for panel, shares in panels.items()}
    return ", ".join(f"{panel} {share.value:.2f}" for panel, share in own.items() if share)
