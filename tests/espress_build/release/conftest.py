"""Fixtures of the tests of releases: a small project, before and after its first release."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.small_project import Project, commit, git
from tests.helpers import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project without releases, to be copied."""
    home = tmp_path_factory.mktemp("before")
    folder, built = home / "project", home / "built"
    shutil.copytree(PROJECT / "dataset", built)
    shutil.copytree(PROJECT / "dataset", folder / "dataset")
    (folder / "dataset" / "README.md").write_text("An older card.\n", encoding="utf-8")  # so that it is exchanged
    for name in ("raw", "state"):
        (folder / name).mkdir()
    (folder / "raw" / "README.md").write_text("What was received.\n", encoding="utf-8")
    (folder / "state" / "folds.csv").write_text("article_id,fold,since\n", encoding="utf-8")
    (folder / "schema").mkdir()
    (folder / "schema" / "dataset.toml").write_text(
        '# About.\nname = "small"\nversion = "0.1.0"\ntitle = "Small"\nyear = 2000\n', encoding="utf-8"
    )
    open_section = "### 0.1.0, not released\n"
    notes = f"# Changelog\n\n## Data\n\n{open_section}\n- Written by hand.\n\n## Code\n\n{open_section}"
    (folder / "CHANGELOG.md").write_text(notes, encoding="utf-8")
    (folder / "requirements.lock").write_text("", encoding="utf-8")
    shutil.copy(PROJECT / ".gitignore", folder)
    git(folder.parent, "init", "-q", str(folder))
    commit(folder)
    return Project(folder, built)


@pytest.fixture
def small(before: Project, tmp_path: Path) -> Project:
    """A project without releases."""
    return before.copy(tmp_path)


@pytest.fixture(scope="session")
def after(before: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same project after release 0.1.0, to be copied."""
    project = before.copy(tmp_path_factory.mktemp("after"))
    project.release("0.1.0")
    commit(project.folder)
    return project


@pytest.fixture
def released(after: Project, tmp_path: Path) -> Project:
    """A project that has released 0.1.0."""
    return after.copy(tmp_path)
