"""The first page: its counts are those of the tables, and it says who judged and how to get the corpus."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from espress.installation import read_version
from espress_build.metadata.labels import say_who_judged
from espress_build.site.sections import home, labels
from espress_build.site.sections.search import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.site.dataset import Dataset


@pytest.fixture(scope="module")
def context(dataset: Dataset) -> dict[str, Any]:
    (page,) = home.make_pages(dataset)
    return page.context


def _words(site_folder: Path, name: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", (site_folder / name).read_text(encoding="utf-8")).split())


def test_counts_are_those_of_the_tables(dataset: Dataset, context: dict[str, Any]) -> None:
    counts = {noun: number for number, noun, _ in context["counts"]}
    check = [row for row in dataset.table("check") if row["kept"]]
    catalogue = dataset.table("catalogue")
    kinds = [
        "copies" if row["swap_kind"] else "controls" if row["is_control"] else "articles"
        for row in dataset.table("stance_articles")
        if row["kept"]
    ]
    own = sum(row["article_id"] is not None for row in catalogue)
    languages = len({row["language"] for row in catalogue if row["language"]})
    assert counts[f"test cases kept, in {len({row['language'] for row in check})} languages"] == len(check)
    others = f"{kinds.count('controls'):,} controls and {kinds.count('copies'):,} copies"
    assert counts[f"invented articles kept; besides them {others}"] == kinds.count("articles")
    entries = f"{len(catalogue) - own:,} of them not the corpus’s own articles"
    assert counts[f"catalogue entries in {languages} languages, {entries}"] == len(catalogue)


def test_who_judged_is_said_with_the_counts_and_above_the_labels(
    dataset: Dataset, context: dict[str, Any], site_folder: Path
) -> None:
    said = say_who_judged(dataset.folder)
    judged = {row["item_id"] for row in dataset.table("annotations") if row["is_counted"]}
    persons = {row["item_id"] for row in dataset.table("annotations") if row["annotator_kind"] == "human"}
    assert f"Persons judged {len(persons)} of the {len(judged)} items" in said
    assert context["judged"] == said
    (page,) = labels.make_pages(dataset)
    assert page.context["judged"] == said
    assert all(said in _words(site_folder, name) for name in ("index.html", "labels/index.html"))


def test_the_versions_of_data_and_package_are_stated(dataset: Dataset, site_folder: Path) -> None:
    words = _words(site_folder, "index.html")
    assert f"version {dataset.version} of the data and was made with version {read_version()} of the package" in words


def test_the_first_comparison_is_one_click_away(context: dict[str, Any], site_folder: Path) -> None:
    assert (site_folder / str(context["comparison"])).is_file()
    assert f'href="{context["comparison"]}"' in (site_folder / "index.html").read_text(encoding="utf-8")


def test_labels_show_no_backticks(site_folder: Path) -> None:
    assert "`" not in _words(site_folder, "labels/index.html")


def test_every_kind_of_search_result_has_a_plain_name(site_folder: Path) -> None:
    script = (site_folder / "assets" / "search-entries.js").read_text(encoding="utf-8")
    entries = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    assert {entry[3] for entry in entries} <= set(KINDS)
    assert [entry[0] for entry in entries if "BibTeX" in entry[2]].count("index.html#cite") == 1
