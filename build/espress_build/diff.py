"""What differs between two dataset folders: schema, rows by key, and cells."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import DatasetMissingError
from espress.schema import schema
from espress_build.checks.across import connect

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
    """What differs in one table."""

    table: str
    schema: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[Cell] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.schema or self.added or self.removed or self.changed)


def _columns(folder: Path, table: Table) -> dict[str, str]:
    path = folder / "data" / f"{table.name}.parquet"
    return {item.name: str(item.type) for item in pq.read_schema(path)} if path.is_file() else {}


def _schema_changes(old: dict[str, str], new: dict[str, str]) -> list[str]:
    gone = [f"column {name} is gone" for name in old if name not in new]
    come = [f"column {name} ({kind}) is new" for name, kind in new.items() if name not in old]
    other = [f"column {n}: {old[n]} became {new[n]}" for n in old if n in new and old[n] != new[n]]
    return gone + come + other


def _rows(connection: Any, table: Table, common: list[str]) -> tuple[list[str], list[str], list[Cell]]:
    key = " || '/' || ".join(f'"{part}"::VARCHAR' for part in table.key)
    old, new = f"before.{table.name}", f"main.{table.name}"
    only = "SELECT {key} AS key FROM {here} WHERE {key} NOT IN (SELECT {key} FROM {there}) ORDER BY key"
    added = [row[0] for row in connection.execute(only.format(key=key, here=new, there=old)).fetchall()]
    removed = [row[0] for row in connection.execute(only.format(key=key, here=old, there=new)).fetchall()]
    cells = [
        f'SELECT a.key, \'{name}\', a."{name}"::VARCHAR, b."{name}"::VARCHAR '
        f"FROM (SELECT {key} AS key, * FROM {old}) a JOIN (SELECT {key} AS key, * FROM {new}) b USING (key) "
        f'WHERE a."{name}" IS DISTINCT FROM b."{name}"'
        for name in common
        if name not in table.key
    ]
    query = " UNION ALL ".join(cells) + " ORDER BY ALL"
    changed = [Cell(*row) for row in connection.execute(query).fetchall()] if cells else []
    return added, removed, changed


def diff(before: Path, after: Path) -> list[TableDiff]:
    """Compare two dataset folders table by table, in schema order; tables without a difference are left out.

    Raises:
        DatasetMissingError: one of the folders holds no table of the corpus.
    """
    for folder in (before, after):
        if not any((folder / "data" / f"{table.name}.parquet").is_file() for table in schema().tables):
            raise DatasetMissingError(f"{folder} holds no dataset: there is no table in {folder / 'data'}.")
    connection, found = connect(after, before), []
    for table in schema().tables:
        old, new = _columns(before, table), _columns(after, table)
        if not old and not new:
            continue
        if not old or not new:
            change = f"the table is {'new' if new else 'gone'}"
            found.append(TableDiff(table.name, [change]))
            continue
        common = [name for name in new if name in old]
        found.append(TableDiff(table.name, _schema_changes(old, new), *_rows(connection, table, common)))
    connection.close()
    return [item for item in found if not item.empty]


def as_records(found: list[TableDiff]) -> list[dict[str, Any]]:
    """Return the difference as plain values for JSON."""
    return [asdict(item) for item in found]


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
