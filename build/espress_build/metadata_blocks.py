"""The generated block of docs/metadata.md: what official validators said, as `make metadata-test` last saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tabulate import tabulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def validators(dataset: Path) -> str:
    """Each validator with its version, the file that it looks at and what it said."""
    results = json.loads((dataset.parent / "benchmarks" / "validators.json").read_text(encoding="utf-8"))
    rows = [(f"`{r['looks_at']}`", r["name"], r["version"], r["status"], r["reason"] or "–") for r in results]
    return tabulate(
        rows, ["file", "validator", "version", "result", "reason"], tablefmt="github", disable_numparse=True
    )


METADATA_BLOCKS: dict[str, Callable[[Path], str]] = {"validators": validators}
