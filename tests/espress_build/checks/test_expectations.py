"""Great Expectations' pages show texts of others, and never contain them as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from tests.helpers import DATASET

from espress_build.checks import expectations
from espress_build.checks.expectations import run_expectations
from espress_build.checks.validate import all_checks

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HOSTILE = "<script>alert(1)</script>"


def test_values_are_escaped_in_the_pages(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = pq.read_table(DATASET / "data" / "articles.parquet")
    rows = table.to_pylist()
    rows[0]["language"] = rows[1]["article_id"] = HOSTILE
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "data" / "articles.parquet")
    checks = [
        one for one in all_checks() if one.id in ("articles.language.pattern", "articles.article_id.pattern")
    ]  # fmt: skip
    assert len(run_expectations(tmp_path, checks, tmp_path / "pages")) == 2
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "pages").rglob("*.html")]
    assert any("&lt;script&gt;alert(1)" in page for page in pages)
    assert not any(HOSTILE in page for page in pages)


def test_a_violation_that_only_great_expectations_finds_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two run the same checks, and the build stops if either finds a violation."""
    (tmp_path / "data").mkdir()
    table = pq.read_table(DATASET / "data" / "articles.parquet")
    rows = table.to_pylist()
    rows[0]["language"] = "klingon"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "data" / "articles.parquet")
    checks = [one for one in all_checks() if one.id == "articles.language.pattern"]
    monkeypatch.setattr(expectations, "run_in_sql", lambda *_: ([], []))
    assert run_expectations(tmp_path, checks) == []
    assert [one.check for one in run_expectations(tmp_path, checks, tmp_path / "pages")] == [
        "articles.language.pattern"
    ]
