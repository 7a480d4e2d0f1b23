"""Loading the corpus as a user does."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import espress

if TYPE_CHECKING:
    from pathlib import Path


def test_one_call_gives_a_dataset_with_declared_features_and_class_labels() -> None:
    from datasets import ClassLabel, Dataset, List, Value

    articles = espress.load()
    assert isinstance(articles, Dataset)
    assert articles.features["stance"] == ClassLabel(names=["favor", "against", "none"])
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


def test_the_dataset_folder_loads_without_the_package_and_gives_the_same_features(
    project: Path, tmp_path: Path
) -> None:
    from datasets import load_dataset

    for config in ("articles", "sentences", "outlets", "events", "propositions", "sources"):
        theirs = load_dataset(str(project / "dataset"), config, cache_dir=str(tmp_path))["train"]
        ours = espress.load(config)
        assert theirs.features == ours.features
        assert theirs.to_list() == ours.to_list()


def test_the_default_config_is_articles(project: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    assert load_dataset(str(project / "dataset"), cache_dir=str(tmp_path))["train"].num_rows == espress.load().num_rows


def test_units_cut_out_of_their_article_are_themselves() -> None:
    articles = {row["article_id"]: row for row in espress.load("articles", as_="arrow").to_pylist()}
    for unit in espress.load("sentences", as_="arrow").to_pylist():
        assert articles[unit["article_id"]][unit["field"]][unit["start"] : unit["end"]] == unit["text"]


def test_units_cut_out_of_the_source_bytes_are_themselves(project: Path) -> None:
    for unit in espress.load("sentences", as_="arrow").to_pylist():
        source = (project / "raw" / "articles" / unit["article_id"] / "source.txt").read_bytes()
        assert source[unit["source_start"] : unit["source_end"]].decode() == unit["text"]


def test_an_unknown_config_lists_those_that_exist_nearest_first() -> None:
    with pytest.raises(espress.UnknownNameError, match=r"'article'. Known, nearest first: articles, .*espress info"):
        espress.load("article")


@pytest.mark.parametrize("config", ["../articles", "/etc/passwd", "", "data/articles"])
def test_a_config_cannot_climb_out_of_the_dataset(config: str) -> None:
    with pytest.raises(espress.UnknownNameError, match="There is no config"):
        espress.load(config)


def test_an_unknown_version_or_form_lists_those_that_exist() -> None:
    with pytest.raises(espress.UnknownNameError, match=re.escape(espress.versions()[0])):
        espress.load("articles", version="99.0.0")
    form: Any = "excel"
    with pytest.raises(espress.UnknownNameError, match="polars"):
        espress.load("articles", as_=form)


def test_a_missing_library_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(espress.MissingLibraryError, match="pip install polars"):
        espress.load("articles", as_="polars")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(espress.MissingLibraryError, match="pip install datasets"):
        espress.load("articles")


def test_a_missing_table_is_told_from_an_unknown_one(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project / "dataset", tmp_path / "dataset")
    (tmp_path / "dataset" / "data" / "events.parquet").unlink()
    monkeypatch.setattr("espress.data.resolve.dataset_folder", lambda: tmp_path / "dataset")
    with pytest.raises(espress.DatasetMissingError, match="espress verify"):
        espress.load("events")


def test_importing_and_loading_arrow_stay_light() -> None:
    code = (
        "import sys, espress; light = set(sys.modules); espress.load('articles', as_='arrow'); "
        "heavy = {'pandas', 'datasets', 'great_expectations', 'duckdb', 'pyarrow.dataset'}; "
        "print(sorted((heavy | {'pyarrow'}) & light), sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[] []"


def test_great_expectations_is_imported_by_validation_alone() -> None:
    code = (
        "import sys, espress_build.cli.main, espress_build.pipeline.build, "
        "espress_build.pipeline.runner, espress_build.pipeline.trace, "
        "espress_build.docs.generate, espress_build.release.diff; print('great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "False"
