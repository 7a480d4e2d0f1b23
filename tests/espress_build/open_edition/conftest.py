"""The full edition as built from raw/ now, and the open one made from it, shared with the tests of `espress.rejoin`."""

from tests.espress.rejoining.conftest import _nothing_is_released, full, opened

__all__ = ["_nothing_is_released", "full", "opened"]
