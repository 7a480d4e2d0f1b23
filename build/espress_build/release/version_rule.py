"""The version number of a release: the changes since the last release determine the lowest allowed number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from espress.data.releases import parse_number
from espress.errors import EspressError, UnknownNameError
from espress.schema import schema
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from espress_build.release.diff import TableDiff

PATCH, MINOR, MAJOR = "PATCH", "MINOR", "MAJOR"
_LEVELS = (PATCH, MINOR, MAJOR)
# Rows of these tables follow from the other tables, so adding or removing them changes no published item.
_DERIVED = ("rejects", "shortcuts", "unit_moves")
# Tables whose rows are judgements or follow from judgements.
_JUDGED = ("relevance", "entries", "article_stance", "claim_matrix", "votes")


class NumberError(EspressError):
    """The release may not have this version number."""


class Version(NamedTuple):
    """A version number X.Y.Z."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Return the number as X.Y.Z."""
        return f"{self.major}.{self.minor}.{self.patch}"

    def next(self, level: str) -> Version:
        """Return the smallest later number for a change of this level."""
        if level == MAJOR:
            return Version(self.major + 1, 0, 0)
        return Version(self.major, self.minor + 1, 0) if level == MINOR else self._replace(patch=self.patch + 1)


def parse_version(text: str) -> Version:
    """Read a number of the form X.Y.Z; raises NumberError."""
    try:
        return Version(*parse_number(text))
    except UnknownNameError:
        raise NumberError(
            f"{text!r} is not a version number. Write X.Y.Z, whole numbers without leading zeros, such as 0.2.0."
        ) from None


def _split_keys(one: TableDiff, keys: list[str], judged: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each level with its keys: label rows of articles in `judged` are MINOR, all other rows MAJOR."""
    minor = [key for key in keys if one.table in _JUDGED and any(article in key for article in judged)]
    yield from ((level, own) for level, own in ((MAJOR, [k for k in keys if k not in minor]), (MINOR, minor)) if own)


def list_changes(differences: list[TableDiff], judged: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield (level, description) of the changes since the last release, table by table.

    Labels of the articles in `judged` may change in a MINOR release.
    """
    tables = {table.name: table for table in schema().tables}
    for one in differences:
        columns = tables[one.table].columns if one.table in tables else ()
        frozen = {column.name for column in columns if column.frozen}
        if one.breaking:
            yield MAJOR, f"{one.table}: {'; '.join(one.breaking)}"
        for level, keys in _split_keys(one, one.removed if one.table not in _DERIVED else [], judged):
            yield level, f"{one.table}: {len(keys)} rows were removed: {join_few(keys)}"
        for column in sorted(frozen):
            changed = [cell.key for cell in one.changed if cell.column == column]
            for level, keys in _split_keys(one, changed, judged):
                yield level, f"{one.table}.{column} changed in {len(keys)} rows: {join_few(keys)}"
        if added := [change for change in one.schema if change not in one.breaking]:
            yield MINOR, f"{one.table}: {'; '.join(added)}"
        if one.added and one.table not in _DERIVED:
            yield MINOR, f"{one.table}: {len(one.added)} rows were added: {join_few(one.added)}"


def check_number(
    wanted: Version, last: Version | None, differences: list[TableDiff], judged: Collection[str] = ()
) -> str:
    """Return the level of the changes since the last release; the first release may have any number.

    Args:
        wanted: the number of the release.
        last: the number of the last release.
        differences: what changed since then.
        judged: articles that persons have judged since then; as long as the data are 0.x, their labels may change in a
            MINOR release.

    Raises:
        NumberError: the number is not above the last one, or lower than the changes require. The message names the
            lowest allowed number, and the reasons.
    """
    if last is None:
        return MINOR
    if wanted <= last:
        raise NumberError(
            f"{wanted} is not above {last}, the last release. The next one is at least {last.next(PATCH)}."
        )
    changes = list(list_changes(differences, judged if last.major == 0 else ()))
    level = max((level for level, _ in changes), key=_LEVELS.index, default=PATCH)
    least = last.next(level)
    if wanted < least:
        reasons = "\n".join(f"  {description}" for each, description in changes if each == level)
        raise NumberError(
            f"{wanted} is not allowed: the changes since {last} make the next release {level}. The lowest allowed "
            f"number is {least}, because of\n{reasons}\nType: espress-build release {least}"
        )
    return level
