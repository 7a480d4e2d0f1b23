"""Loading and verifying the corpus as a user does."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, List, Value, load_dataset

import espress
from espress.errors import DamagedDataError, DatasetMissingError, EspressError, MissingLibraryError, UnknownNameError
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.inputs.params import read_params
from espress_build.pipeline.package import write_metadata, write_parquet

if TYPE_CHECKING:
    from pathlib import Path


def test_one_call_gives_a_dataset_with_declared_features_and_class_labels() -> None:
    articles = espress.load()
    assert isinstance(articles, Dataset)
    assert articles.features["stance"] == ClassLabel(names=["against", "neither", "favor"])
    assert articles.features["event_ids"] == List(Value("string"))
    assert articles.features["published_at"] == Value("timestamp[ms, tz=UTC]")
    wire = next(row for row in articles if row["agency"])
    assert wire["published_at"] == dt.datetime(2019, 11, 26, 12, 53, 51, tzinfo=dt.UTC)
    assert wire["authors"] == []  # the page credits no person: not the same as unknown
    assert wire["basis"][0].keys() == {"field", "basis", "confidence", "note"}


def test_every_form_holds_the_same_rows() -> None:
    arrow = espress.load("sentences", as_="arrow")
    ids = arrow["sentence_id"].to_pylist()
    assert espress.load("sentences")["sentence_id"] == ids
    assert espress.load("sentences", as_="pandas")["sentence_id"].tolist() == ids
    assert espress.load("sentences", as_="polars")["sentence_id"].to_list() == ids


def test_every_column_with_a_closed_list_of_values_has_its_classes_in_the_order_of_the_vocabulary() -> None:
    closed = 0
    for table in schema().tables:
        if not espress.load(table.name, as_="arrow").num_rows:
            continue
        features = espress.load(table.name).features
        for column in table.columns:
            terms = schema().terms(column)
            assert isinstance(features[column.name], ClassLabel) == (terms is not None), (table.name, column.name)
            if terms:
                assert features[column.name].names == list(terms)
                closed += 1
    assert closed > 30


def test_pandas_gives_days_and_instants_as_datetimes() -> None:
    import pandas as pd

    articles = espress.load("articles", as_="pandas")
    for name in ("published_date", "published_at", "updated_date"):
        assert pd.api.types.is_datetime64_any_dtype(articles[name]), name
    assert (articles["published_date"].dt.year == articles["published_year"]).all()


def test_a_renamed_table_is_named_in_the_error() -> None:
    with pytest.raises(UnknownNameError, match=r"Since version 1.0.0, this table is called 'entries'"):
        espress.load("stance")
    with pytest.raises(UnknownNameError, match=r"Before version 1.0.0, this table is called 'stance'"):
        espress.load("entries", version="0.1.1", as_="arrow")
    assert espress.load("stance", version="0.1.1", as_="arrow").num_rows == 105


def test_the_dataset_folder_loads_without_the_package_and_gives_the_same_features(
    project: Path, tmp_path: Path
) -> None:
    for config in ("articles", "sentences", "outlets", "events", "propositions", "sources"):
        theirs = load_dataset(str(project / "dataset"), config, cache_dir=str(tmp_path))["train"]
        ours = espress.load(config)
        assert theirs.features == ours.features
        assert theirs.to_list() == ours.to_list()
    default = load_dataset(str(project / "dataset"), cache_dir=str(tmp_path))["train"]
    assert default.to_list() == espress.load().to_list() == espress.load("articles").to_list()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"config": "article"}, r"'article'. Known, nearest first: articles, .*espress info"),
        *(({"config": name}, "There is no config") for name in ("../articles", "/etc/passwd", "", "data/articles")),
        ({"version": "99.0.0"}, re.escape(espress.versions()[0])),
        ({"as_": "excel"}, "polars"),
    ],
)
def test_an_unknown_config_version_or_form_lists_those_that_exist(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(UnknownNameError, match=says):
        espress.load(**asked)


def test_a_missing_library_is_reported_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingLibraryError, match="pip install polars"):
        espress.load("articles", as_="polars")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingLibraryError, match="pip install datasets"):
        espress.load("articles")


def test_a_missing_file_is_not_reported_as_an_unknown_table(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project / "dataset", tmp_path / "dataset")
    (tmp_path / "dataset" / "data" / "events.parquet").unlink()
    monkeypatch.setattr("espress.data.resolve.dataset_folder", lambda: tmp_path / "dataset")
    with pytest.raises(DatasetMissingError, match="espress verify"):
        espress.load("events")


STREAM = "espress.load('articles', as_='arrow', streaming=True).read_all()"
MAINTAINERS = ["cli.main", "build", "pipeline.runner", "pipeline.trace", "docs.generate", "release.diff"]
LIBRARIES = {"pandas", "datasets", "great_expectations", "duckdb", "pyarrow.dataset"}
LIGHT = [
    ("espress", {*LIBRARIES, "pyarrow"}),
    (
        "espress; espress.load('articles', as_='arrow')",
        {*LIBRARIES, "tarfile", "gzip", "huggingface_hub", "espress.data.release_archive"},
    ),
    (f"espress; espress.load('articles', as_='arrow', where={{'language': 'en'}}); {STREAM}", {"datasets"}),
    (", ".join(f"espress_build.{name}" for name in MAINTAINERS), {"great_expectations"}),
]


@pytest.mark.parametrize(("code", "heavy"), LIGHT)
def test_no_library_is_imported_before_it_is_needed(code: str, heavy: set[str]) -> None:
    command = [sys.executable, "-c", f"import sys, {code}; print(sorted({heavy!r} & set(sys.modules)))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"


def test_the_bundled_dataset_is_sound() -> None:
    report = espress.verify()
    assert report.problems == ()
    assert report.files >= 10
    assert "sound" in str(report)


def test_errors_are_one_tree() -> None:
    errors = [getattr(espress, name) for name in espress.__all__ if name.endswith("Error")]
    assert all(issubclass(error, EspressError) for error in errors)
    assert len(errors) == 9


def _write(folder: Path, tables: dict[str, Any]) -> None:
    for name, table in tables.items():
        write_parquet(folder / "data" / f"{name}.parquet", [table], name, read_params().package)
    write_metadata(folder, b"")


def _tables(project: Path) -> dict[str, Any]:
    return {t.name: pq.read_table(project / "dataset" / "data" / f"{t.name}.parquet") for t in schema().files}


def _with_title(tables: dict[str, Any], title: str) -> dict[str, Any]:
    rows = tables["articles"].to_pylist()
    rows[0]["title"] = title
    return tables | {"articles": pa.Table.from_pylist(rows, schema=tables["articles"].schema)}


def test_a_changed_cell_is_seen_with_the_same_cache_because_the_card_names_the_content(
    project: Path, tmp_path: Path
) -> None:
    titles, place = [], tmp_path / "dataset"
    for title in ("First", "Second"):
        shutil.rmtree(place, ignore_errors=True)
        _write(place, _with_title(_tables(project), title))
        titles.append(load_dataset(str(place), "articles", cache_dir=str(tmp_path / "cache"))["train"][0]["title"])
    assert titles == ["First", "Second"]


def test_a_table_without_rows_is_left_out_of_the_card_and_the_others_load(project: Path, tmp_path: Path) -> None:
    tables = _tables(project) | {"sources": arrow_schema(schema().table("sources")).empty_table()}
    _write(tmp_path / "dataset", tables)
    loaded = load_dataset(str(tmp_path / "dataset"), "articles", cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded.num_rows == tables["articles"].num_rows
    with pytest.raises(ValueError, match="sources"):
        load_dataset(str(tmp_path / "dataset"), "sources", cache_dir=str(tmp_path / "cache"))
    package = json.loads((tmp_path / "dataset" / "datapackage.json").read_text(encoding="utf-8"))
    assert "sources" in [resource["name"] for resource in package["resources"]]


# ---------------------------------------------------------------- tables with several splits


@pytest.mark.parametrize("config", ["check", "stance_articles"])
def test_a_split_is_its_file_and_the_whole_table_is_all_of_them(config: str, project: Path) -> None:
    whole = espress.load(config, as_="arrow")
    parts = [espress.load(config, as_="arrow", split=split) for split in ("train", "dev", "test")]
    assert whole.to_pylist() == [row for part in parts for row in part.to_pylist()]
    assert [set(part["split"].to_pylist()) for part in parts] == [{"train"}, {"dev"}, {"test"}]
    assert espress.load(config).split == "all"
    assert espress.load(config, split="dev").split == "dev"
    loaded = load_dataset(str(project / "dataset"), config)
    assert {name: rows.num_rows for name, rows in loaded.items()} == {
        name: part.num_rows for name, part in zip(("train", "dev", "test"), parts, strict=True)
    }


def test_a_split_filters_and_streams_like_a_table() -> None:
    where = {"language": "en", "task": "position"}
    read = espress.load("check", split="test", as_="arrow", where=where)
    streamed = espress.load("check", split="test", as_="arrow", where=where, streaming=True).read_all()
    assert read.num_rows > 0
    assert streamed.to_pylist() == read.to_pylist()
    both = espress.load("check", as_="arrow", where=where)
    assert [row for row in both.to_pylist() if row["split"] == "test"] == read.to_pylist()


@pytest.mark.parametrize(
    ("config", "known"), [("check", "train, dev, test"), ("articles", "train"), ("relevance", "test")]
)
def test_an_unknown_split_is_named_with_those_of_the_table(config: str, known: str) -> None:
    with pytest.raises(UnknownNameError, match=f"validation.*{known}"):
        espress.load(config, split="validation")


def test_a_damaged_file_of_a_split_is_found_when_the_whole_table_is_loaded(project: Path, tmp_path: Path) -> None:
    place = shutil.copytree(project / "dataset", tmp_path / "dataset")
    with (place / "data" / "check-dev.parquet").open("ab") as file:
        file.write(b"x")
    assert espress.load("check", split="train", source=place, as_="arrow").num_rows
    with pytest.raises(DamagedDataError, match="check-dev"):
        espress.load("check", source=place, as_="arrow")
