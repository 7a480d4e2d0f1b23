"""Measure a build after one record of a corpus of invented articles has changed, and compare with a full build."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.speed.generate_articles import generate
from benchmarks.speed.timing import Command, run

STEPS = {"full": "every article computed", "unchanged": "nothing changed", "changed": "one record changed"}


def measure_incremental(articles: int) -> dict[str, Any]:
    """Build a corpus three times with one cache: empty, filled, and after a change of one record."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        project = Path(home) / "project"
        generate(project, articles)
        for step in STEPS:
            if step == "changed":
                record = sorted((project / "raw" / "articles").iterdir())[articles // 2] / "record.toml"
                record.write_text(record.read_text("utf-8") + "# read again\n", encoding="utf-8")
            built = project / ".dataset-new"
            taken = run(Command(step, "scale/build_cached.py", (str(project),), (built,)))
            stages = json.loads((project / "seconds.json").read_text("utf-8"))
            found[step] = {"seconds": round(taken.seconds, 1), "mib": round(taken.peak_mib), "stages_s": stages}
            print(f"  {articles} articles, {step}: {found[step]}", file=sys.stderr)
    share = {name: round(100 * found["changed"][name] / found["full"][name], 1) for name in ("seconds", "stages_s")}
    return {"articles": articles, "steps": found, "percent": share}
