"""Compare two dataset folders: schema, rows by key, and cells."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from filecmp import cmpfiles
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.errors import DatasetMissingError, InputError
from espress.schema import schema
from espress_build.checks.sql_checks import connect
from espress_build.tables import list_files

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Table

_WIDTH = 60  # number of characters of a value that the text shows; JSON has the whole value
_NEW, _GONE = "the table is new", "the table was removed"
_ORDER = "the order of the columns changed"
_ONLY = "SELECT row_key FROM {here} ANTI JOIN {there} USING (row_key) ORDER BY row_key"
# The unit of the new dataset that holds most source bytes of a unit whose id or text changed. Only articles that kept
# their source can be compared, because an article's id contains the hash of its source.
# `{old_start}` and `{old_end}`: those columns have other names in datasets before 1.0.0.
_MOVES = """
SELECT old.sentence_id AS old_sentence_id, new.sentence_id AS sentence_id
FROM before.sentences AS old LEFT JOIN main.sentences AS same USING (sentence_id)
LEFT JOIN main.sentences AS new ON new.article_id = old.article_id
  AND least(new.source_byte_end, old.{old_end}) > greatest(new.source_byte_start, old.{old_start})
WHERE same.text IS DISTINCT FROM old.text
QUALIFY row_number() OVER (PARTITION BY old.sentence_id
  ORDER BY least(new.source_byte_end, old.{old_end}) - greatest(new.source_byte_start, old.{old_start})
           DESC NULLS LAST, new.unit_no) = 1
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
    """The differences in one table; `schema` lists new, removed or retyped columns, or says this of the table."""

    table: str
    schema: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[Cell] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)  # keys with several rows on a side, if the rows differ

    @property
    def breaking(self) -> list[str]:
        """The changes of the schema that break existing code."""
        return [change for change in self.schema if not change.endswith(" is new") and change != _ORDER]


def _read_columns(folder: Path, table: Table, *, essential: bool) -> dict[str, str]:
    """Return column -> type of a table, empty if there is no such file; raises InputError if it is damaged."""
    paths = [path for path in list_files(folder, table.name) if path.is_file()]
    if not paths:
        return {}
    aside = {column.name for column in table.columns if column.provenance and essential}
    try:
        for path in paths:
            found = pq.read_table(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError([f"{path} cannot be read as Parquet: {error}. Build or fetch the dataset again."]) from error
    return {one.name: str(one.type) for one in found.schema if one.name not in aside}


def _have_same_bytes(before: Path, after: Path, table: Table) -> bool:
    """Return whether a table has the same files in two datasets."""
    names = [f"{name}.parquet" for name in table.files]
    same, _, _ = cmpfiles(before / "data", after / "data", names, shallow=False)
    return same == names


def _read_names(folder: Path, table: str) -> list[str]:
    """Return the columns of a table, none if there is no such file."""
    path = folder / "data" / f"{table}.parquet"
    return list(pq.read_schema(path).names) if path.is_file() else []


def _compare_rows(
    connection: Any, table: Table, common: list[str]
) -> tuple[list[str], list[str], list[Cell], list[str]]:
    """Return keys added, keys removed, changed cells and repeated keys.

    Cells are compared as text, because types may have changed. Rows whose key occurs more than once on a side cannot be
    matched; such a key is returned if the rows of the two sides differ.
    """
    key = " || '/' || ".join(f"coalesce(\"{part}\"::VARCHAR, 'null')" for part in table.key)
    texts = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in common)
    for side, home in (("old", "before"), ("new", "main")):
        connection.execute(
            f'CREATE OR REPLACE TEMP TABLE {side} AS SELECT {key} AS row_key, {texts} FROM {home}."{table.name}"'
        )
    added = [key for (key,) in connection.execute(_ONLY.format(here="new", there="old")).fetchall()]
    removed = [key for (key,) in connection.execute(_ONLY.format(here="old", there="new")).fetchall()]
    row = "list_sort(list(row(" + ", ".join(f'"{name}"' for name in common) + ")))"
    repeated = connection.execute(
        f"""SELECT row_key, o.n, n.n, o.rows IS DISTINCT FROM n.rows
        FROM (SELECT row_key, count(*) AS n, {row} AS rows FROM old GROUP BY row_key) AS o
        FULL JOIN (SELECT row_key, count(*) AS n, {row} AS rows FROM new GROUP BY row_key) AS n USING (row_key)
        WHERE greatest(coalesce(o.n, 0), coalesce(n.n, 0)) > 1 ORDER BY row_key"""
    ).fetchall()
    unmatched = {key for key, *_ in repeated}
    pairs = ", ".join(f'old."{name}", new."{name}"' for name in common)
    differs = " OR ".join(f'old."{name}" IS DISTINCT FROM new."{name}"' for name in common)
    rows = connection.execute(f"SELECT row_key, {pairs} FROM old JOIN new USING (row_key) WHERE {differs}")
    changed = [
        Cell(row[0], name, old, new)
        for row in rows.fetchall()
        if row[0] not in unmatched
        for name, old, new in zip(common, row[1::2], row[2::2], strict=True)
        if old != new
    ]
    several = [f"{key}: {o or 0} rows before, {n or 0} after" for key, o, n, is_different in repeated if is_different]
    return sorted(set(added)), sorted(set(removed)), sorted(changed, key=lambda cell: (cell.key, cell.column)), several


def _compare_table(connection: Any, table: Table, old: dict[str, str], new: dict[str, str]) -> TableDiff:
    common = [name for name in new if name in old]
    changes = [f"column {name} was removed" for name in old if name not in new]
    changes += [f"column {name} ({kind}) is new" for name, kind in new.items() if name not in old]
    changes += [f"column {name}: {old[name]} became {new[name]}" for name in common if old[name] != new[name]]
    if common != [name for name in old if name in new]:
        changes.append(_ORDER)
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
        if not any((folder / "data" / f"{table.name}.parquet").is_file() for table in schema().files):
            raise DatasetMissingError(f"{folder} is not a dataset: there is no table in {folder / 'data'}.")
    columns = {  # read before DuckDB opens any file, so that a damaged one is named
        table.name: [_read_columns(folder, table, essential=essential) for folder in (before, after)]
        for table in schema().tables
    }
    differences = []
    with connect(after, before) as connection:
        for table in schema().tables:
            old, new = columns[table.name]
            if old and new:
                if not _have_same_bytes(before, after, table):
                    differences.append(_compare_table(connection, table, old, new))
            elif old or new:
                differences.append(TableDiff(table.name, [_NEW if new else _GONE]))
    known = {file.name for file in schema().files}
    old_names, new_names = ({path.stem for path in folder.glob("data/*.parquet")} for folder in (before, after))
    unknown = sorted((old_names ^ new_names) - known, key=lambda name: (name in new_names, name))
    differences += [TableDiff(name, [_NEW if name in new_names else _GONE]) for name in unknown]
    return [one for one in differences if any((one.schema, one.added, one.removed, one.changed, one.repeated))]


def find_moves(before: Path, after: Path) -> list[tuple[str, str | None]]:
    """Return each unit whose id or text changed, with the unit that now holds most of its source bytes, or None."""
    stem = "source_byte" if "source_byte_start" in _read_names(before, "sentences") else "source"
    moves = _MOVES.format(old_start=f"{stem}_start", old_end=f"{stem}_end")
    with connect(after, before) as connection:
        return [(str(old), new) for old, new in connection.execute(moves).fetchall()]


def _show(value: str | None, other: str | None) -> str:
    """Return a value as text, cut to the place where it differs from the other value.

    Values that look the same, such as NFC and NFD of a text, are shown with escapes.
    """
    if value is None:
        return "null"
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(value, other or "", strict=False)))
    start = max(0, first - _WIDTH // 3) if len(value) > _WIDTH else 0
    cut = value[start : start + _WIDTH - 1]
    shown = ("…" if start else "") + cut + ("…" if start + len(cut) < len(value) else "")
    is_alike = other is not None and unicodedata.normalize("NFKC", value) == unicodedata.normalize("NFKC", other)
    return ascii(shown) if is_alike else repr(shown)


def find_judged(before: Path, after: Path) -> set[str]:
    """Return the ids of the articles about which the new dataset has judgements by persons that the old one lacks."""
    names = ["judgement_id", "article_id"]
    new = pq.ParquetFile(after / "data" / "annotations.parquet").read([*names, "annotator_kind"]).to_pylist()
    path = before / "data" / "annotations.parquet"
    old = set(pq.ParquetFile(path).read(names[:1])["judgement_id"].to_pylist()) if path.is_file() else set()
    return {row["article_id"] for row in new if row["annotator_kind"] == "human" and row["judgement_id"] not in old}


def format_diff(differences: list[TableDiff]) -> str:
    """Return the differences as text, one per line."""
    lines = []
    for one in differences:
        counts = f"{len(one.added)} added, {len(one.removed)} removed, {len(one.changed)} cells changed"
        counts += f", {len(one.repeated)} keys with several rows" if one.repeated else ""
        lines.append(f"{one.table}: {counts}")
        lines += [f"  {change}" for change in one.schema]
        lines += [f"  + {key}" for key in one.added] + [f"  - {key}" for key in one.removed]
        lines += [
            f"  ~ {c.key} {c.column}: {_show(c.before, c.after)} -> {_show(c.after, c.before)}" for c in one.changed
        ]
        lines += [f"  ! {key}" for key in one.repeated]
    return "\n".join(lines) or "no difference"
