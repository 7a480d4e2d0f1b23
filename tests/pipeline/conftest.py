"""What every test of the pipeline may ask for: the real parameters, invented registries, and a corpus to break."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Tests are no package; this lets `tests.pipeline.helpers` be found whichever way pytest was started.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.pipeline import helpers

from espress_build.params import read_params
from espress_build.registries import read_registries

if TYPE_CHECKING:
    from espress_build.params import Params
    from espress_build.registries import Registries


@pytest.fixture(scope="session")
def params() -> Params:
    return read_params()


@pytest.fixture(scope="session")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Registries:
    """Registries of invented outlets and events."""
    return read_registries(helpers.write_registries(tmp_path_factory.mktemp("registries")))


@pytest.fixture(scope="session")
def real_registries() -> Registries:
    return read_registries(helpers.ROOT / "schema" / "registries")


@pytest.fixture
def corpus(tmp_path: Path) -> helpers.Corpus:
    """An empty `raw/` folder to put articles into."""
    return helpers.Corpus(tmp_path / "raw")
