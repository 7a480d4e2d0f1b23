"""How long an audit takes and how much memory: the size of a published corpus, and a million rows.

`python benchmarks/audit.py` makes the corpora, audits each in a process of its own and writes `audit.json`;
`python benchmarks/audit.py CORPUS COLUMNS [CLUSTER]` is such a process.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.timing import HERE, Command, run, summary  # noqa: E402 - after the path is set

GOAL_S = 20
SMALL, LARGE = 3_700, 1_000_000
OUTLETS, WORDS_A_ROW, VOCABULARY = 11, 25, 30_000
ROUNDS = 3


def make(path: Path, n: int) -> None:
    """Write n rows of text (words by Zipf's law), label, outlet, author and article, the label depending on the outlet.

    Authors are as many as rows / 3, so that many occur once; an article has ten rows.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, VOCABULARY + 1)
    words = np.array([f"w{at}" for at in range(VOCABULARY)])
    outlet = rng.integers(OUTLETS, size=n)
    label = rng.random(n) < np.where(outlet < OUTLETS // 2, 0.75, 0.35)
    texts: list[str] = []
    for start in range(0, n, 50_000):
        some = rng.choice(VOCABULARY, size=(min(50_000, n - start), WORDS_A_ROW), p=shares / shares.sum())
        some[:, 0] = np.where(rng.random(len(some)) < 0.5, 200 + label[start : start + len(some)], some[:, 0])
        texts += [" ".join(row) for row in words[some]]
    columns = {
        "text": texts,
        "label": np.where(label, "biased", "unbiased"),
        "outlet": [f"outlet {at}" for at in outlet],
        "author": [f"author {at}" for at in rng.integers(n // 3, size=n)],
        "article": [f"article {at}" for at in rng.permutation(n) // 10],
    }
    pq.write_table(pa.table(columns), path)


def audit(path: str, groups: list[str], cluster: str | None) -> None:
    """Audit a corpus with 1,000 permutations, and print what it took."""
    start = time.perf_counter()
    import espress

    found = espress.audit(path, text="text", label="label", groups=groups, cluster=cluster)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found.data.n} rows: {taken:.1f} s, {peak:.0f} MiB", found.flagged, file=sys.stderr)


def measure(command: Command, rounds: int) -> dict[str, float]:
    """Run a command that many times; wall time depends on what else runs, time on the processor less so."""
    taken, cpu = [], []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(run(command))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return summary({command.name: taken})[command.name] | {"least_processor_s": round(min(cpu), 2)}


def main() -> None:
    """Measure and write `audit.json`."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (Path(folder) / f"{n}.parquet" for n in (SMALL, LARGE))
        # Made in processes of their own: on Linux a child's peak begins at what its parent held.
        for path, n in ((small, SMALL), (large, LARGE)):
            run(Command("make", "audit.py", ("--make", str(path), str(n))))
        by_article = (str(small), "outlet,author", "article")
        commands = [
            (Command("one column", "audit.py", (str(small), "outlet")), ROUNDS),
            (Command("two columns and their pair, by article", "audit.py", by_article), ROUNDS),
            (Command("a million rows, one column", "audit.py", (str(large), "outlet")), 1),
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
    (HERE / "audit.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(times, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    elif len(sys.argv) > 1:
        audit(sys.argv[1], sys.argv[2].split(","), sys.argv[3] if len(sys.argv) > 3 else None)
    else:
        main()
