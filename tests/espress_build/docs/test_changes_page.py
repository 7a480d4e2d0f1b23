"""The page "What changed from 0.1 to 1.0" is true of the release and of the schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import espress
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

_LABELLED = ("articles", "sentences", "annotations", "relevance", "stance", "article_stance", "claim_matrix")
_TABLES = {"stance": "entries"}  # the only table with another name


def _rows(page: str, heading: str) -> list[list[str]]:
    part = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (.*) \|$", part, re.MULTILINE)[2:]
    return [row.split(" | ") for row in rows]


def _old_columns(table: str) -> set[str]:
    return set(espress.load(table, version="0.1.1", as_="arrow").column_names)


def test_renamed_columns_are_in_the_release_under_the_old_name_and_in_the_schema_under_the_new(project: Path) -> None:
    page = (project / "docs" / "user" / "changes-1.0.md").read_text(encoding="utf-8")
    rows = [[cell.strip("`") for cell in row] for row in _rows(page, "Renamed") if "(the table)" not in row[1]]
    assert len(rows) > 10
    for table, old, new in rows:
        assert old in _old_columns(table), (table, old)
        now = {column.name for column in schema().table(_TABLES.get(table, table)).columns}
        assert new in now, (table, new)
        assert old not in now, (table, old)


def test_every_new_column_is_named(project: Path) -> None:
    page = (project / "docs" / "user" / "changes-1.0.md").read_text(encoding="utf-8")
    for name in (*_LABELLED, "events"):
        now = {column.name for column in schema().table(_TABLES.get(name, name)).columns}
        for column in now - _old_columns(name):
            assert f"`{column.removesuffix('_carried')}`" in page, (name, column)


def test_removed_columns_were_in_the_release_and_are_in_no_table_now(project: Path) -> None:
    page = (project / "docs" / "user" / "changes-1.0.md").read_text(encoding="utf-8")
    listed = set()
    for table, columns, _ in _rows(page, "Removed"):
        for name in re.findall("`([a-z_]+)`", columns):
            own = table.strip("`")
            if not name.startswith("_"):
                assert name in _old_columns(own), (own, name)
                assert name not in {column.name for column in schema().table(_TABLES.get(own, own)).columns}
                listed.add((own, name))
    listed |= {
        (table, old.strip("`")) for table, old, _ in ([row[0].strip("`"), *row[1:]] for row in _rows(page, "Renamed"))
    }
    for table in _LABELLED:
        now = {column.name for column in schema().table(_TABLES.get(table, table)).columns}
        gone = {name for name in _old_columns(table) - now if not re.search("_(unclear|unanimous|votes)$", name)}
        assert gone <= {name for own, name in listed if own == table}, table
