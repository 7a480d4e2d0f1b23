"""The style of all plots: colours, sizes, and how a share with its interval is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.errors import require
from espress.installation import how_to_install
from espress.shortcut_audit.report.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes

    from espress.probe.result import Share

# Two blues of Okabe and Ito's palette, one light and one dark, and two greys. `output` replaces them in pages.
BLUE, SKY = "#0072b2", "#56b4e9"
INK, RULE = "#1a1a1a", "#b0b0b0"
FONT = "DejaVu Sans"  # comes with matplotlib, so that texts have the same width everywhere
WIDTH = 7.2  # inches, across both columns of a paper
ROW = 0.19  # inches
_LONGEST_NAME = 36
_STYLE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "font.family": FONT,
    "font.size": 8,
    "grid.color": RULE,
    "grid.linewidth": 0.4,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",  # text stays text, so that it can be searched, and drawn in any script
    "svg.hashsalt": "espress",  # the same figure gets the same ids
    "text.color": INK,
    "text.parse_math": False,  # a name may hold dollar signs
    "xtick.color": INK,
    "ytick.color": INK,
}


def use_style(function: str, *libraries: str) -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in our style; raises MissingLibraryError."""
    require(["matplotlib", *libraries], f"espress.plot.{function}", how_to_install("audit"))
    import matplotlib as mpl

    return mpl.rc_context(_STYLE)


def shorten(name: str, longest: int = _LONGEST_NAME) -> str:
    """Return a name on one line; a long name keeps its beginning and its end, where similar names often differ."""
    line = clean(name) or "(blank)"
    end = longest // 3
    return line if len(line) <= longest else f"{line[: longest - end - 1]}…{line[-end:]}"


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a plot, the first on top; callers shorten names that come from the data."""
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def show_shares(axes: Axes) -> None:
    """Make the horizontal axis one of shares from 0 to 1."""
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.grid(axis="x")


def draw_interval(axes: Axes, place: float, low: float, high: float) -> None:
    """Draw an interval as a line."""
    axes.plot([low, high], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt", zorder=3)


def draw_dots(axes: Axes, shares: Sequence[Share | None]) -> None:
    """Draw a dot with its interval in each row; None leaves the row empty."""
    for place, share in enumerate(shares):
        if share is not None:
            draw_interval(axes, place, share.low, share.high)
            axes.plot([share.value], [place], "o", color=BLUE, markersize=3.8, clip_on=False, zorder=4)


def join_words(parts: Sequence[str]) -> str:
    """Return the sentences of a description."""
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)
