"""Compare a table with its expected contents, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.schema import Table

    Row = dict[str, Any]

_LONGEST = 80  # characters of a value that a message shows


def _show_both(found: Any, wanted: Any) -> tuple[str, str]:
    """Return both values as a message shows them; of long values the part where they begin to differ."""
    shown = ["null" if value is None else str(value) for value in (found, wanted)]
    if max(map(len, shown)) <= _LONGEST:
        return shown[0], shown[1]
    same = next((at for at, (one, two) in enumerate(zip(*shown, strict=False)) if one != two), min(map(len, shown)))
    start = max(0, same - _LONGEST // 4)
    end = start + _LONGEST
    one, two = ("… " * (start > 0) + text[start:end] + " …" * (len(text) > end) for text in shown)
    return one, two


def compare_tables(found: Any, wanted: Any, table: Table, source: str, *, before: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) of each cell, row and order of rows that differs.

    `source` names the origin of `wanted`, `before` is the number of rows of the table before `found`. Columns that only
    one of the tables has are left to the checks of the schema.
    """
    columns = [name for name in found.column_names if name in wanted.column_names]
    if all(found[name].equals(wanted[name].cast(found[name].type)) for name in columns):
        return
    ours, theirs = found.select(columns).to_pylist(), wanted.select(columns).to_pylist()

    def name_row(row: Row) -> str:
        return "/".join(str(row[part]) for part in table.key)

    keys, expected = [name_row(row) for row in ours], [name_row(row) for row in theirs]
    by_key = dict(zip(expected, theirs, strict=True))
    for key, row in zip(keys, ours, strict=True):
        if key not in by_key:
            yield key, f"{table.name}: {source} no such row"
            continue
        for name in columns:
            if row[name] != by_key[key][name]:
                shown, right = _show_both(row[name], by_key[key][name])
                yield key, f"{table.name}.{name} is {shown}, {source} {right}"
    yield from ((key, f"{table.name}: the row is missing; {source} one") for key in sorted(set(expected) - set(keys)))
    if keys != expected and sorted(keys) == sorted(expected):
        place = next(at for at, (one, two) in enumerate(zip(keys, expected, strict=True)) if one != two)
        yield (
            keys[place],
            f"{table.name}: row {before + place + 1} should be {expected[place]}; the rows are in another order",
        )
    elif len(set(keys)) < len(keys) and set(keys) == set(expected):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        yield from ((key, f"{table.name}: the row is there {keys.count(key)} times") for key in twice)
