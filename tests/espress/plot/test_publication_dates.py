"""Timelines: the bars hold every dated row once, as precisely as its date is known, and undated rows are counted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import espress
from espress.errors import InputError
from espress.plot.publication_dates import _Group, _read_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def read_numbers(axes: Axes) -> dict[str, tuple[int, int]]:
    """Return the number of rows, and of those without a date, of each group."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    numbers = [
        int(text.get_text().replace(",", "")) for text in axes.texts if text.get_text().replace(",", "").isdigit()
    ]
    return dict(zip(names, zip(numbers[::2], numbers[1::2], strict=True), strict=True))


def test_the_catalogue_is_shown_by_event_and_nothing_is_left_out() -> None:
    figure = espress.plot.timeline()
    entries = espress.load("catalogue", as_="pandas")
    numbers = read_numbers(figure.axes[0])
    assert sum(n for n, _ in numbers.values()) == len(entries)
    assert sum(undated for _, undated in numbers.values()) == entries["published"].isna().sum()
    *events, others = numbers
    for event in events:
        own = entries[entries["event_id"] == event]["published"]
        assert numbers[event] == (len(own), own.isna().sum())
    assert others == f"{entries['event_id'].nunique() - len(events)} others"


def test_heights_are_the_rows_of_each_quarter() -> None:
    dates = ["2018-02", "2018-03-31", "2018-04-01", "2023-12-31T23:59:59", None, "2020"]
    axes: Any = espress.plot.timeline([{"published": one} for one in dates]).axes[0]
    scale = -max(-patch.get_height() for patch in axes.patches) / 2
    solid = [patch for patch in axes.patches if not patch.get_hatch()]
    bars = {patch.get_x(): patch.get_height() / scale for patch in solid}
    assert bars == pytest.approx({2018: 2, 2018.25: 1, 2023.75: 1})
    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert [patch.get_x() for patch in hatched] == [2020, 2020.25, 2020.5, 2020.75]
    assert sum(patch.get_height() / scale for patch in hatched) == pytest.approx(1)
    assert "1 in the year" in [text.get_text() for text in axes.texts]
    assert read_numbers(axes) == {"all": (6, 1)}


def test_years_alone_are_shown_by_year_and_a_short_period_by_month() -> None:
    by_year = espress.plot.timeline(pd.DataFrame({"year": [2018, 2020, float("nan")]}), date="year")
    assert "number by year" in by_year.axes[0].get_xlabel()
    assert not any(patch.get_hatch() for patch in by_year.axes[0].patches)
    by_month = espress.plot.timeline([{"published": "2020-01"}, {"published": "2020-03-02"}])
    assert [label.get_text() for label in by_month.axes[0].get_xticklabels()] == ["2020-01", "2020-02", "2020-03"]


@pytest.mark.parametrize(
    ("value", "months"),
    [
        ("2019", (2019 * 12, 2019 * 12 + 11)), (2019, (2019 * 12, 2019 * 12 + 11)), ("2019-12", (2019 * 12 + 11,) * 2),
        ("2019-12-31T10:00:00Z", (2019 * 12 + 11,) * 2), (dt.date(2019, 1, 31), (2019 * 12,) * 2),
        (pd.Timestamp("2019-02-01", tz="UTC"), (2019 * 12 + 1,) * 2), (2019.0, (2019 * 12, 2019 * 12 + 11)),
    ],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_is_written(value: Any, months: tuple[int, int]) -> None:
    found = _read_date(value)
    assert (found[0], found[-1]) == months


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.integers(0, 40).map(lambda m: range(m, m + 1)),
            st.integers(0, 3).map(lambda y: range(12 * y, 12 * y + 12)),
        )
    ),
    st.sampled_from([1, 3, 12]),
)
@settings(max_examples=60)
def test_the_bars_add_up_to_the_dated_rows(rows: list[range | None], step: int) -> None:
    group = _Group("all")
    for one in rows:
        group.add(one, step)
    assert group.n == len(rows)
    assert group.in_bar.total() + sum(group.spread.values()) == pytest.approx(group.n - group.undated)


@pytest.mark.parametrize("value", ["yesterday", "2018-13", "2019-02-30", "23 July 2019", True, ["2019", "2020"]])
def test_what_is_no_date_is_named_with_its_row(value: Any) -> None:
    with pytest.raises(InputError, match=r"column 'published' holds no date: .* in row 2"):
        espress.plot.timeline([{"published": "2019"}, {"published": value}])


def test_no_date_at_all_and_no_such_column_are_errors() -> None:
    with pytest.raises(InputError, match="No row of the list of dicts has a date in the column 'published'"):
        espress.plot.timeline([{"published": None}])
    with pytest.raises(InputError, match=r"no column 'langage'\. Nearest: 'language'"):
        espress.plot.timeline("catalogue", by="langage")
