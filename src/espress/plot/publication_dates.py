"""Plot when articles were published, as precisely as their dates are known."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.plot import style
from espress.plot.columns import list_texts, read_columns
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from espress.plot.columns import Columns
    from espress.plot.figure import Plot

_DATE = re.compile(r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)([T ].*)?)?)?")
_MONTHS_IN_A_YEAR = 12
_BARS = {1: "month", 3: "quarter", 12: "year"}  # months of a bar -> its name
_YEARS_BY_MONTH, _YEARS_BY_QUARTER = 4, 25  # longest period that is shown in bars of a month, of a quarter
_MOST_GROUPS = 12
_MOST_TICKS = 9
_ROW_INCHES = 0.3
_TALLEST = 0.85  # height of the tallest bar, as a share of its row


@dataclass
class _Group:
    """The rows of one group: how many began in each bar, which fall in several, and how many have no date."""

    name: str
    n: int = 0
    undated: int = 0
    in_bar: Counter[int] = field(default_factory=Counter)
    across: list[range] = field(default_factory=list)  # bars over which a row is spread, because only its year is known

    def add(self, months: range | None, months_of_a_bar: int) -> None:
        """Count one row."""
        self.n += 1
        if months is None:
            self.undated += 1
            return
        bars = range(months[0] // months_of_a_bar, months[-1] // months_of_a_bar + 1)
        if len(bars) == 1:
            self.in_bar[bars[0]] += 1
        else:
            self.across.append(bars)

    @property
    def spread(self) -> dict[int, float]:
        """Return each bar's part of the rows that fall in several bars; such a row is divided evenly among its bars."""
        parts: dict[int, float] = defaultdict(float)
        for bars in self.across:
            for bar in bars:
                parts[bar] += 1 / len(bars)
        return parts

    @property
    def tallest(self) -> float:
        """The height of the tallest bar."""
        spread = self.spread
        return max((self.in_bar[bar] + spread.get(bar, 0) for bar in (*self.in_bar, *spread)), default=0)

    def describe(self) -> str:
        """Return the numbers in words."""
        dated = self.n - self.undated
        spread = f", of which {len(self.across)} known to the year only" if self.across else ""
        return f"{self.name}: {self.n} rows, {dated} with a date{spread}."


def timeline(data: object = None, *, by: str | None = None, date: str = "published") -> Plot:
    """Plot how many articles were published in each month, quarter or year, by event, language, country or the like.

    A date of which only the year is known is spread evenly over the bars of that year, and hatched. Rows without a
    date are not drawn; their number is written at the end of each row of the plot.

    Args:
        data: the name of a table of the corpus, such as "articles" or "catalogue"; or a pandas or polars DataFrame, a
            pyarrow Table, a datasets.Dataset or a list of dicts. None means the catalogue.
        by: a column, each value of which is a row of the plot: the twelve commonest, and the others together. A row of
            the table whose cell holds a list counts for each of its values. None means one row for all or, if
            `data` is None too, one for each event.
        date: the column of the dates: text such as "2019", "2019-07" or "2019-07-23", years, dates or timestamps.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        UnknownNameError: the corpus has no such table.
        InputError: the data has no such column (the message gives the nearest names), a value is not a date (the
            message names the rows), or no row has a date.
        MissingLibraryError: matplotlib is not installed.
    """
    if data is None:
        data, by = "catalogue", by or "event_id"
    with style.use_style("timeline"):
        columns = read_columns(data, [date] if by is None else [date, by])
        months = _read_months(columns, date)
        known = [one for one in months if one is not None]
        if not known:
            raise InputError([f"No row of {columns.source} has a date in the column {date!r}."])
        first, last = min(one[0] for one in known), max(one[-1] for one in known)
        step = _choose_step(first, last, known)
        title = f"Publication dates by {by}" if by else "Publication dates"
        return _plot(_count_groups(columns, months, by, step), title, first, last, step)


def _read_months(columns: Columns, name: str) -> list[range | None]:
    """Return the months in which each row may have been published; raises InputError, naming rows."""
    found: list[range | None] = []
    wrong: list[str] = []
    read = cache(_read_date)  # dates recur
    for number, value in enumerate(columns.values[name], 1):
        try:
            found.append(None if value is None else _read_date(value) if isinstance(value, list) else read(value))
        except ValueError:
            wrong.append(f"{value!r} in row {number}")
    if wrong:
        remedy = "Write dates as 2019, 2019-07 or 2019-07-23, and leave the cell empty if the date is unknown."
        raise InputError([f"{columns.source}: column {name!r} holds no date: {join_few(wrong)}. {remedy}"])
    return found


def _read_date(value: Any) -> range:
    """Return the months that a date covers, counted from the year 0; raises ValueError."""
    if isinstance(value, dt.date):
        start = value.year * _MONTHS_IN_A_YEAR + value.month - 1
        return range(start, start + 1)
    match = _DATE.fullmatch(" ".join(list_texts(value)).strip())
    if match is None:
        raise ValueError(value)
    dt.date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    start = int(match["year"]) * _MONTHS_IN_A_YEAR
    return (
        range(start + int(match["month"]) - 1, start + int(match["month"]))
        if match["month"]
        else range(start, start + 12)
    )


def _choose_step(first: int, last: int, known: Sequence[range]) -> int:
    """Return how many months a bar covers."""
    years = (last - first + 1) / _MONTHS_IN_A_YEAR
    if years > _YEARS_BY_QUARTER or all(len(one) == _MONTHS_IN_A_YEAR for one in known):
        return 12
    return 1 if years <= _YEARS_BY_MONTH else 3


def _count_groups(columns: Columns, months: Sequence[range | None], by: str | None, step: int) -> list[_Group]:
    """Return the largest groups, the largest first, and all others as one."""
    names = [["all"]] * len(months) if by is None else [list_texts(v) or ["(no value)"] for v in columns.values[by]]
    sizes = Counter(name for own in names for name in own)
    order = [name for name, _ in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))]
    if len(order) > _MOST_GROUPS:
        order = order[: _MOST_GROUPS - 1]
    others = f"{len(sizes) - len(order)} others"
    groups = {name: _Group(name) for name in (*order, *([others] if len(order) < len(sizes) else []))}
    for own, span in zip(names, months, strict=True):
        for name in dict.fromkeys(name if name in groups else others for name in own):
            groups[name].add(span, step)
    return list(groups.values())


def _plot(groups: Sequence[_Group], title: str, first: int, last: int, step: int) -> Plot:
    from espress.plot.figure import new_plot

    bars = _BARS[step]
    text = [f"Number of rows in each {bars} from {first // 12} to {last // 12}"]
    text += [group.describe() for group in groups]
    figure = new_plot(style.WIDTH, 0.9 + _ROW_INCHES * len(groups), title, style.join_words(text))
    axes = figure.subplots()
    tallest = max(group.tallest for group in groups)
    for place, group in enumerate(groups):
        _draw_group(axes, place, group, step, _TALLEST / tallest)
        for at, number in ((1.06, group.n), (1.15, group.undated)):
            axes.text(at, place, f"{number:,}", ha="right", va="center_baseline", transform=axes.get_yaxis_transform())
    for at, name in ((1.06, "rows"), (1.15, "no date")):
        axes.text(at, -0.75, name, ha="right", va="bottom", fontsize=7, transform=axes.get_yaxis_transform())
    _name_axes(axes, groups, first, last)
    fewer = any(group.across for group in groups)
    hatched = "; hatched: only the year is known, spread over it" if fewer else ""
    axes.set_xlabel(f"published, number by {bars}; tallest bar: {tallest:,.0f}{hatched}")
    return figure


def _draw_group(axes: Axes, place: int, group: _Group, step: int, scale: float) -> None:
    """Draw the bars of one group, upwards from its line; those of rows that are spread are hatched, on top."""
    base = place + 0.4
    axes.axhline(base, color=style.RULE, linewidth=0.5, zorder=1)
    width = step / _MONTHS_IN_A_YEAR
    for bar, count in sorted(group.in_bar.items()):
        axes.bar(bar * width, -count * scale, width, base, align="edge", color=style.BLUE, linewidth=0)
    spread = group.spread
    for bar, part in sorted(spread.items()):
        top = base - group.in_bar[bar] * scale
        axes.bar(
            bar * width, -part * scale, width, top, align="edge", color="none", edgecolor=style.BLUE, hatch="//////",
            linewidth=0,
        )  # fmt: skip
    for bars, count in sorted(Counter(group.across).items(), key=lambda pair: pair[0][0]):
        height = max(group.in_bar[bar] + spread[bar] for bar in bars)
        middle = (bars[0] + bars[-1] + 1) / 2 * width
        axes.text(middle, base - height * scale - 0.03, f"{count} in the year", ha="center", va="bottom", fontsize=6)


def _name_axes(axes: Axes, groups: Sequence[_Group], first: int, last: int) -> None:
    style.name_rows(axes, [style.shorten(group.name) for group in groups])
    axes.spines["left"].set_visible(False)
    by_month = last - first < _MONTHS_IN_A_YEAR
    first, last = (first, last) if by_month else (first // 12, last // 12)
    unit = _MONTHS_IN_A_YEAR if by_month else 1
    every = -(-(last - first + 1) // _MOST_TICKS)
    shown = range(first, last + 1, every)
    names = [f"{one // 12}-{one % 12 + 1:02d}" if by_month else str(one) for one in shown]
    axes.set_xticks([(one + 0.5) / unit for one in shown], names)  # in the middle of what they name
    axes.set_xticks([one / unit for one in range(first, last + 2)], minor=True)
    axes.set_xlim(first / unit, (last + 1) / unit)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", which="minor")
