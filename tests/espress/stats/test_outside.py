"""Other libraries give the same numbers; `benchmarks/correctness.py` runs thousands of cases of what is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.outside_scores import SCORES
from benchmarks.outside_tests import TESTS

if TYPE_CHECKING:
    from benchmarks.comparison import Comparison


@pytest.mark.parametrize("one", SCORES + TESTS, ids=lambda one: f"{one.what}, {one.theirs}")
def test_it_agrees(one: Comparison) -> None:
    assert one.largest(200 if one.cases > 1000 else 100, seed=1) <= one.limit
