"""What differs between two dataset folders: schema, rows by key, and cells."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import DatasetMissingError
from espress.schema import schema
from espress_build.checks.sql import connect

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Table

_SHOWN = 60  # characters of a value shown to people; JSON has them whole


@dataclass(frozen=True)
class Cell:
    """One value that changed, as text; None is a null."""

    key: str
    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class TableDiff:
    """What differs in one table; `breaking` holds what of `schema` takes something away from readers."""

    table: str
    schema: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[Cell] = field(default_factory=list)
    breaking: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.schema or self.added or self.removed or self.changed)


def _columns(folder: Path, table: Table, *, essential: bool) -> dict[str, str]:
    """Return column -> type of a table, empty where there is no such file."""
    path = folder / "data" / f"{table.name}.parquet"
    aside = {column.name for column in table.columns if column.provenance and essential}
    fields = pq.read_schema(path) if path.is_file() else []
    return {item.name: str(item.type) for item in fields if item.name not in aside}


def _schema_changes(old: dict[str, str], new: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return all changes of columns, and those among them after which old code does not run."""
    gone = [f"column {name} is gone" for name in old if name not in new]
    come = [f"column {name} ({kind}) is new" for name, kind in new.items() if name not in old]
    other = [f"column {n}: {old[n]} became {new[n]}" for n in old if n in new and old[n] != new[n]]
    return gone + come + other, gone + other


def _rows(connection: Any, table: Table, common: list[str]) -> tuple[list[str], list[str], list[Cell]]:
    """Compare rows by key; cells as text, because a column may have another type than before."""
    key = " || '/' || ".join(f"coalesce(\"{part}\"::VARCHAR, 'null')" for part in table.key)
    texts = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in common)
    for side, home in (("old", "before"), ("new", "main")):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {side} AS SELECT {key} AS row_key, {texts} FROM {home}.{table.name}"
        )
    only = "SELECT row_key FROM {here} ANTI JOIN {there} USING (row_key) ORDER BY row_key"
    added = [row[0] for row in connection.execute(only.format(here="new", there="old")).fetchall()]
    removed = [row[0] for row in connection.execute(only.format(here="old", there="new")).fetchall()]
    pairs = ", ".join(f'old."{name}", new."{name}"' for name in common)
    differs = " OR ".join(f'old."{name}" IS DISTINCT FROM new."{name}"' for name in common)
    rows = connection.execute(f"SELECT row_key, {pairs} FROM old JOIN new USING (row_key) WHERE {differs} ORDER BY ALL")
    changed = [
        Cell(row[0], name, old, new)
        for row in rows.fetchall()
        for name, old, new in zip(common, row[1::2], row[2::2], strict=True)
        if old != new
    ]
    return added, removed, sorted(changed, key=lambda cell: (cell.key, cell.column))


def _table_diff(connection: Any, table: Table, old: dict[str, str], new: dict[str, str]) -> TableDiff:
    if not old or not new:
        change = [f"the table is {'new' if new else 'gone'}"]
        return TableDiff(table.name, change, breaking=[] if new else change)
    changes, breaking = _schema_changes(old, new)
    if not set(table.key) <= set(old) & set(new):  # without its key no row can be found again
        return TableDiff(table.name, changes, breaking=breaking)
    common = [name for name in new if name in old]
    return TableDiff(table.name, changes, *_rows(connection, table, common), breaking=breaking)


def _unknown_tables(before: Path, after: Path) -> list[TableDiff]:
    """Name tables that the schema of this code does not know and that only one of the two has."""
    known = {table.name for table in schema().tables}
    old, new = ({path.stem for path in folder.glob("data/*.parquet")} - known for folder in (before, after))
    gone, come = (sorted(names) for names in (old - new, new - old))
    lost = [TableDiff(name, ["the table is gone"], breaking=["the table is gone"]) for name in gone]
    return lost + [TableDiff(name, ["the table is new"]) for name in come]


def diff(before: Path, after: Path, *, essential: bool = False) -> list[TableDiff]:
    """Compare two dataset folders table by table, in schema order; tables without a difference are left out.

    `essential` leaves aside the columns that the schema marks as provenance.

    Raises:
        DatasetMissingError: one of the folders holds no table of the corpus.
    """
    for folder in (before, after):
        if not any((folder / "data" / f"{table.name}.parquet").is_file() for table in schema().tables):
            raise DatasetMissingError(f"{folder} holds no dataset: there is no table in {folder / 'data'}.")
    found = []
    with connect(after, before) as connection:
        for table in schema().tables:
            old, new = (_columns(folder, table, essential=essential) for folder in (before, after))
            if old or new:
                found.append(_table_diff(connection, table, old, new))
    return [item for item in found + _unknown_tables(before, after) if not item.empty]


def as_records(found: list[TableDiff]) -> list[dict[str, Any]]:
    """Return the difference as plain values for JSON."""
    return [{key: value for key, value in asdict(item).items() if key != "breaking"} for item in found]


def _short(value: str | None) -> str:
    if value is None:
        return "null"
    return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")


def as_text(found: list[TableDiff]) -> str:
    """Return the difference for people, a line each."""
    lines = []
    for item in found:
        lines.append(
            f"{item.table}: {len(item.added)} added, {len(item.removed)} removed, {len(item.changed)} cells changed"
        )
        lines += [f"  {change}" for change in item.schema]
        lines += [f"  + {key}" for key in item.added] + [f"  - {key}" for key in item.removed]
        lines += [f"  ~ {c.key} {c.column}: {_short(c.before)} -> {_short(c.after)}" for c in item.changed]
    return "\n".join(lines) or "no difference"


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


def moves(before: Path, after: Path) -> list[tuple[str, str | None]]:
    """Return units whose id or text changed, each with the unit that now holds most of its source bytes, or None.

    Only articles that kept their source can be compared, because an article's id names its source.
    """
    connection = connect(after, before)
    rows = connection.execute(_MOVES).fetchall()
    connection.close()
    return [(str(old), new) for old, new in rows]
