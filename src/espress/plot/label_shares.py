"""Plot how often each class of a label occurs, in a table or in each of its groups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espress.errors import InputError, UnknownNameError
from espress.plot import style
from espress.plot.columns import list_texts, read_columns
from espress.schema import schema
from espress.stats.proportions import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from espress.plot.columns import Columns
    from espress.plot.figure import Plot

_TABLES = (
    "relevance",
    "entries",
    "article_stance",
    "claim_matrix",
)  # tables in which labels of articles originate; other tables copy labels from these
_DERIVED = ("claim_status", "attribution")  # closed lists of labels that follow from fields of the codebook
_ALWAYS_SHOWN = 12  # a closed list of at most so many classes is shown whole, with classes that do not occur
_MOST_CLASSES, _MOST_PANELS, _MOST_GROUPS = 30, 12, 30
_PANELS_IN_A_ROW = 6
_NO_GROUP = "(no value)"
INTERVALS = "95 % Wilson interval, as if rows were independent"


@dataclass(frozen=True)
class Distribution:
    """How many rows of a group have each class of a label, in the order of the classes."""

    name: str
    counts: dict[str, int]
    missing: int  # rows without a value

    @property
    def n(self) -> int:
        """The number of rows with a value."""
        return sum(self.counts.values())

    def describe(self) -> str:
        """Return the counts in words."""
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        missing = f"; {self.missing} without a value" if self.missing else ""
        return f"{self.name}: {counts or 'no row with a value'} (n = {self.n}{missing})."


def labels(data: object = None, label: str | None = None, *, by: str | None = None) -> Plot:
    """Plot the share of rows with each class of a label, with the counts and Wilson's intervals.

    Rows without a value are left out of the shares, and their number is given. The intervals are those of independent
    rows; for units, which are not independent within an article, they are too short.

    Args:
        data: the name of a table of the corpus; or a pandas or polars DataFrame, a pyarrow Table, a datasets.Dataset
            or a list of dicts. None means the table that has the label.
        label: a column; None means all labels of a table of the corpus or, without a table, of all articles.
        by: a column, each value of which is a row of the plot. A row of the table whose cell holds a list counts for
            each of its values.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        UnknownNameError: the corpus has no such table, or no table with this label.
        InputError: the data has no such column (the message gives the nearest names), no label is named, or there is
            no row.
        MissingLibraryError: matplotlib or scipy is not installed.
    """
    with style.use_style("labels", "scipy"):
        if by is not None:
            return _plot_groups(data, label, by)
        return _plot_labels([_count_label(table, name) for table, name in _choose(data, label)])


def _count_label(data: object, name: str) -> Distribution:
    """Count the classes of one label."""
    columns = read_columns(data, [name])
    found = _find_classes(columns, name, _MOST_CLASSES).count(name, columns.values[name])
    return replace(found, name=f"{columns.table}.{name}" if columns.table else name)


def _list_labels(table: str) -> list[str]:
    """Return the columns of a table that hold labels."""
    return [column.name for column in schema().table(table).columns if column.labels or column.values in _DERIVED]


def _choose(data: object, label: str | None) -> list[tuple[object, str]]:
    """Return the tables and columns to plot."""
    if label is not None:
        return [(_find_table(label) if data is None else data, label)]
    if data is None:
        return [(table, name) for table in _TABLES for name in _list_labels(table)]
    if not isinstance(data, str):
        raise InputError(["Name the column to plot, for example `espress.plot.labels(data, 'label')`."])
    found = _list_labels(data)
    if not found:
        columns = ", ".join(column.name for column in schema().table(data).columns)
        raise InputError([f"The table {data!r} has no labels. Name one of its columns: {columns}."])
    return [(data, name) for name in found]


def _find_table(label: str) -> str:
    """Return the table that has a label; raises UnknownNameError."""
    known = {name: table for table in reversed(_TABLES) for name in _list_labels(table)}
    if label not in known:
        raise UnknownNameError("label", label, list(known), "To plot another column, name its table first.")
    return known[label]


@dataclass(frozen=True)
class _Classes:
    """The classes of a column in order; if there are many, the rarest are counted together."""

    shown: tuple[str, ...]
    others: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as they are shown."""
        return (*self.shown, f"{self.others} others") if self.others else self.shown

    def count(self, name: str, values: Sequence[Any]) -> Distribution:
        """Count the values of each class."""
        shown = set(self.shown)
        counts = Counter(text if text in shown else self.names[-1] for value in values for text in list_texts(value))
        missing = sum(value is None for value in values)
        return Distribution(name, {one: counts[one] for one in self.names}, missing)


def _find_classes(columns: Columns, name: str, most: int) -> _Classes:
    """Return the classes of a column: as its table orders them, as the codebook does, or by their number of rows."""
    counts = Counter(text for value in columns.values[name] for text in list_texts(value))
    known = columns.orders.get(name) or _find_vocabulary(columns.table, name)
    if known and set(counts) <= set(known):
        order = [one for one in known if one in counts or len(known) <= _ALWAYS_SHOWN]
    else:
        order = [one for one, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    if len(order) <= most:
        return _Classes(tuple(order))
    kept = set(sorted(order, key=lambda one: -counts[one])[: most - 1])
    return _Classes(tuple(one for one in order if one in kept), len(order) - len(kept))


def _find_vocabulary(table: str, name: str) -> list[str]:
    """Return the closed list of a column of the corpus; without a table, that of any column of that name."""
    tables = [one for one in schema().tables if one.name == table] if table else schema().tables
    for column in (column for one in tables for column in one.columns if column.name == name):
        if column.vocabulary:
            return list(schema().terms(column) or ())
    return []


def _plot_labels(found: Sequence[Distribution]) -> Plot:
    """Plot each label in a separate panel, with a bar for each class."""
    from espress.plot.figure import new_plot

    drawn = [one for one in found if one.n]
    if not drawn:
        raise InputError(["There is no row with a value to plot."])
    title = drawn[0].name if len(drawn) == 1 else f"Distribution of {len(drawn)} labels"
    text = style.join_words([f"Share of rows with each class; line: {INTERVALS}", *(one.describe() for one in found)])
    columns = _divide(drawn) if len(drawn) > 1 else [drawn]
    rows = max(sum(len(one.counts) + 2 for one in column) for column in columns)
    figure = new_plot(style.WIDTH if len(columns) > 1 else 5.5, 0.55 + style.ROW * rows, title, text)
    for part, column in zip(figure.subfigures(1, len(columns), squeeze=False)[0], columns, strict=True):
        heights = [len(one.counts) + 0.6 for one in column]
        panels = part.subplots(len(column), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
        for axes, one in zip(panels, column, strict=True):
            _draw_classes(axes, one)
        panels[-1].set_xlabel("share of rows")
    figure.supxlabel(f"line: {INTERVALS}", fontsize=7)
    return figure


def _divide(found: Sequence[Distribution]) -> list[Sequence[Distribution]]:
    """Return the labels in two columns of about the same height."""
    heights = [len(one.counts) + 2 for one in found]
    cut = min(range(1, len(found)), key=lambda at: abs(sum(heights[:at]) - sum(heights[at:])))
    return [found[:cut], found[cut:]]


def _draw_classes(axes: Axes, found: Distribution) -> None:
    """Draw a bar for each class, with its count and share written at the end of the row."""
    style.name_rows(axes, list(map(style.shorten, found.counts)))
    style.show_shares(axes)
    for place, count in enumerate(found.counts.values()):
        _draw_share(axes, place, count, found.n)
        share = f"{count:,} ({100 * count / found.n:.0f} %)" if found.n else "0"
        axes.text(1.03, place, share, va="center_baseline", fontsize=7, transform=axes.get_yaxis_transform())
    missing = f"; null: {found.missing:,}" if found.missing else ""
    axes.set_title(f"{style.shorten(found.name)} (n = {found.n:,}{missing})")


def _draw_share(axes: Axes, place: float, count: int, n: int) -> float:
    """Draw the share of a class as a bar with its interval, and return where they end."""
    if not n:
        return 0.0
    low, high = wilson_interval(count, n)
    axes.barh(place, count / n, 0.62, color=style.SKY, edgecolor=style.BLUE, linewidth=0.7)
    style.draw_interval(axes, place, low, high)
    return high


def _plot_groups(data: object, label: str | None, by: str) -> Plot:
    """Plot each class in a separate panel, with a bar for each group."""
    from espress.plot.figure import new_plot

    if label is None:
        example = f"espress.plot.labels('entries', 'position', by={by!r})"
        raise InputError([f"Name the label to plot by {by!r}, for example `{example}`."])
    columns = read_columns(_find_table(label) if data is None else data, [label, by])
    classes = _find_classes(columns, label, _MOST_PANELS)
    everything = classes.count(label, columns.values[label])
    if not everything.n:
        raise InputError([f"No row of {columns.source} has a value in the column {label!r}."])
    groups = _count_groups(columns, label, by, classes)
    names = f"Share of the rows of each {by} with each class of {label}; line: {INTERVALS}"
    text = style.join_words([names, *(one.describe() for one in groups)])
    across = min(len(classes.names), _PANELS_IN_A_ROW)
    down = -(-len(classes.names) // across)
    figure = new_plot(style.WIDTH, 0.45 + down * (0.5 + style.ROW * len(groups)), f"{label} by {by}", text)
    panels = figure.subplots(down, across, squeeze=False, sharey=True, sharex=True)
    style.name_rows(panels[0, 0], [f"{style.shorten(one.name)} (n = {one.n:,})" for one in groups])
    for axes, name in zip(panels.flat, classes.names, strict=False):
        style.show_shares(axes)
        axes.tick_params(axis="y", length=0)
        axes.set_title(style.shorten(name, 24))
        for place, group in enumerate(groups):
            end = _draw_share(axes, place, group.counts[name], group.n)
            axes.text(end + 0.04, place, f"{group.counts[name]:,}", va="center_baseline", fontsize=6.5)
    for place in range(len(classes.names), panels.size):
        panels.flat[place].set_visible(False)
        panels.flat[place - across].tick_params(labelbottom=True)
    missing = f"; {everything.missing:,} rows without a value" if everything.missing else ""
    figure.supxlabel(f"share of the rows of each {by}, with their number; line: {INTERVALS}{missing}", fontsize=7)
    return figure


def _count_groups(columns: Columns, label: str, by: str, classes: _Classes) -> list[Distribution]:
    """Count the classes in each group; the smallest of many groups are counted together."""
    groups = _find_classes(columns, by, _MOST_GROUPS)
    rows: dict[str, list[Any]] = {name: [] for name in groups.names}
    for value, cell in zip(columns.values[label], columns.values[by], strict=True):
        for name in list_texts(cell) or [_NO_GROUP]:
            rows.setdefault(name if name in rows or name == _NO_GROUP else groups.names[-1], []).append(value)
    return [classes.count(name, own) for name, own in rows.items() if own]
