"""Make an invented corpus, or audit one: `audit.py` runs this in a separate process.

Usage: python audit_process.py make FILE ROWS, or python audit_process.py audit FILE COLUMNS [CLUSTER].
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

OUTLETS, WORDS_A_ROW, VOCABULARY = 11, 25, 30_000


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
    """Audit a corpus with 1,000 permutations, and print time and peak memory."""
    start = time.perf_counter()
    import espress

    found = espress.audit(path, text="text", label="label", groups=groups, cluster=cluster)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{found.data.n} rows: {taken:.1f} s, {peak:.0f} MiB", found.flagged, file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        audit(sys.argv[2], sys.argv[3].split(","), sys.argv[4] if len(sys.argv) > 4 else None)
