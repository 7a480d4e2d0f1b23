"""The selection of catalogue entries, and the order of their requests."""

from __future__ import annotations

from typing import Any

import pytest

from espress.errors import InputError, UnknownNameError
from espress_build.hydrate.choose import Choice, take_turns

EMPTY = dict.fromkeys(("event_id", "event_country", "outlet_country", "language"))
ROWS = [
    EMPTY | {"published": date, "own_article": number == 4}
    for number, date in enumerate(("2019-07-23", "2019-07", None, "2018-12", "2019-07"))
]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [({}, ["2019-07-23", "2019-07", None, "2018-12"]), ({"since": "2019-07-24"}, ["2019-07"]),
     ({"until": "2019-07-01"}, ["2019-07", "2018-12"]), ({"since": "2019", "until": "2019"}, ["2019-07-23", "2019-07"]),
     ({"since": "2018-12-31", "until": "2018"}, ["2018-12"]), ({"everything": True, "since": None}, 4),
     ({"since": "2019-07", "until": "2019"}, ["2019-07-23", "2019-07"])],
)  # fmt: skip
def test_months_that_overlap_the_span_are_chosen(choice: dict[str, Any], chosen: Any) -> None:
    found = [row["published"] for row in Choice(**choice).select(ROWS)]
    assert (len(found) if isinstance(chosen, int) else found) == chosen


@pytest.mark.parametrize(
    "choice",
    [{"since": "2020", "until": "2019"}, {"since": "2019-02-31"}, {"until": "0000"}, {"since": "yesterday"},
     {"since": "20190723"}, {"since": ""}, {"everything": True, "since": "2019"}],
)  # fmt: skip
def test_impossible_choices_are_errors(choice: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"is not a date|before it begins|choose one of the two"):
        Choice(**choice).select([])


def test_unknown_names_are_errors() -> None:
    with pytest.raises(UnknownNameError, match="event_id 'bis'"):
        Choice(events=("bis",)).select(ROWS)


def test_hosts_take_turns() -> None:
    rows = [{"url": f"https://{host}.example/{number}"} for host, number in ("a1", "a2", "a3", "b1", "c1", "c2")]
    assert [row["url"][8] for row in take_turns(rows)] == ["a", "c", "b", "a", "c", "a"]
