"""The site of the committed dataset, built once without the libraries from npm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from espress_build.build import places
from espress_build.site.build import build_site
from espress_build.site.dataset import Dataset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def site_folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, full edition."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(places(project), folder)
    return folder


@pytest.fixture(scope="session")
def dataset(project: Path) -> Dataset:
    """The committed dataset, as sections read it."""
    return Dataset(project / "dataset", project)
