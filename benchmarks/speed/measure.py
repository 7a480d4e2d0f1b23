"""Time and memory of import, load and build, compared with plain scripts that do the same."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.files import ROOT
from benchmarks.speed.timing import Command, interleave, run, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

DATASET = ROOT / "dataset"
ARTICLES = DATASET / "data" / "articles.parquet"
SEED = 0
BUILT = ".dataset-new"  # the folder of a new dataset until its checks are passed


def _ratios(times: dict[str, dict[str, float]], ours: str) -> dict[str, float]:
    return {
        name: round(times[ours]["median_s"] / times[name]["median_s"], 3) for name in times if name.startswith("plain")
    }


def measure_import(rounds: int) -> dict[str, Any]:
    """Time `import espress` and bare Python, whose difference has a limit."""
    plain = Command("plain: nothing", "speed/plain_nothing.py")
    commands = [plain, Command("ours: import espress", "speed/ours_import.py")]
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
    """Time `espress.load("articles")` and `load_dataset` of the same folder, with a filled and with an empty cache."""
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


@contextmanager
def _corpus(articles: int) -> Iterator[Path]:
    """Yield a project folder of that many invented articles, which a separate process writes to keep this one small."""
    with tempfile.TemporaryDirectory(prefix="espress-bench-") as home:
        project = Path(home) / "project"
        _run_module("speed.generate_articles", str(project), "--articles", str(articles), "--seed", str(SEED))
        yield project


def _run_module(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _ours(project: Path, workers: int) -> Command:
    return Command(
        f"ours: {workers} worker{'s' * (workers > 1)}",
        "speed/ours_build.py",
        (str(project), str(workers)),
        (project / BUILT,),
    )


def measure_build(rounds: int, articles: int) -> dict[str, Any]:
    """Time the build with two workers and a plain script on the same articles, and score the duplicates found."""
    with _corpus(articles) as project:
        target = project.parent / "plain"
        given = (str(project / "raw" / "articles"), str(target))
        plain = Command("plain: script", "speed/plain_script.py", given, (target,))
        times = summary(interleave([plain, _ours(project, 2)], rounds, warm_up=False))
        duplicates = json.loads(_run_module("speed.score_duplicates", str(project), BUILT))
    faster = times["plain: script"]["median_s"] / times["ours: 2 workers"]["median_s"]
    return {
        "rounds": rounds,
        "articles": articles,
        "seed": SEED,
        "times": times,
        "faster": round(faster, 2),
        "duplicates": duplicates,
    }


def measure_memory(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Return the peak memory of a build of each size in one process."""
    found = {}
    for articles in sizes:
        with _corpus(articles) as project:
            taken = run(_ours(project, 1))
        found[str(articles)] = {"peak_mib": round(taken.peak_mib), "seconds": round(taken.seconds, 1)}
        print(f"  {articles} articles: {taken.peak_mib:.0f} MiB, {taken.seconds:.0f} s", file=sys.stderr)
    return {"rounds": 1, "seed": SEED, "sizes": found}


def measure_language(articles: int) -> dict[str, Any]:
    """Compare the language detected on a prefix with that of langdetect on the prefix and on the whole text."""
    with _corpus(articles) as project:
        run(_ours(project, 2))
        invented = json.loads(_run_module("extraction.compare_languages", str(project / BUILT)))
    real = json.loads(_run_module("extraction.compare_languages", str(ROOT / "dataset")))
    return {"rounds": 1, "seed": SEED, "invented": invented, "real": real}
