"""`--project DIR` works with the schema of DIR, or refuses."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.helpers import PROJECT

from espress.errors import EspressError
from espress_build.build import places

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the schema of this one."""
    (tmp_path / "raw").mkdir()
    shutil.copytree(PROJECT / "schema", tmp_path / "schema")
    return tmp_path


@pytest.mark.parametrize("name", ["dataset.toml", "labels.toml", "vocabularies.toml", "tables/articles.toml"])
def test_a_project_with_another_schema_is_refused_with_the_first_difference(project: Path, name: str) -> None:
    path = project / "schema" / name
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], "# another schema", *lines[2:]]), encoding="utf-8")
    with pytest.raises(EspressError, match=f"{name}, line 3, differs from "):
        places(project)


def test_missing_and_additional_tables_are_differences(project: Path) -> None:
    tables = project / "schema" / "tables"
    shutil.copy(tables / "articles.toml", tables / "moods.toml")
    with pytest.raises(EspressError, match=r"moods\.toml, line 1, differs from "):
        places(project)
    (tables / "moods.toml").unlink()
    (tables / "votes.toml").unlink()
    with pytest.raises(EspressError, match=r"votes\.toml, line 1, differs from "):
        places(project)


def test_registries_may_differ(project: Path) -> None:
    with (project / "schema" / "registries" / "outlets.toml").open("a", encoding="utf-8") as file:
        file.write("# one more\n")
    assert places(project).registries == project / "schema" / "registries"
