"""Plot how far the annotators agree on each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from espress.errors import InputError, UnknownNameError
from espress.plot import style
from espress.plot.columns import read_columns
from espress.plot.label_shares import INTERVALS
from espress.probe.result import Share
from espress.stats.proportions import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.plot.columns import Columns
    from espress.plot.figure import Plot
    from espress.stats.agreement import Agreement

Kind = Literal["model", "human"]
_COLUMNS = (
    "annotator", "annotator_kind", "item_id", "proposition_id", "source_no", "field", "value", "quote_start",
    "quote_end", "is_counted",
)  # fmt: skip


@dataclass(frozen=True)
class _Judgement:
    """A row of the table `annotations`, as `espress.stats.agreement` reads it."""

    annotator: str
    item_id: str
    proposition_id: str
    source_no: int
    field: str
    value: str
    start: int | None
    end: int | None


def agreement(annotations: object = None, *, kind: Kind = "model", sources: object = None) -> Plot:
    """Plot for each field on how many items the annotators agree, and Krippendorff's alpha with its interval.

    The numbers are those of `docs/user/labels.md`: alpha is given only where the design fixes the items, and its
    interval comes from resampled paragraphs. An alpha of 1 without an interval means that no item is disputed.

    Args:
        annotations: a table with the columns of `annotations`; None means that of the corpus. Only rows with
            `is_counted` are compared.
        kind: whose judgements are compared, those of the models or those of persons.
        sources: a table with the class of each source, `source_id` and `source_class`; None means that of the corpus.

    Returns:
        A `matplotlib.figure.Figure`; `save` writes it.

    Raises:
        UnknownNameError: the corpus has no such table, or there is no such kind.
        InputError: a column is missing, or no item was judged by two annotators of this kind.
        MissingLibraryError: matplotlib or krippendorff is not installed.
    """
    if kind not in get_args(Kind):
        raise UnknownNameError("kind of annotator", kind, list(get_args(Kind)))
    with style.use_style("agreement", "krippendorff", "scipy"):
        from espress.stats.agreement import measure_fields

        judged = _read(read_columns("annotations" if annotations is None else annotations, _COLUMNS), kind)
        known = read_columns("sources" if sources is None else sources, ["source_id", "source_class"]).values
        classes = dict(zip(known["source_id"], known["source_class"], strict=True))
        found = [one for one in measure_fields(judged, classes) if one.with_value]
        if not found:
            raise InputError([f"No item was judged by two annotators of the kind {kind!r}, so there is no agreement."])
        return _plot(found, kind)


def _read(columns: Columns, kind: str) -> list[_Judgement]:
    rows = zip(*(columns.values[name] for name in _COLUMNS), strict=True)
    return [
        _Judgement(who, item, proposition or "", int(source_no or 0), field, value or "", _to_int(start), _to_int(end))
        for who, of_kind, item, proposition, source_no, field, value, start, end, is_counted in rows
        if is_counted and of_kind == kind
    ]


def _to_int(value: Any) -> int | None:
    """Return an offset, which missing values in its column may have made a float."""
    return None if value is None else int(value)


def _plot(found: Sequence[Agreement], kind: str) -> Plot:
    from espress.plot.figure import new_plot

    rows: list[Agreement | str] = []  # a string is the heading of a level
    for one in found:
        if not any(isinstance(row, type(one)) and row.level == one.level for row in rows):
            rows.append(one.level)
        rows.append(one)
    title = f"Agreement of annotators (kind: {kind}) by field"
    figure = new_plot(style.WIDTH, 0.75 + style.ROW * len(rows), title, _describe(found))
    counts, alphas = figure.subplots(1, 2, sharey=True, width_ratios=[1.4, 1])
    shares = [None if isinstance(row, str) else _share(row) for row in rows]
    style.draw_dots(counts, shares)
    for place, row in enumerate(rows):
        if not isinstance(row, str):
            text = f"{row.with_value - row.disputed:,} of {row.with_value:,}"
            counts.text(1.02, place, text, va="center_baseline", fontsize=7, transform=counts.get_yaxis_transform())
    coefficients = [None if isinstance(row, str) else _alpha(row) for row in rows]
    style.draw_dots(alphas, coefficients)
    style.name_rows(counts, [row if isinstance(row, str) else row.field for row in rows])
    for label, row in zip(counts.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if isinstance(row, str) else "normal")
    lowest = min([0.9, *(share.low for share in shares if share)])
    counts.set_xlim(max(0, int(lowest * 10) / 10), 1.01)
    alphas.set_xlim(min([0, *(alpha.low for alpha in coefficients if alpha)]) - 0.02, 1.02)
    counts.set_xlabel(f"share of items with a value on which all agree\n{INTERVALS.replace('rows', 'items')}")
    alphas.set_xlabel("Krippendorff's alpha\n95 % interval, paragraphs resampled")
    for axes in (counts, alphas):
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
    return figure


def _share(found: Agreement) -> Share:
    agreed = found.with_value - found.disputed
    return Share(agreed / found.with_value, *wilson_interval(agreed, found.with_value))


def _alpha(found: Agreement) -> Share | None:
    if found.alpha is None:
        return None
    return Share(found.alpha, *(found.interval or (found.alpha, found.alpha)))


def _describe(found: Sequence[Agreement]) -> str:
    parts = []
    for one in found:
        interval = f" [{one.interval[0]:.2f}, {one.interval[1]:.2f}]" if one.interval else ""
        alpha = "" if one.alpha is None else f", alpha {one.alpha:.3f}{interval}"
        parts.append(
            f"{one.level}, {one.field}: all agree on {one.with_value - one.disputed} of {one.with_value}{alpha}"
        )
    return style.join_words(parts)
