"""The result of an audit as text, Markdown, HTML, JSON or plain data.

`templates/report.j2` has the words and tables of a report for all formats; `text.j2`, `md.j2` and `html.j2` have the
markup of each format. Every printed value is escaped for the format, so that names and texts of the user cannot become
markup, leave their cell or reach the terminal as control characters.
"""

from __future__ import annotations

import dataclasses
import json
import re
import textwrap
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from espress.shortcut_audit.criteria import GAIN_THRESHOLD, NOT_APPLICABLE, P_THRESHOLD, SKILL_THRESHOLD
from espress.shortcut_audit.report.escape import clean, escape_line_start, escape_markdown
from espress.shortcut_audit.report.plots import draw
from espress.tables import format_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from espress.shortcut_audit.result import Audit, Estimate, GroupLabels, LabelShares

DASH = "–"
_WIDTH = 100  # width of text in columns; tables may be wider
_CELL_END = "\x1f"
_BAR_WIDTH = 20  # characters
_SHADES = "░█▒▓·"  # of the labels in a bar, the commonest first


def to_dict(audit: Audit) -> dict[str, Any]:
    """Return the result as dicts, lists, strings, numbers, booleans and None, as after a round trip through JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(audit), allow_nan=False))
    return plain


def render(audit: Audit, form: str) -> str:
    """Return the report in a format: "text", "md", "html" or "json".

    Raises:
        MissingLibraryError: matplotlib is not installed, which HTML needs.
    """
    if form == "json":
        return json.dumps(to_dict(audit), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    page = (
        _environment(form)
        .get_template("report.j2")
        .render(
            audit=audit,
            macros=f"{form}.j2",
            new_notes=Notes,
            draw=partial(draw, audit),
            not_applicable=NOT_APPLICABLE,
            skill_threshold=SKILL_THRESHOLD,
            gain_threshold=GAIN_THRESHOLD,
            p_threshold=P_THRESHOLD,
        )
    )
    return re.sub(r"\n{3,}", "\n\n", page).strip("\n") + "\n"


@cache
def _environment(form: str) -> Environment:
    """Return the jinja2 environment for a format; every printed value is escaped for it."""
    escapes: dict[str, Callable[[str], str]] = {"text": str, "md": escape_markdown, "html": escape}

    def escaped(value: Any) -> Markup:
        return value if isinstance(value, Markup) else Markup(escapes[form](clean(str(value))))  # noqa: S704

    def safe(function: Callable[..., str]) -> Callable[..., Markup]:
        return lambda value, *arguments: Markup(function(str(escaped(value)), *arguments))  # noqa: S704

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["cell_end"] = Markup(_CELL_END)  # noqa: S704
    formatters = (number, share, thousands, estimate, bar, bar_legend, label_cells)
    environment.filters |= {function.__name__: function for function in formatters}
    environment.filters |= {"wrap": safe(_wrap), "align": safe(_align), "line": safe(escape_line_start)}
    return environment


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(text.strip(), _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))


def _align(lines: str, head: Sequence[str], words: Sequence[int]) -> str:
    """Return lines of cells as an aligned table; `words` are the columns of text, not numbers."""
    rows = [line.split(_CELL_END)[:-1] for line in lines.strip("\n").split("\n") if line]
    table = format_text(rows, list(map(clean, head)), right=set(range(len(head))) - set(words))
    return textwrap.indent(table, "  ")


class Notes:
    """Footnotes of a table, lettered in the order of first use, because long reasons do not fit into narrow cells."""

    def __init__(self) -> None:
        """Start without footnotes."""
        self._letters: dict[str, str] = {}

    def mark(self, reason: str | None) -> str:
        """Return " (a)" for a reason, with the same letter for the same words; "" for None."""
        if reason is None:
            return ""
        count = len(self._letters)
        letters = ("" if count < 26 else chr(96 + count // 26)) + chr(97 + count % 26)
        return f" ({self._letters.setdefault(reason, letters)})"

    def lines(self) -> list[str]:
        """Return each footnote with its letter."""
        return [f"({letter}) {reason}" for reason, letter in self._letters.items()]


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with fixed digits, a dash for None; never "-0.000"."""
    if value is None:
        return DASH
    shown = f"{value:.{digits}f}"
    return shown.lstrip("-") if float(shown) == 0 else shown


def share(value: float | None) -> str:
    """Return a share as a percentage."""
    return DASH if value is None else f"{number(100 * value, 1)} %"


def label_cells(group: GroupLabels) -> list[str]:
    """Return the share of each label in a group, with its number of rows."""
    return [f"{share(own)} ({thousands(n)})" for own, n in zip(group.shares, group.counts, strict=True)]


def bar(group: GroupLabels) -> str:
    """Return the label shares of a group as a stacked bar of characters, which always has the same width."""
    ends = [round(_BAR_WIDTH * sum(group.counts[: at + 1]) / group.n) for at in range(len(group.counts))]
    starts = [0, *ends[:-1]]
    return "".join(shade * (end - start) for shade, start, end in zip(_SHADES, starts, ends, strict=False))


def bar_legend(shares: LabelShares) -> str:
    """Return the shade of each label in the bars."""
    return ", ".join(f"{shade} {label}" for shade, label in zip(_SHADES, shares.labels, strict=False))


def thousands(value: int) -> str:
    """Return a count with separators of thousands."""
    return f"{value:,}"


def estimate(value: Estimate, notes: Notes) -> str:
    """Return "0.612 (0.510 to 0.701)"; a missing value gives its reason, a missing or doubtful interval a note."""
    if value.value is None:
        return value.reason or DASH
    interval = "" if value.low is None else f" ({number(value.low)} to {number(value.high)})"
    return f"{number(value.value)}{interval}{notes.mark(value.reason)}"
