"""Measure time and memory of an audit, on a corpus of the size of a published one and on a million rows.

Usage: python -m benchmarks.statistics.audit. Each audit runs in a separate process (`audit_process.py`).
"""

from __future__ import annotations

import json
import os
import platform
import resource
import tempfile
from pathlib import Path

from benchmarks.files import write_result
from benchmarks.speed.timing import Command, run, summary
from benchmarks.statistics.audit_process import OUTLETS, WORDS_A_ROW

GOAL_S = 20
SMALL, LARGE = 3_700, 1_000_000
ROUNDS = 3
SCRIPT = "statistics/audit_process.py"


def measure(command: Command, rounds: int) -> dict[str, float]:
    """Run a command `rounds` times; other processes affect wall time more than processor time."""
    taken, cpu = [], []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(run(command))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return summary({command.name: taken})[command.name] | {"least_processor_s": round(min(cpu), 2)}


def main() -> None:
    """Measure, and write results/audit.json."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (Path(folder) / f"{n}.parquet" for n in (SMALL, LARGE))
        # The corpora are made in separate processes: on Linux, a child's peak memory starts at its parent's memory.
        for path, n in ((small, SMALL), (large, LARGE)):
            run(Command("make", SCRIPT, ("make", str(path), str(n))))
        by_article = ("audit", str(small), "outlet,author", "article")
        commands = [
            (Command("one column", SCRIPT, ("audit", str(small), "outlet")), ROUNDS),
            (Command("two columns and their pair, by article", SCRIPT, by_article), ROUNDS),
            (Command("a million rows, one column", SCRIPT, ("audit", str(large), "outlet")), 1),
        ]
        times = {command.name: measure(command, rounds) for command, rounds in commands}
    found = {
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "rows": {"small": SMALL, "large": LARGE},
        "outlets": OUTLETS,
        "words_a_row": WORDS_A_ROW,
        "permutations": 1000,
        "goal_s": GOAL_S,
        "times": times,
    }
    write_result("audit", found)
    print(json.dumps(times, indent=1))


if __name__ == "__main__":
    main()
