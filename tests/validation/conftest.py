"""The sound dataset, and checks that remember what they have seen, shared by all tests of validation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Tests are no package; this lets `tests.validation.loader` be found whichever way pytest was started.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.validation import loader


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sound dataset; look, do not touch."""
    return loader.write_base(tmp_path_factory.mktemp("base") / "dataset")


@pytest.fixture(scope="session")
def validated() -> loader.Validator:
    """`validate`, remembering tables across tests."""
    return loader.Validator()
