"""Citations say version, date, DOI and hashes, and each is read by a parser that is not ours."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import espress
from espress.citation import Reference
from espress.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

STYLES = ["bibtex", "apa", "ris", "csl-json", "cff"]
ROOT = {"full": "a" * 64, "open": "b" * 64}


def _release(date: str, doi: str | None, status: str) -> dict[str, Any]:
    editions = {
        name: {
            "root": root,
            "archive": {"name": f"espress-1.2.3-{name}.tar.gz", "size": 3, "sha256": "c" * 64},
            "files": [{"path": "SHA256SUMS", "size": 3, "sha256": root}],
        }
        for name, root in ROOT.items()
    }
    stated: dict[str, Any] = {"date": date, "doi": doi, "status": status, "withdrawn": [], "codebook": "1.0.0"}
    return {**stated, "editions": editions}


@pytest.fixture
def trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two releases, one with a DOI and one withdrawn; gives the hash of the list."""
    listed = {
        "1.2.3": _release("2027-03-05", "10.5281/zenodo.123_45", "published"),
        "3.0.0": _release("2026-12-01", None, "withdrawn"),
    }
    path = tmp_path / "releases.json"
    path.write_text(json.dumps({"format": 1, "releases": listed}), encoding="utf-8")
    for module in ("espress.data.releases", "espress.data.integrity"):
        monkeypatch.setattr(f"{module}.releases_file", lambda: path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("style", STYLES)
def test_every_style_gives_version_year_doi_and_hashes_or_says_that_a_release_is_withdrawn(
    style: str, trust: str
) -> None:
    cited = espress.cite(style, "1.2.3")
    assert all(part in cited for part in ("1.2.3", "2027", "10.5281/zenodo.123_45", ROOT["full"], trust))
    assert ROOT["open"] in espress.cite(style, "1.2.3", edition="open")
    assert "withdrawn" not in cited
    withdrawn = espress.cite(style, "3.0.0")
    assert "withdrawn" in withdrawn
    assert "doi" not in withdrawn.lower()


def test_bibtex_is_read_by_bibtexparser(trust: str) -> None:
    from bibtexparser.entrypoint import parse_string

    library = parse_string(espress.cite("bibtex", "1.2.3"))
    assert not library.failed_blocks
    (entry,) = library.entries
    fields = {name: field.value for name, field in entry.fields_dict.items()}
    assert entry.key == "espress_1_2_3"
    assert fields["version"] == "1.2.3"
    assert (fields["year"], fields["date"], fields["doi"]) == ("2027", "2027-03-05", "10.5281/zenodo.123_45")
    assert "Espionage in the Press" in fields["title"]
    assert re.fullmatch(r"@misc\{\w+,\n(  \w+ = \{.*\},\n)+\}", espress.cite("bibtex", "1.2.3"))
    assert fields["note"] == f"Data set, full edition, sha256 {ROOT['full']}; releases.json sha256 {trust}"
    assert "howpublished" not in fields


def test_ris_is_read_by_rispy(trust: str) -> None:
    import rispy  # type: ignore[import-untyped]

    (entry,) = rispy.loads(espress.cite("ris", "1.2.3"))
    assert entry["type_of_reference"] == "DATA"
    assert (entry["year"], entry["date"], entry["edition"]) == ("2027", "2027/03/05", "1.2.3")
    assert entry["doi"] == "10.5281/zenodo.123_45"
    assert entry["authors"] == ["The ESPRESS maintainers"]
    assert ROOT["full"] in entry["notes"][0]
    assert "unknown_tag" not in entry


def test_csl_json_has_the_fields_of_a_dataset_and_no_null(trust: str) -> None:
    (item,) = json.loads(espress.cite("csl-json", "1.2.3"))
    assert item["issued"] == {"date-parts": [[2027, 3, 5]]}
    assert item["type"] == "dataset"
    assert (item["DOI"], item["version"]) == ("10.5281/zenodo.123_45", "1.2.3")
    assert set(item) == {"id", "type", "title", "author", "issued", "version", "DOI", "note"}


def test_cff_is_yaml_whose_dates_and_numbers_are_text(trust: str) -> None:
    about = yaml.safe_load(espress.cite("cff", "1.2.3"))
    assert about["cff-version"] == "1.2.0"
    assert about["version"] == "1.2.3"
    assert about["date-released"] == "2027-03-05"
    assert about["doi"] == "10.5281/zenodo.123_45"
    assert [item["value"] for item in about["identifiers"]] == [f"sha256:{ROOT['full']}", f"sha256:{trust}"]


def test_apa_reads_as_a_reference_of_a_data_set(trust: str) -> None:
    start = "The ESPRESS maintainers (2027). ESPRESS: Espionage in the Press (Version 1.2.3) [Data set]."
    note = "full edition, sha256 "
    assert espress.cite("apa", "1.2.3").startswith(f"{start} https://doi.org/10.5281/zenodo.123_45 {note}")


@pytest.mark.parametrize("edition", ["full", "open"])
def test_without_an_address_every_style_names_the_archive_and_no_style_invents_one(trust: str, edition: str) -> None:
    from bibtexparser.entrypoint import parse_string

    name = f"espress-1.2.3-{edition}.tar.gz"
    cited = {style: espress.cite(style, "3.0.0", edition=edition) for style in STYLES}
    for style, text in cited.items():
        assert text.count(name) == 1
        assert not re.search(r"https?:|\burl\b|^UR ", text, re.MULTILINE | re.IGNORECASE)
        assert f"{edition} edition" in text
        assert name not in espress.cite(style, "1.2.3", edition=edition), "a DOI makes the archive's name needless"
    (entry,) = parse_string(cited["bibtex"]).entries
    assert entry.fields_dict["howpublished"].value == f"Archive {name}"
    title = "ESPRESS: Espionage in the Press (Version 3.0.0) [Data set]."
    assert f"{title} Archive {name}; {edition} edition, sha256 {ROOT[edition]}; " in cited["apa"]
    about = yaml.safe_load(cited["cff"])["identifiers"][-1]
    assert (about["value"], about["description"]) == (name, f"name of the archive of the {edition} edition")


def test_the_bundled_dataset_is_cited_by_its_own_hash_before_any_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("espress.data.releases", "espress.data.integrity"):
        monkeypatch.setattr(f"{module}.releases_file", lambda: tmp_path / "none.json")
    for style in STYLES:
        assert espress.verify().root in espress.cite(style)
        assert espress.versions()[0] in espress.cite(style)
        assert "releases.json" not in espress.cite(style)
        assert "date-released" not in espress.cite(style)
        assert ".tar.gz" not in espress.cite(style)


def test_an_unknown_version_or_edition_is_answered_with_those_that_exist(
    trust: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(espress.UnknownNameError, match=r"1\.2\.3.*3\.0\.0"):
        espress.cite(version="1.2.4")
    with pytest.raises(espress.UnknownNameError, match="bibtex"):
        espress.cite("bib")
    with pytest.raises(espress.UnknownNameError, match="open, full"):
        espress.cite(version="1.2.3", edition="whole")
    assert main(["cite", "--style", "ris", "--version", "1.2.3", "--edition", "open"]) == 0
    assert ROOT["open"] in capsys.readouterr().out
    assert main(["cite", "--version", "latest"]) == 2
    assert "1.2.3" in capsys.readouterr().err


def test_signs_that_latex_reads_are_escaped() -> None:
    from bibtexparser.entrypoint import parse_string

    from espress.citation import _format_bibtex

    source = Reference(
        "50% R&D_{x}", ("A & B",), "2027", None, "1.0.0", "full", "a_b.tar.gz", None, None, "a" * 64, None,
        withdrawn=False,
    )  # fmt: skip
    (entry,) = parse_string(_format_bibtex(source)).entries
    assert entry.fields_dict["title"].value == r"{50\% R\&D\_\{x\}}"
    assert entry.fields_dict["author"].value == r"{A \& B}"
    assert entry.fields_dict["howpublished"].value == r"Archive a\_b.tar.gz"
