"""The bars of the timeline add up to its rows, and lie within the picture."""

from __future__ import annotations

from espress_build.site.timeline import make_timeline


def test_months_and_years_add_up_and_rows_without_a_date_are_counted() -> None:
    rows = [("2019-07-22", "a"), ("2019-07", "a"), ("2019-12-01", "b"), ("2021-01", "b"), (None, "a")]
    timeline = make_timeline(rows)
    assert timeline is not None
    assert [(year.name, year.number) for year in timeline.years] == [("2019", 3), ("2020", 0), ("2021", 1)]
    assert timeline.undated == 1
    bars = [month for year in timeline.years for month in year.months]
    assert [(bar.name, bar.number) for bar in bars] == [("2019-07", 2), ("2019-12", 1), ("2021-01", 1)]
    assert all(bar.y > 0 and bar.x + bar.width <= timeline.width for bar in bars)
    assert {bar.y + bar.height for bar in bars} == {timeline.base}
    assert (timeline.peaks[0].month, timeline.peaks[0].event, timeline.peaks[0].of_event) == ("2019-07", "a", 2)


def test_without_dates_there_is_no_timeline() -> None:
    assert make_timeline([(None, "a")]) is None
