"""Messages name the wheel before the project has a homepage, and the index after it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import espress
from espress.installation import how_to_install, how_to_update
from espress.schema import schema
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.metadata.dialects.croissant import make_croissant
from espress_build.metadata.dialects.datacite import make_datacite
from espress_build.metadata.dialects.frictionless import make_data_package
from espress_build.metadata.dialects.rocrate import make_ro_crate
from espress_build.metadata.dialects.schema_org import make_schema_org

if TYPE_CHECKING:
    from pathlib import Path

HOME, DOI = "https://example.org/espress", "10.5281/zenodo.1"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(schema().about, "homepage", HOME)
    monkeypatch.setitem(schema().about, "doi", DOI)


def test_before_there_is_a_homepage_no_message_names_an_index() -> None:
    assert schema().about["homepage"] == ""
    assert how_to_install("export") == f"pip install 'espress-{espress.__version__}-py3-none-any.whl[export]'"
    assert "pip install" not in how_to_update()


def test_no_source_file_tells_to_install_from_an_index(project: Path) -> None:
    files = [
        path
        for name in ("src", "build", "docs")
        for path in (project / name).rglob("*")
        if path.suffix in (".py", ".md")
    ]
    for path in [*files, project / "README.md"]:
        found = re.findall(r"pip install (?:--upgrade )?[\"']?espress\b(?!-)[^`\n]*", path.read_text(encoding="utf-8"))
        assert not found or path.name == "installation.py", (path, found)


@pytest.mark.usefixtures("published")
def test_homepage_and_doi_reach_messages_citations_and_metadata(project: Path) -> None:
    assert how_to_install("export") == "pip install 'espress[export]'"
    assert HOME in how_to_update()
    for style in ("bibtex", "ris", "csl-json", "cff"):
        assert HOME in espress.cite(style)
        assert DOI in espress.cite(style)
    assert f"https://doi.org/{DOI}" in espress.cite("apa")
    about = describe_dataset(project / "dataset", version="1.0.0")
    files = {table.name: (1, "0" * 64) for table in schema().files}
    for make in (make_croissant, make_datacite, make_data_package, make_ro_crate, make_schema_org):
        written = json.dumps(make(schema(), about, files))
        assert f'"{HOME}"' in written
        assert DOI in written
