"""What tests of the build share: the real parameters, invented registries, and a corpus to break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress_build.pipeline import helpers
from tests.helpers import read_constructed

from espress_build.constructed import tables as constructed

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


@pytest.fixture(scope="session")
def params() -> Params:
    return helpers.PARAMS


@pytest.fixture(scope="session")
def registries() -> Registries:
    """Registries of invented outlets and events."""
    return helpers.REGISTRIES


@pytest.fixture(scope="session")
def real_registries() -> Registries:
    return helpers.real_registries()


@pytest.fixture
def corpus(tmp_path: Path) -> helpers.Corpus:
    """An empty `raw/` folder to put articles into."""
    return helpers.Corpus(tmp_path / "raw")


@pytest.fixture
def committed_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds take the constructed sets from the dataset: reading their cases takes a third of the time."""
    monkeypatch.setattr(constructed, "make_constructed", lambda *_: read_constructed())
