"""A timeline: the number of rows in each month, as bars of an SVG."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH, HEIGHT = 960, 200
_TOP, _BOTTOM, _SIDE = 10, 24, 28
_PEAKS = 4  # months whose most frequent event is named


@dataclass(frozen=True)
class Month:
    """One bar; lengths are in units of the SVG."""

    name: str  # "2019-07"
    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Year:
    """The months of a year that have rows."""

    name: str
    number: int
    x: float
    width: float
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Peak:
    """A month with many rows, and what most of them are about."""

    month: str
    number: int
    event: str
    of_event: int


@dataclass(frozen=True)
class Timeline:
    """Years from first to last without gaps, the months with most rows, and rows without a date."""

    years: tuple[Year, ...]
    peaks: tuple[Peak, ...]
    lines: tuple[tuple[float, int], ...]  # height and number of each horizontal line
    undated: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - _BOTTOM


def _choose_step(most: int) -> int:
    """Return the distance of horizontal lines: 1, 2 or 5 times a power of ten, at most five lines."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 5 * factor * power:
                return factor * power
        power *= 10


def make_timeline(rows: Iterable[tuple[str | None, str]]) -> Timeline | None:
    """Return the timeline of rows, or None if no row has a date.

    Args:
        rows: the date of each row (year and month, or more; None if unknown), and its event.
    """
    events: dict[str, Counter[str]] = defaultdict(Counter)
    undated = 0
    for date, event in rows:
        if date:
            events[date[:7]][event] += 1
        else:
            undated += 1
    if not events:
        return None
    months = {name: counts.total() for name, counts in events.items()}
    first, last = int(min(months)[:4]), int(max(months)[:4])
    most = max(months.values())
    wide = (WIDTH - _SIDE) / (12 * (last - first + 1))
    tall = (HEIGHT - _TOP - _BOTTOM) / most

    def place(name: str) -> Month:
        year, month = int(name[:4]), int(name[5:7])
        x = _SIDE + wide * (12 * (year - first) + month - 1)
        height = tall * months[name]
        return Month(name, months[name], *(round(v, 1) for v in (x, HEIGHT - _BOTTOM - height, wide - 0.6, height)))

    years = []
    for year in range(first, last + 1):
        own = tuple(place(name) for name in sorted(months) if name.startswith(f"{year:04d}"))
        x = round(_SIDE + wide * 12 * (year - first), 1)
        years.append(Year(f"{year:04d}", sum(one.number for one in own), x, round(12 * wide, 1), own))
    largest = sorted(months, key=lambda name: (-months[name], name))[:_PEAKS]
    peaks = []
    for name in sorted(largest):
        event, number = min(events[name].items(), key=lambda pair: (-pair[1], pair[0]))
        peaks.append(Peak(name, months[name], event, number))
    step = _choose_step(most)
    lines = tuple((round(HEIGHT - _BOTTOM - tall * n, 1), n) for n in range(step, most + 1, step))
    return Timeline(tuple(years), tuple(peaks), lines, undated)
