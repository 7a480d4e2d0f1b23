"""What the documents say about the constructed sets was measured on the present sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.constructed.measure import hash_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_the_measurements_are_those_of_the_present_sets(project: Path) -> None:
    held = json.loads((project / "benchmarks" / "results" / "constructed.json").read_text(encoding="utf-8"))
    assert held["data"] == hash_tables(), "Type: make constructed-sets"
