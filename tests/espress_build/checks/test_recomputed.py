"""Row groups are checked one by one, and again whenever they or the code have changed."""

from __future__ import annotations

import shutil
from functools import wraps
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from espress_build.checks import recomputed
from espress_build.pipeline.result_cache import ResultCache
from espress_build.tables import read_groups, set_column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHECKS = ("articles_computed", "units_computed", "links_computed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The dataset, in which each article and its units are a row group of their own."""
    shutil.copytree("dataset", tmp_path / "dataset")
    for name in ("articles", "sentences"):
        write_groups(tmp_path / "dataset", name, lambda group: group)
    return tmp_path / "dataset"


def write_groups(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Write a table with a row group for each article."""
    path = folder / "data" / f"{name}.parquet"
    table = change(pq.read_table(path))
    ids = table["article_id"].to_pylist()
    with pq.ParquetWriter(path, table.schema) as writer:
        for article in dict.fromkeys(ids):
            writer.write_table(table.filter(pa.array([one == article for one in ids])))


def change_row(column: str, row: int, value: Any) -> Callable[[Any], Any]:
    """Return what sets one value of a table."""

    def change(table: Any) -> Any:
        values = table[column].to_pylist()
        values[row] = value
        return set_column(table, column, values)

    return change


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checks and sketches of row groups that were computed."""
    found: list[str] = []

    def count(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def run(*given: Any) -> Any:
            found.append(name)
            return original(*given)

        return run

    for name in ("_check_articles", "_check_units", "sketch"):
        monkeypatch.setattr(recomputed, name, count(name, vars(recomputed)[name]))
    return found


def run(folder: Path, cache: ResultCache | None) -> list[tuple[str, str]]:
    """Run the checks that remember what passed."""
    return [found for name in CHECKS for found in recomputed.FUNCTIONS[name](folder, cache)]


def test_what_passed_is_not_checked_again_and_what_changed_is(
    folder: Path, tmp_path: Path, computed: list[str]
) -> None:
    cache = ResultCache(tmp_path / "cache", "code")
    assert run(folder, cache) == []
    assert len(computed) == 15
    computed.clear()
    assert run(folder, cache) == []
    assert not computed
    assert run(folder, ResultCache(tmp_path / "cache", "other code")) == []
    assert len(computed) == 15
    computed.clear()
    write_groups(folder, "articles", change_row("n_words", 2, 1))
    found = run(folder, cache)
    assert [what for _, what in found] == [what for _, what in run(folder, None)]
    assert "articles.n_words is 1" in found[0][1]
    computed.clear()
    assert run(folder, cache) == found  # what did not pass is checked each time
    assert computed.count("_check_articles") == 1


def test_another_registry_is_another_key(folder: Path, tmp_path: Path, computed: list[str]) -> None:
    cache = ResultCache(tmp_path / "cache")
    run(folder, cache)
    path = folder / "data" / "outlets.parquet"
    pq.write_table(change_row("name", 0, "Another name")(pq.read_table(path)), path)
    computed.clear()
    run(folder, cache)
    assert computed == ["_check_units"] * 5


def test_units_in_other_row_groups_are_compared_whole(folder: Path) -> None:
    whole = pq.read_table(folder / "data" / "sentences.parquet")
    pq.write_table(whole, folder / "data" / "sentences.parquet")
    assert len(list(read_groups(folder, "sentences"))) == 1
    assert run(folder, None) == []
    write_groups(folder, "sentences", change_row("unit_no", 3, 99))
    apart = run(folder, None)
    pq.write_table(pq.read_table(folder / "data" / "sentences.parquet"), folder / "data" / "sentences.parquet")
    assert run(folder, None) == apart
    assert len(apart) == 1
