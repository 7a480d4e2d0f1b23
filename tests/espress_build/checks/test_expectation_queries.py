"""Expectations checked in SQL report what Great Expectations reports, to the letter."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.helpers import DATASET

from espress.schema import schema
from espress_build.checks import expectations
from espress_build.checks.expectation_queries import run_in_sql, translate_pattern
from espress_build.checks.validate import all_checks
from espress_build.tables import list_files, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.checks.incident import Incident

TABLES = sorted({str(check.table) for check in all_checks() if check.gx})
HOSTILE: dict[str, list[Any]] = {
    "string": ["", " x", "x\n", "ABC", "\u2028", "é", "x\u3000", "xx", "ab-cd", "https://a b", "a\rb", "'", '"', None],
    "int32": [-5, 10**6, 0, None],
    "int64": [-5, 10**6, 0, None],
    "double": [-0.5, 2.0, float("nan"), None],
    "float": [-0.5, 2.0, float("nan"), None],
    "bool": [None],
}
ROWS = 160


def read_as_people_do(found: list[Incident]) -> list[Incident]:
    """Return incidents without what pandas makes of nulls: `nan`, and whole numbers in other rows as `5.0`."""
    return [
        replace(
            one,
            keys=tuple(re.sub(r"\b(\d+)\.0\b", r"\1", key).replace("nan", "None") for key in one.keys),
            detail=re.sub(r"\b(\d+)\.0\b", r"\1", re.sub(r"(, found )?(nan(, )?)+$", "", one.detail)).replace(
                ": nan", ": None"
            ),
        )
        for one in found
    ]


def spoil(table: Any) -> Any:
    """Return some rows of a table with every fifth cell of a plain type replaced, and some rows doubled."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    rows = table.slice(0, ROWS).to_pylist()
    for row in rows:
        for field in table.schema:
            if (values := HOSTILE.get(str(field.type))) and rng.random() < 0.2:
                row[field.name] = rng.choice(values)
    rows += rng.sample(rows, min(len(rows), 5))
    return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in table.schema]))


@pytest.mark.parametrize("table", TABLES)
def test_both_ways_report_the_same(table: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    whole = spoil(read_table(DATASET, table))
    paths = list_files(tmp_path, table)
    size = -(-whole.num_rows // len(paths))
    for number, path in enumerate(paths):
        pq.write_table(whole.slice(number * size, size), path, row_group_size=17)
    checks = [check for check in all_checks() if check.gx and check.level == 3 and check.table == table]
    found = expectations.run_expectations(tmp_path, checks)
    assert read_as_people_do(found) == read_as_people_do(expectations.run_in_pandas(tmp_path, checks))
    assert found or whole.num_rows == 0


def test_every_check_of_values_is_run_in_sql() -> None:
    """So that a new check that needs pandas is noticed."""
    with duckdb.connect() as connection:
        for table in TABLES:
            checks = [check for check in all_checks() if check.gx and check.level == 3 and check.table == table]
            assert run_in_sql(connection, DATASET, table, checks) == ([], []), table


def test_a_column_of_another_type_is_left_to_great_expectations(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = read_table(DATASET, "articles").drop_columns(["n_words"])
    pq.write_table(table, tmp_path / "data" / "articles.parquet")
    checks = [check for check in all_checks() if check.id == "articles.language.pattern"]
    assert expectations.run_expectations(tmp_path, checks) == []


PATTERNS = sorted(
    {str(dict(check.arguments)["regex"]) for check in all_checks() if check.gx and "Regex" in check.gx}
    | {
        column.pattern
        for table in schema().tables
        for column in table.columns
        if column.pattern and column.pattern[0] != "^"
    }
)


INSIDE = ["", "a", "ab", "AB", "0", "2020-01-01", "https://a.b/c", "0" * 64]
BEFORE = ["", " ", "\x85", "\u2003", "é"]
AFTER = ["", "\n", "\r", "\x1c", "\ufeff", "\u200b", "😀"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_translated_pattern_matches_the_same_strings(pattern: str) -> None:
    translated = translate_pattern(pattern)
    assert translated is not None
    texts = ["".join(parts) for parts in product(BEFORE, INSIDE, AFTER)]
    found = duckdb.execute("SELECT [regexp_matches(one, ?) for one in ?]", [translated, texts]).fetchall()[0][0]
    assert found == [re.search(pattern, text) is not None for text in texts]


@pytest.mark.parametrize("pattern", [r"^a$", r"\d", r"\w+\Z", r"(?i)a", r"a(?=b)", r"\bx", "(?P<a>b)"])
def test_a_pattern_that_the_two_read_differently_is_not_translated(pattern: str) -> None:
    assert translate_pattern(pattern) is None
