"""A rebuilt dataset is seen at once: `datasets` caches by what the card says, so the card names the content."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.inputs.params import read_params
from espress_build.pipeline.package import write_metadata, write_parquet

if TYPE_CHECKING:
    from pathlib import Path


def _write(folder: Path, tables: dict[str, Any]) -> None:
    rows = {
        name: write_parquet(folder / "data" / f"{name}.parquet", [t], name, read_params().package)
        for name, t in tables.items()
    }
    write_metadata(folder, rows, b"")


def _tables(project: Path) -> dict[str, Any]:
    return {t.name: pq.read_table(project / "dataset" / "data" / f"{t.name}.parquet") for t in schema().tables}


def _with_title(tables: dict[str, Any], title: str) -> dict[str, Any]:
    rows = tables["articles"].to_pylist()
    rows[0]["title"] = title
    return tables | {"articles": pa.Table.from_pylist(rows, schema=tables["articles"].schema)}


@pytest.mark.parametrize("named", [True, False])
def test_a_changed_cell_is_seen_with_the_same_cache_because_the_card_names_the_content(
    project: Path, tmp_path: Path, *, named: bool
) -> None:
    tables, titles = _tables(project), []
    for number, title in enumerate(("First", "Second")):
        folder = tmp_path / str(number)
        _write(folder, _with_title(tables, title))
        if not named:
            card = folder / "README.md"
            card.write_text(re.sub("[0-9a-f]{64}", "", card.read_text(encoding="utf-8")), encoding="utf-8")
        place = tmp_path / "dataset"
        if place.exists():
            place.rename(tmp_path / "old")
        folder.rename(place)
        titles.append(load_dataset(str(place), "articles", cache_dir=str(tmp_path / "cache"))["train"][0]["title"])
    assert titles == (["First", "Second"] if named else ["First", "First"])


def test_a_table_without_rows_is_left_out_of_the_card_and_the_others_load(project: Path, tmp_path: Path) -> None:
    tables = _tables(project) | {"sources": arrow_schema(schema().table("sources")).empty_table()}
    _write(tmp_path / "dataset", tables)
    loaded = load_dataset(str(tmp_path / "dataset"), "articles", cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded.num_rows == tables["articles"].num_rows
    with pytest.raises(ValueError, match="sources"):
        load_dataset(str(tmp_path / "dataset"), "sources", cache_dir=str(tmp_path / "cache"))
    package = json.loads((tmp_path / "dataset" / "datapackage.json").read_text(encoding="utf-8"))
    assert "sources" in [resource["name"] for resource in package["resources"]]
