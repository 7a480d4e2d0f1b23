"""The site of the committed dataset in both editions, built once without the libraries from npm."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from tests.espress_build.site.editions import write_unchecked

from espress_build.build import places
from espress_build.site.build import build_site
from espress_build.site.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def build_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """Return a folder that the first of the parallel test processes fills."""
    own = factory.getbasetemp()  # one for each process, in a folder that belongs to the run
    parent = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"{name}-edition"
    parent.mkdir(exist_ok=True)
    with FileLock(parent / "lock"):
        if not (parent / "made" / "site").exists():
            (parent / "made").mkdir(exist_ok=True)
            build(parent / "made" / "site")
    return parent / "made" / "site"


@pytest.fixture(scope="session")
def site_folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, full edition."""

    def build(folder: Path) -> None:
        build_site(places(project), folder)

    return build_once(tmp_path_factory, "full", build)


@pytest.fixture(scope="session")
def open_site_folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, open edition."""

    def build(folder: Path) -> None:
        open_ = write_unchecked(project / "dataset", folder.with_name("dataset"))
        build_site(places(project, open_), folder)

    return build_once(tmp_path_factory, "open", build)


@pytest.fixture(scope="session")
def dataset(project: Path) -> Dataset:
    """The committed dataset, as sections read it."""
    return Dataset(project / "dataset", project)
