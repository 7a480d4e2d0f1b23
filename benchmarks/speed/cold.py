"""How long a fresh process takes to import the package and to load a table, beside plain scripts that do the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.files import ROOT
from benchmarks.speed.timing import Command, interleave, summary

DATASET = ROOT / "dataset"
ARTICLES = DATASET / "data" / "articles.parquet"


def _ratios(times: dict[str, dict[str, float]], ours: str) -> dict[str, float]:
    return {
        name: round(times[ours]["median_s"] / times[name]["median_s"], 3) for name in times if name.startswith("plain")
    }


def measure_import(rounds: int) -> dict[str, Any]:
    """Time `import espress` and bare Python; the goal is on their difference."""
    commands = [
        Command("plain: nothing", "speed/plain_nothing.py"),
        Command("ours: import espress", "speed/ours_import.py"),
    ]
    times = summary(interleave(commands, rounds, warm_up=True))
    over = times["ours: import espress"]["median_s"] - times["plain: nothing"]["median_s"]
    return {"rounds": rounds, "times": times, "over_bare_python_s": round(over, 4)}


def measure_load(rounds: int) -> dict[str, Any]:
    """Time `espress.load("articles", as_="arrow")` and two plain ways to read the same file."""
    commands = [
        Command("plain: read_table", "speed/plain_read_table.py", (str(ARTICLES),)),
        Command("plain: ParquetFile", "speed/plain_parquet_file.py", (str(ARTICLES),)),
        Command("ours: arrow", "speed/ours_arrow.py"),
    ]
    times = summary(interleave(commands, rounds, warm_up=True))
    return {"rounds": rounds, "times": times, "ratios": _ratios(times, "ours: arrow")}


def measure_datasets(rounds: int) -> dict[str, Any]:
    """Time `espress.load("articles")` and `load_dataset` of the same folder, its cache filled, or empty each time."""
    with tempfile.TemporaryDirectory(prefix="espress-bench-") as home:
        warm, cold = Path(home) / "warm", Path(home) / "cold"
        commands = [
            Command("plain: import datasets", "speed/plain_import_datasets.py"),
            Command("plain: load_dataset, warm cache", "speed/plain_load_dataset.py", (str(DATASET), str(warm))),
            Command(
                "plain: load_dataset, empty cache", "speed/plain_load_dataset.py", (str(DATASET), str(cold)), (cold,)
            ),
            Command("ours: datasets", "speed/ours_datasets.py"),
        ]
        times = summary(interleave(commands, rounds, warm_up=True))
    return {"rounds": rounds, "times": times, "ratios": _ratios(times, "ours: datasets")}
