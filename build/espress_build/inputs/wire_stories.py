"""Find catalogue entries that look like one agency's story on several sites, without comparing texts.

Entries form a group if they share agency, event and language, if each was published at most `wire_days` after the
previous one, and if they are on at least two sites, because two entries of one site are two stories. An entry on the
site of an agency needs no credit. An entry without agency or day is in no group.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Row = dict[str, Any]


def _split_by_gap(rows: list[Row], days: int) -> Iterator[list[Row]]:
    """Yield groups of rows in order of days; a gap of more than `days` days begins a new group."""
    story: list[Row] = []
    for row in sorted(rows, key=lambda one: (one["published_date"], one["catalogue_id"])):
        if story and (row["published_date"] - story[-1]["published_date"]).days > days:
            yield story
            story = []
        story.append(row)
    yield story


def _count_sites(rows: list[Row]) -> int:
    return len({row["republisher_id"] or row["outlet_id"] for row in rows})


def group_wire_stories(rows: Iterable[Row], agencies: set[str], days: int) -> dict[str, dict[str, str]]:
    """Return catalogue_id -> group and basis of rows in a group; `agencies` lists the outlets that are agencies."""
    alike: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        agency = row["agency_id"] or (row["outlet_id"] if row["outlet_id"] in agencies else None)
        if agency and row["published_date"]:
            alike[agency, row["event_id"], row["language"]].append(row)
    found = {}
    for story in (story for same in alike.values() for story in _split_by_gap(same, days) if _count_sites(story) > 1):
        dates = [row["published_date"] for row in story]
        group = min(row["catalogue_id"] for row in story)
        for row in story:
            basis = "same_day" if dates.count(row["published_date"]) > 1 else "neighbouring_day"
            found[row["catalogue_id"]] = {"wire_group_candidate": group, "wire_group_basis": basis}
    return found
