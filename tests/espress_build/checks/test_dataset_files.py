"""Files that nobody should have to read are refused before anything reads them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from tests.helpers import DATASET

from espress.data.releases import read_releases
from espress_build.checks import last_release
from espress_build.checks.dataset_files import card_current, files_readable
from espress_build.checks.last_release import open_last_release

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_column_that_is_there_twice_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = pq.read_table(DATASET / "data" / "events.parquet")
    pq.write_table(table.append_column("event_id", table["event_id"]), tmp_path / "data" / "events.parquet")
    assert list(files_readable(tmp_path)) == [("events", "has the column event_id more than once")]


def test_a_card_whose_aliases_unpack_to_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    bomb = ['a0: &a0 ["x", "x", "x"]'] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    front = "\n".join([*bomb, "dataset_info:", "- config_name: articles", "  description: *a11"])
    (tmp_path / "README.md").write_text(f"---\n{front}\n---\n", encoding="utf-8")
    start = time.monotonic()
    ((name, what),) = card_current(tmp_path)
    assert (name, "aliases" in what) == ("README.md", True)
    assert time.monotonic() - start < 5


def test_a_card_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"---\n{'- ' * 30_000}a\n---\n", encoding="utf-8")
    ((_, what),) = card_current(tmp_path)
    assert "nested more than 100 levels deep" in what


def test_a_full_disk_is_named_as_the_reason_why_the_last_release_is_not_compared(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_releases(project / "releases" / "releases.json")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "articles.parquet")

    monkeypatch.setattr(last_release, "unpack", fail)
    with open_last_release(project) as (folder, why):
        assert folder is None
        assert "No space left on device" in why
