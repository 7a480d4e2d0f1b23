"""Time and memory of the checks of columns and values, beside plain DuckDB and Great Expectations in pandas."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.scale.checked_rows import write_dataset
from benchmarks.speed.timing import Command, run

WAYS = {
    "plain": "the same conditions sent to DuckDB",
    "ours": "`espress-build validate`",
    "pandas": "Great Expectations over the whole table in pandas",
}


def measure_checking(sizes: tuple[int, ...], largest_in_pandas: int) -> dict[str, Any]:
    """Check a table of each size in each way, in processes of their own."""
    found: dict[str, Any] = {way: {} for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="espress-scale-") as home:
        for size in sizes:
            folder = Path(home) / str(size)
            write_dataset(folder, size)
            for way in WAYS:
                if way != "pandas" or size <= largest_in_pandas:
                    taken = run(Command(way, "scale/check_values.py", (str(folder), way)))
                    seconds = json.loads((folder / f"{way}.json").read_text("utf-8"))
                    found[way][str(size)] = {
                        "process_s": round(taken.seconds, 1),
                        "seconds": round(seconds, 2),
                        "mib": round(taken.peak_mib),
                    }
                    print(f"  {size} rows, {way}: {found[way][str(size)]}", file=sys.stderr)
    return {"table": "sentences", "sizes": found}
