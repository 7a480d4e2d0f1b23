"""The generated block of docs/maintain/metadata.md: what official validators said, as `make metadata-test` last saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown
from espress_build.docs.markdown import measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def validators(dataset: Path) -> str:
    """Each validator with its version, the file that it looks at and what it said."""
    results = measured(dataset, "validators", "make metadata-test")
    rows = [(f"`{r['looks_at']}`", r["name"], r["version"], r["status"], r["reason"] or None) for r in results]
    return format_markdown(rows, ["file", "validator", "version", "result", "reason"])


SECTIONS: dict[str, Callable[[Path], str]] = {"validators": validators}
