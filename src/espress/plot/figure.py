"""The figures that the plots return."""

from __future__ import annotations

from matplotlib.figure import Figure


class Plot(Figure):
    """A matplotlib figure that says in words what it shows; a notebook displays it as SVG."""

    title: str = ""
    description: str = ""

    def _repr_svg_(self) -> str:
        from espress.plot.output import to_svg

        return to_svg(self)


def new_plot(width: float, height: float, title: str, description: str) -> Plot:
    """Return an empty figure, in inches."""
    figure = Plot(figsize=(width, height), layout="constrained")
    figure.title, figure.description = title, description
    return figure
