"""Other libraries give the same numbers; `benchmarks/statistics/correctness.py` runs thousands of such cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.statistics.outside_scores import SCORES
from benchmarks.statistics.outside_tests import TESTS

if TYPE_CHECKING:
    from benchmarks.statistics.comparison import Comparison


@pytest.mark.parametrize("one", SCORES + TESTS, ids=lambda one: f"{one.what}, {one.theirs}")
def test_it_agrees(one: Comparison) -> None:
    assert one.largest(200 if one.cases > 1000 else 100, seed=1) <= one.limit
