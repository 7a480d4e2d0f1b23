"""The sound dataset, and checks that remember what they have seen, shared by all tests of validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress_build.checks import loader

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sound dataset; look, do not touch."""
    return loader.write_base(tmp_path_factory.mktemp("base") / "dataset")


@pytest.fixture(scope="session")
def validated() -> loader.Validator:
    """`validate`, remembering tables across tests."""
    return loader.Validator()
