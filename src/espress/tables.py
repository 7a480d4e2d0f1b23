"""Format tables as aligned text and as Markdown, and shorten lists of names."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    Rows = Iterable[Iterable[object]]

_BAR = re.compile(r"(?<!\\)\|")  # a bar that is not escaped


def join_few(names: Sequence[object], at_most: int = 5, *, total: int | None = None) -> str:
    """Return the first names and the number of the others, for a message: `a, b and 3 more`.

    Args:
        names: all names, or the first of them.
        at_most: the largest number of names to list.
        total: the number of all names, if `names` holds only the first of them.
    """
    shown = [str(name) for name in names[:at_most]]
    more = (len(names) if total is None else total) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def format_text(rows: Rows, head: Sequence[str], *, right: Collection[int] | None = None) -> str:
    """Return a table as aligned text; None is a dash.

    Args:
        rows: the cells.
        head: the names of the columns.
        right: the numbers of the columns to align to the right; by default those that hold whole numbers only.
    """
    cells = [list(head), *_format_cells(rows)]
    if right is None:
        right = [n for n, column in enumerate(zip(*cells, strict=True)) if all(c.isdigit() for c in column[1:])]
    widths = _measure_columns(cells)
    return "\n".join("  ".join(_pad_row(row, widths, right)).rstrip() for row in cells)


def wrap(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` columns of a terminal; longer words are cut."""
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if measure_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = ""
        for character in word:  # most words fit whole
            if line and measure_width(line + character) > width:
                lines.append(line)
                line = ""
            line += character
    return [*lines, line] if line else lines


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return a text filled with spaces to a width in columns of a terminal, on its left if `right`."""
    spaces = " " * (width - measure_width(text))
    return spaces + text if right else text + spaces


def format_markdown(rows: Rows, head: Sequence[str], *, right: Collection[int] = ()) -> str:
    """Return a table as Markdown with aligned columns; None is a dash, and a bar in a cell is escaped.

    Args:
        rows: the cells, in Markdown.
        head: the names of the columns.
        right: the numbers of the columns to align to the right.
    """
    cells = [[_BAR.sub(r"\\|", cell.replace("\n", " ")) for cell in row] for row in _format_cells([head, *rows])]
    # Released dataset cards have columns that are two wider than their names.
    widths = _measure_columns([[f"{name}  " for name in cells[0]], *cells[1:]])
    first, *others = [f"| {' | '.join(_pad_row(row, widths, right))} |" for row in cells]
    rule = "|".join("-" * (width + 1) + (":" if n in right else "-") for n, width in enumerate(widths))
    return "\n".join([first, f"|{rule}|", *others])


def _format_cells(rows: Rows) -> list[list[str]]:
    return [["–" if cell is None else str(cell).strip(" ") for cell in row] for row in rows]


def measure_width(text: str) -> int:
    """Return the width of a text in columns of a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _measure_columns(cells: list[list[str]]) -> list[int]:
    return [max(map(measure_width, column)) for column in zip(*cells, strict=True)]


def _pad_row(row: list[str], widths: list[int], right: Collection[int]) -> list[str]:
    return [pad(cell, width, right=n in right) for n, (cell, width) in enumerate(zip(row, widths, strict=True))]
