"""Paths that benchmarks use, and functions that write and read their results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
RESULTS = BENCHMARKS / "results"


def write_result(name: str, value: Any) -> None:
    """Write results to `results/NAME.json`; `espress-build generate` makes tables of them."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def read_result(name: str) -> Any:
    """Return the latest results."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
