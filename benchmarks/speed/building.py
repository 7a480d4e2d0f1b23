"""How long a build of many invented articles takes, how much memory it holds, and whether it finds what was planted."""

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

SEED = 0
BUILT = ".dataset-new"  # where the build stages a dataset until its checks are passed


@contextmanager
def _corpus(articles: int) -> Iterator[Path]:
    """Yield a project folder of that many invented articles, in a process of its own to keep this one small."""
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


def _plain(project: Path) -> Command:
    target = project.parent / "plain"
    return Command(
        "plain: script", "speed/plain_script.py", (str(project / "raw" / "articles"), str(target)), (target,)
    )


def measure_build(rounds: int, articles: int) -> dict[str, Any]:
    """Time the build with two workers and the script that a user would write, over the same articles."""
    with _corpus(articles) as project:
        times = summary(interleave([_plain(project), _ours(project, 2)], rounds, warm_up=False))
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
    """Return the most memory that a build of each size held, in one process."""
    found = {}
    for articles in sizes:
        with _corpus(articles) as project:
            taken = run(_ours(project, 1))
        found[str(articles)] = {"peak_mib": round(taken.peak_mib), "seconds": round(taken.seconds, 1)}
        print(f"  {articles} articles: {taken.peak_mib:.0f} MiB, {taken.seconds:.0f} s", file=sys.stderr)
    return {"rounds": 1, "seed": SEED, "sizes": found}


def measure_language(articles: int) -> dict[str, Any]:
    """Compare the language found on a prefix with langdetect's own answer there and on the whole text."""
    with _corpus(articles) as project:
        run(_ours(project, 2))
        invented = json.loads(_run_module("extraction.compare_languages", str(project / BUILT)))
    real = json.loads(_run_module("extraction.compare_languages", str(ROOT / "dataset")))
    return {"rounds": 1, "seed": SEED, "invented": invented, "real": real}
