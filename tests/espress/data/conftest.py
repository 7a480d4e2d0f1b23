"""A small installation for every test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress.data.small_world import World, make_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An installation that bundles `0.2.0-dev` and knows no release."""
    return make_world(tmp_path, project, monkeypatch)
