"""docs/known-limits.md: every limit has its reason and says what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_every_limit_says_what_why_and_what_to_do(project: Path) -> None:
    lines = [
        one for one in (project / "docs/known-limits.md").read_text(encoding="utf-8").splitlines() if one[:2] == "- "
    ]
    assert len(lines) > 15
    assert [one for one in lines if not re.search(r"\bbecause\b.{15,}?: .{15,}\.$", one)] == []
