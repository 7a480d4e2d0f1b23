"""The full edition as built from raw/ now, and the open one made from it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from espress.data.integrity import _identify
from espress_build.build import assemble, places
from espress_build.inputs.params import read_params
from espress_build.open_edition.edition import write_open
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Tables = dict[str, Any]


def _seal(folder: Path) -> Path:
    """Put incidents and sums beside, as a dataset has them."""
    (folder / "incidents.json").write_text(json.dumps({"checks": [], "incidents": []}))
    write_sums(folder)
    return folder


@pytest.fixture(autouse=True)
def _nothing_is_released(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Editions made here, without checks, are none of the releases, whatever number they bear."""
    monkeypatch.setattr("espress.data.integrity.known_releases", dict)
    _identify.cache_clear()
    yield
    _identify.cache_clear()


@pytest.fixture(scope="session")
def full(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("full")
    for name in ("raw", "schema"):
        shutil.copytree(project / name, copy / name)
    shutil.copy(project / "LICENSE-DATA", copy)
    return _seal(assemble(places(copy), read_params(), 1))


@pytest.fixture(scope="session")
def opened(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open edition, its checks not run: look, do not touch."""
    folder = tmp_path_factory.mktemp("open") / "dataset"
    write_open(full, folder, read_params())
    return _seal(folder)


@pytest.fixture(scope="session")
def tables(full: Path) -> Tables:
    """The tables of the full edition by name."""
    return {path.stem: pq.read_table(path) for path in sorted((full / "data").glob("*.parquet"))}


@pytest.fixture
def texts(tables: Tables) -> list[dict[str, Any]]:
    """Title, standfirst and text of each article, as a user has them; yours to change."""
    rows: list[dict[str, Any]] = tables["articles"].select(["article_id", "title", "standfirst", "text"]).to_pylist()
    return rows
