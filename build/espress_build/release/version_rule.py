"""Which numbers a release may have: what changed since the last one decides, not the taste of the releaser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.errors import EspressError
from espress.schema import schema
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.release.diff import TableDiff

PATCH, MINOR, MAJOR = "PATCH", "MINOR", "MAJOR"
_ORDER = (PATCH, MINOR, MAJOR)
_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
# Rows of these tables come and go with the build; nobody's item is lost when one does.
_PASSING = ("rejects", "shortcuts", "unit_moves")


class NumberError(EspressError):
    """A version number that a release may not have."""


@dataclass(frozen=True, order=True)
class Version:
    """A number X.Y.Z; later numbers are larger."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Write it as X.Y.Z."""
        return f"{self.major}.{self.minor}.{self.patch}"

    def next(self, level: str) -> Version:
        """Return the least number after this one that says that something of that level changed."""
        if level == MAJOR:
            return Version(self.major + 1, 0, 0)
        return Version(self.major, self.minor + 1, 0) if level == MINOR else Version(*self._but_last(), self.patch + 1)

    def _but_last(self) -> tuple[int, int]:
        return self.major, self.minor


@dataclass(frozen=True)
class Change:
    """One reason for a number: its level, and what changed, with ids."""

    level: str
    what: str


def parse_version(text: str) -> Version:
    """Read a number of the form X.Y.Z; raises NumberError."""
    match = _FORM.fullmatch(text)
    if not match:
        raise NumberError(f"{text!r} is no version. It has the form X.Y.Z, whole numbers without leading zeros: 0.2.0.")
    return Version(*(int(part) for part in match.groups()))


def named(ids: Iterable[str]) -> str:
    """Return the first few ids, and how many more there are."""
    listed = list(dict.fromkeys(ids))
    return join_few(listed)


def changes(found: list[TableDiff]) -> Iterator[Change]:
    """Yield what changed since the last release, table by table, each with the level that it asks for."""
    known = {table.name: table for table in schema().tables}
    for item in found:
        own = known[item.table].columns if item.table in known else ()
        frozen = {column.name for column in own if column.frozen}
        if item.breaking:
            yield Change(MAJOR, f"{item.table}: {'; '.join(item.breaking)}")
        if item.removed and item.table not in _PASSING:
            yield Change(MAJOR, f"{item.table}: {len(item.removed)} rows are gone: {named(item.removed)}")
        for column in sorted(frozen):
            if keys := [cell.key for cell in item.changed if cell.column == column]:
                yield Change(MAJOR, f"{item.table}.{column} changed in {len(keys)} rows: {named(keys)}")
        if added := [change for change in item.schema if change not in item.breaking]:
            yield Change(MINOR, f"{item.table}: {'; '.join(added)}")
        if item.added and item.table not in _PASSING:
            yield Change(MINOR, f"{item.table}: {len(item.added)} rows are new: {named(item.added)}")
        if any(cell.column not in frozen for cell in item.changed):
            yield Change(PATCH, f"{item.table}: facts about published items changed")


def check_number(wanted: Version, last: Version | None, found: list[TableDiff]) -> str:
    """Return the level of the changes since the last release; the first release may have any number.

    Raises:
        NumberError: the number is not behind the last one, or smaller than the changes ask for; the message names
            the least that is allowed, and why.
    """
    if last is None:
        return MINOR
    if wanted <= last:
        raise NumberError(
            f"{wanted} is not behind {last}, the last release. The next one is {last.next(PATCH)} or more."
        )
    why = list(changes(found))
    level = max((change.level for change in why), key=_ORDER.index, default=PATCH)
    least = last.next(level)
    if wanted < least:
        reasons = "\n".join(f"  {change.what}" for change in why if change.level == level)
        raise NumberError(
            f"{wanted} is not allowed: since {last} something changed that makes the next release {level}. "
            f"The least number allowed is {least}, because of\n{reasons}\nType: espress-build release {least}"
        )
    return level
