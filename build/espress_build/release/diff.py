"""Compare two dataset folders: schema, rows by key, and cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import DatasetMissingError
from espress.schema import schema
from espress_build.checks.sql_checks import connect

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Table

_WIDTH = 60  # characters of a value that the text shows; JSON has the whole value
_NEW, _GONE = "the table is new", "the table was removed"
_ONLY = "SELECT row_key FROM {here} ANTI JOIN {there} USING (row_key) ORDER BY row_key"
# The unit of the new dataset that holds most source bytes of a unit whose id or text changed. Only articles that kept
# their source can be compared, because an article's id contains the hash of its source.
_MOVES = """
SELECT old.sentence_id AS old_sentence_id, new.sentence_id AS sentence_id
FROM before.sentences AS old LEFT JOIN main.sentences AS same USING (sentence_id)
LEFT JOIN main.sentences AS new ON new.article_id = old.article_id
  AND least(new.source_end, old.source_end) > greatest(new.source_start, old.source_start)
WHERE same.text IS DISTINCT FROM old.text
QUALIFY row_number() OVER (PARTITION BY old.sentence_id
  ORDER BY least(new.source_end, old.source_end) - greatest(new.source_start, old.source_start) DESC NULLS LAST,
           new.unit_no) = 1
ORDER BY old_sentence_id"""


@dataclass(frozen=True)
class Cell:
    """One changed value, as text; None is null."""

    key: str
    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class TableDiff:
    """The differences in one table; `schema` lists columns that were added, removed or retyped, or the table."""

    table: str
    schema: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[Cell] = field(default_factory=list)

    @property
    def breaking(self) -> list[str]:
        """The changes of the schema that break existing code."""
        return [change for change in self.schema if not change.endswith(" is new")]


def _read_columns(folder: Path, table: Table, *, essential: bool) -> dict[str, str]:
    """Return column -> type of a table, empty if there is no such file."""
    path = folder / "data" / f"{table.name}.parquet"
    aside = {column.name for column in table.columns if column.provenance and essential}
    return {one.name: str(one.type) for one in pq.read_schema(path) if one.name not in aside} if path.is_file() else {}


def _compare_rows(connection: Any, table: Table, common: list[str]) -> tuple[list[str], list[str], list[Cell]]:
    """Return keys added, keys removed and changed cells; cells are compared as text, because types may have changed."""
    key = " || '/' || ".join(f"coalesce(\"{part}\"::VARCHAR, 'null')" for part in table.key)
    texts = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in common)
    for side, home in (("old", "before"), ("new", "main")):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {side} AS SELECT {key} AS row_key, {texts} FROM {home}.{table.name}"
        )
    added = [key for (key,) in connection.execute(_ONLY.format(here="new", there="old")).fetchall()]
    removed = [key for (key,) in connection.execute(_ONLY.format(here="old", there="new")).fetchall()]
    pairs = ", ".join(f'old."{name}", new."{name}"' for name in common)
    differs = " OR ".join(f'old."{name}" IS DISTINCT FROM new."{name}"' for name in common)
    rows = connection.execute(f"SELECT row_key, {pairs} FROM old JOIN new USING (row_key) WHERE {differs}")
    changed = [
        Cell(row[0], name, old, new)
        for row in rows.fetchall()
        for name, old, new in zip(common, row[1::2], row[2::2], strict=True)
        if old != new
    ]
    return added, removed, sorted(changed, key=lambda cell: (cell.key, cell.column))


def _compare_table(connection: Any, table: Table, old: dict[str, str], new: dict[str, str]) -> TableDiff:
    common = [name for name in new if name in old]
    changes = [f"column {name} was removed" for name in old if name not in new]
    changes += [f"column {name} ({kind}) is new" for name, kind in new.items() if name not in old]
    changes += [f"column {name}: {old[name]} became {new[name]}" for name in common if old[name] != new[name]]
    if not set(table.key) <= set(common):  # without the key columns, rows cannot be matched
        return TableDiff(table.name, changes)
    return TableDiff(table.name, changes, *_compare_rows(connection, table, common))


def diff(before: Path, after: Path, *, essential: bool = False) -> list[TableDiff]:
    """Compare two dataset folders and return the tables that differ, in schema order.

    With `essential`, columns that the schema marks as provenance are left out.

    Raises:
        DatasetMissingError: one of the folders holds no table of the corpus.
    """
    for folder in (before, after):
        if not any((folder / "data" / f"{table.name}.parquet").is_file() for table in schema().tables):
            raise DatasetMissingError(f"{folder} is not a dataset: there is no table in {folder / 'data'}.")
    differences = []
    with connect(after, before) as connection:
        for table in schema().tables:
            old, new = (_read_columns(folder, table, essential=essential) for folder in (before, after))
            if old and new:
                differences.append(_compare_table(connection, table, old, new))
            elif old or new:
                differences.append(TableDiff(table.name, [_NEW if new else _GONE]))
    known = {table.name for table in schema().tables}
    old_names, new_names = ({path.stem for path in folder.glob("data/*.parquet")} for folder in (before, after))
    unknown = sorted((old_names ^ new_names) - known, key=lambda name: (name in new_names, name))
    differences += [TableDiff(name, [_NEW if name in new_names else _GONE]) for name in unknown]
    return [one for one in differences if one.schema or one.added or one.removed or one.changed]


def find_moves(before: Path, after: Path) -> list[tuple[str, str | None]]:
    """Return each unit whose id or text changed, with the unit that now holds most of its source bytes, or None."""
    with connect(after, before) as connection:
        return [(str(old), new) for old, new in connection.execute(_MOVES).fetchall()]


def _shorten(value: str | None) -> str:
    if value is None:
        return "null"
    return repr(value if len(value) <= _WIDTH else value[: _WIDTH - 1] + "…")


def format_diff(differences: list[TableDiff]) -> str:
    """Return the differences as text, one per line."""
    lines = []
    for one in differences:
        counts = f"{len(one.added)} added, {len(one.removed)} removed, {len(one.changed)} cells changed"
        lines.append(f"{one.table}: {counts}")
        lines += [f"  {change}" for change in one.schema]
        lines += [f"  + {key}" for key in one.added] + [f"  - {key}" for key in one.removed]
        lines += [f"  ~ {c.key} {c.column}: {_shorten(c.before)} -> {_shorten(c.after)}" for c in one.changed]
    return "\n".join(lines) or "no difference"
