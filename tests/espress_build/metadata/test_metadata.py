"""What the dataset's own files say of it: one source, both editions, no number that the data does not give."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from bibtexparser.entrypoint import parse_string
from tests.espress_build.metadata.validators import released
from tests.helpers import DATASET

from espress.schema import schema
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.metadata.dialects.card_yaml import get_size_category, make_front_matter
from espress_build.metadata.dialects.croissant import make_croissant
from espress_build.metadata.dialects.datacite import make_datacite
from espress_build.metadata.dialects.frictionless import make_data_package
from espress_build.metadata.dialects.schema_org import make_landing_page, make_schema_org
from espress_build.metadata.labels import count_classes

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Edition
    from espress_build.metadata.dataset_facts import About

FILES = {table.name: (10, "0" * 64) for table in schema().files}


@pytest.fixture(scope="module")
def said() -> About:
    return describe_dataset(DATASET, version="1.2.3", released="2001-02-03")


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def _versions(folder: Path) -> dict[str, str]:
    root = next(entity for entity in _read(folder, "ro-crate-metadata.json")["@graph"] if entity["@id"] == "./")
    page = (folder / "index.html").read_text(encoding="utf-8")
    in_page = re.search(r'<script type="application/ld\+json">\n(.*?)\n</script>', page, re.DOTALL)
    assert in_page
    in_card = re.search(
        r"^Version (\S+), (\w+) edition", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert in_card
    return {
        "croissant": _read(folder, "croissant.json")["version"],
        "frictionless": _read(folder, "datapackage.json")["version"],
        "datacite": _read(folder, "datacite.json")["version"],
        "crate": root["version"],
        "page": json.loads(in_page[1])["version"],
        "card": in_card[1],
    }


@pytest.mark.parametrize("version", ["0.1.0-dev", "0.1.0+dev", "12.0.3"])
def test_every_file_names_the_version_that_was_given_and_no_other(version: str, tmp_path: Path) -> None:
    folder = released(tmp_path / "dataset", version=version)
    assert set(_versions(folder).values()) == {version}


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = released(tmp_path / "one"), released(tmp_path / "two")
    names = sorted(path.name for path in one.iterdir() if path.is_file())
    assert [(one / name).read_bytes() for name in names] == [(two / name).read_bytes() for name in names]


def test_numbers_in_statements_are_counted_in_the_tables(said: About) -> None:
    rows = {
        name: pq.read_metadata(DATASET / "data" / f"{name}.parquet").num_rows for name in ("articles", "annotations")
    }
    assert f" {rows['articles']} news articles " in said.text("collection")
    assert said.text("annotations_per_item").startswith(f"{rows['annotations']} judgements by ")
    assert "human_confirmed = " in said.text("annotation_analysis")
    assert not re.search(r"[{}]", " ".join(part for parts in said.texts.values() for part in parts))


def test_statements_hold_no_figure_of_their_own() -> None:
    stated = schema().about["statements"]
    parts = [part for text in stated.values() for part in ([text] if isinstance(text, str) else text)]
    assert [part for part in parts if re.search(r"\d", re.sub(r"SHA-256", "", part))] == []


def test_croissant_says_who_labelled_and_what_must_not_be_done(said: About) -> None:
    made = make_croissant(schema(), said, FILES)
    responsible = {name for name in made if name.startswith("rai:")}
    assert len(responsible) == 19
    assert all(made[name] for name in responsible)
    assert "model" in made["rai:machineAnnotationTools"]
    assert "http://mlcommons.org/croissant/RAI/1.0" in made["conformsTo"]
    assert any("Not for scoring or ranking" in use for use in made["rai:dataUseCases"])


@pytest.mark.parametrize("edition", ["full", "open"])
def test_no_file_licenses_the_article_texts(edition: Edition, said: About) -> None:
    of_edition = replace(said, edition=edition)
    licences = make_croissant(schema(), of_edition, FILES)["license"]
    rights = make_datacite(schema(), of_edition, FILES)["rightsList"]
    assert [entry["name"] for entry in make_schema_org(schema(), of_edition, FILES)["license"]] == [
        entry["name"] for entry in licences
    ]
    assert licences[0]["url"] == said.license_labels_url
    assert "labels and metadata" in licences[0]["name"]
    assert [entry.get("description") for entry in licences[1:]] == ([said.license_texts] if edition == "full" else [])
    assert [entry["rights"] for entry in rights[1:]] == ([said.license_texts] if edition == "full" else [])


def test_languages_creators_and_size_are_counted_from_the_data(said: About, tmp_path: Path) -> None:
    front = make_front_matter(schema(), said, dict.fromkeys(FILES, 5), dict.fromkeys(FILES, ""))
    assert front["annotations_creators"] == ["machine-generated"]
    assert front["language"] == ["en"]
    assert front["size_categories"] == ["n<1K"]
    copy = shutil.copytree(DATASET, tmp_path / "copy")
    for name, column, value in (("articles", "language", "cs"), ("annotations", "annotator_kind", "human")):
        rows = pq.read_table(path := copy / "data" / f"{name}.parquet")
        place = rows.schema.get_field_index(column)
        values = [value, *rows[column].to_pylist()[1:]]
        pq.write_table(rows.set_column(place, rows.schema.field(place), [values]), path)
    changed = describe_dataset(copy, version="1.2.3")
    assert changed.languages == ("en", "cs")
    assert changed.annotator_kinds == ("model", "human")
    assert make_datacite(schema(), changed, FILES)["language"] == "en"


def test_every_class_of_every_label_is_counted_and_rows_and_nulls_add_up() -> None:
    found = {one.column: one for one in count_classes(DATASET)}
    for table in ("relevance", "entries", "article_stance", "claim_matrix"):
        n = pq.read_metadata(DATASET / "data" / f"{table}.parquet").num_rows
        labels = [column.name for column in schema().table(table).columns if column.labels]
        for name in labels:
            one = found[f"{table}.{name}"]
            assert list(one.rows) == list(schema().terms(schema().table(table).column(name)) or ())
            assert sum(one.rows.values()) + one.nulls == n


def test_the_description_says_which_edition_it_is() -> None:
    full, opened = (describe_dataset(DATASET, version="1.0.0", edition=edition) for edition in ("full", "open"))
    assert "includes the article texts" in full.description
    assert "no article text" in opened.description
    assert make_data_package(schema(), opened, FILES)["edition"] == "open"


def test_withheld_columns_are_not_required_in_the_open_edition(said: About) -> None:
    table = schema().table("articles")
    columns = tuple(replace(column, withheld=column.name == "title") for column in table.columns)
    marked = replace(schema(), tables=(replace(table, columns=columns),))

    def required(edition: Edition) -> bool:
        (resource,) = make_data_package(marked, replace(said, edition=edition), FILES)["resources"]
        (field,) = (field for field in resource["schema"]["fields"] if field["name"] == "title")
        return bool(field.get("constraints", {}).get("required"))

    assert required("full")
    assert not required("open")


def test_without_a_day_of_release_no_file_invents_one() -> None:
    unreleased = describe_dataset(DATASET, version="0.1.0-dev")
    for make in (make_croissant, make_schema_org, make_data_package, make_datacite):
        assert not {"datePublished", "created", "dates"} & set(make(schema(), unreleased, FILES))


def test_a_doi_is_in_every_description_with_a_place_for_it(said: About) -> None:
    with_doi = replace(said, doi="10.5072/example")
    assert make_datacite(schema(), with_doi, FILES)["doi"] == "10.5072/example"
    assert make_schema_org(schema(), with_doi, FILES)["identifier"] == "https://doi.org/10.5072/example"
    assert make_croissant(schema(), with_doi, FILES)["url"] == "https://doi.org/10.5072/example"
    (entry,) = parse_string(with_doi.bibtex).entries
    stated = {name: entry.fields_dict[name].value for name in ("version", "year", "doi")}
    assert stated == {"version": "1.2.3", "year": "2001", "doi": "10.5072/example"}


def test_a_text_cannot_break_out_of_the_page(said: About) -> None:
    hostile = replace(said, title='</script><script>alert("&")', description="a < b & c > d " * 9)
    page = make_landing_page(schema(), hostile, FILES)
    assert page.count("<script") == page.count("</script>") == 1
    data = re.search(r'ld\+json">\n(.*?)\n</script>', page, re.DOTALL)
    assert data
    assert json.loads(data[1])["name"] == hostile.title


def test_an_unknown_figure_in_a_statement_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = schema().about
    monkeypatch.setitem(stated, "statements", stated["statements"] | {"limits": "{nothing} of them"})
    with pytest.raises(KeyError, match="nothing"):
        describe_dataset(DATASET)


@pytest.mark.parametrize(("rows", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M")])
def test_the_size_category_is_the_hubs(rows: int, name: str) -> None:
    assert get_size_category(rows) == name
