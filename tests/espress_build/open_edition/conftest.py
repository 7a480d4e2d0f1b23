"""The full edition as built from raw/ now, and the open one made from it, shared with the tests of `espress.rejoin`."""

from functools import cache

import pytest
from tests.espress.rejoining.conftest import _nothing_is_released, full, opened

from espress_build.open_edition import leak_check

__all__ = ["_nothing_is_released", "full", "opened"]

_grams = cache(leak_check.grams)


@pytest.fixture(autouse=True)
def _texts_are_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editions that tests search differ in a cell or a table."""
    monkeypatch.setattr(leak_check, "grams", _grams)
