"""Which pointers of the catalogue look like one agency's story on several sites. No text is at hand to compare.

The rule: the same agency is noted (on its own site it need not be), event and language are the same, the days of
publication lie no further apart than `wire_days`, from each to the next, and two sites or more carry it: what one site
has twice are two stories. A row without agency or day is in no group.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Row = dict[str, Any]


def _runs(rows: list[Row], days: int) -> Iterator[list[Row]]:
    """Cut rows in order of days where the gap is wider than that many days."""
    run: list[Row] = []
    for row in sorted(rows, key=lambda one: (one["published_date"], one["catalogue_id"])):
        if run and (row["published_date"] - run[-1]["published_date"]).days > days:
            yield run
            run = []
        run.append(row)
    yield run


def _sites(rows: list[Row]) -> int:
    return len({row["republisher_id"] or row["outlet_id"] for row in rows})


def wire_groups(rows: Iterable[Row], agencies: set[str], days: int) -> dict[str, dict[str, str]]:
    """Return catalogue_id -> its group and basis, for rows that have a companion by the rule above.

    `agencies` holds the outlets that are agencies themselves.
    """
    alike: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        agency = row["agency_id"] or (row["outlet_id"] if row["outlet_id"] in agencies else None)
        if agency and row["published_date"]:
            alike[agency, row["event_id"], row["language"]].append(row)
    found = {}
    for run in (run for own in alike.values() for run in _runs(own, days) if _sites(run) > 1):
        dates = [row["published_date"] for row in run]
        group = min(row["catalogue_id"] for row in run)
        for row in run:
            basis = "same_day" if dates.count(row["published_date"]) > 1 else "neighbouring_day"
            found[row["catalogue_id"]] = {"wire_group_candidate": group, "wire_group_basis": basis}
    return found
