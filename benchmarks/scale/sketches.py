"""Sketches of many invented articles, in Arrow files of one batch each as the build keeps them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from espress_build.tables import SKETCHES

if TYPE_CHECKING:
    from pathlib import Path

SEED, BATCH, PERMUTATIONS = 0, 256, 128
OUTLETS, EVENTS = 2_000, 50
EVENT_TABLE = pa.table(
    {"event_id": [f"event-{number}" for number in range(EVENTS)], "event_kind": ["event", "bucket"] * (EVENTS // 2)}
)


def _draw_batch(start: int, size: int, total: int) -> Any:
    """Return the sketches of articles `start` to `start + size`: of a hundred, 3 are near copies and 2 exact ones.

    A copy is of an article before it at any distance, and a near copy shares 75 to 95 of 100 positions with it.
    """
    rng = np.random.default_rng((SEED, start))
    rows = []
    for number in range(start, start + size):
        kind = {17: "exact", 67: "exact", 31: "near", 58: "near", 91: "near"}.get(number % 100, "new")
        original = int(rng.integers(number // 100)) * 100 if kind != "new" and number >= 100 else number
        minhash = np.random.default_rng((SEED, 1, original)).integers(0, 2**32, PERMUTATIONS, dtype=np.uint32)
        if kind == "near":
            changed = rng.random(PERMUTATIONS) > rng.uniform(0.75, 0.95)
            minhash[changed] = rng.integers(0, 2**32, int(changed.sum()), dtype=np.uint32)
        text = original if kind == "exact" else number
        rows.append(
            {
                "article_id": f"outlet-{number % OUTLETS}-20260101-{(number * 2654435761) % 2**32:08x}",
                "text_sha256": hashlib.sha256(str(text).encode()).hexdigest(),
                "minhash": minhash,
                "outlet_id": f"outlet-{number % OUTLETS if total > OUTLETS else number}",
                "event_ids": ["event-1" if number % 10 else f"event-{number % EVENTS}"],
            }
        )
    return pa.Table.from_pylist(rows, schema=SKETCHES)


def write_sketches(folder: Path, articles: int) -> None:
    """Write the sketches of that many articles into a folder."""
    folder.mkdir(parents=True)
    for start in range(0, articles, BATCH):
        table = _draw_batch(start, min(BATCH, articles - start), articles)
        with (folder / f"{start // BATCH:06d}.arrow").open("wb") as file, pa.ipc.new_file(file, SKETCHES) as writer:
            writer.write_table(table)


def map_sketches(folder: Path) -> Any:
    """Return all sketches of a folder as one table, mapped from its files."""
    tables = [pa.ipc.open_file(pa.memory_map(str(path))).read_all() for path in sorted(folder.glob("*.arrow"))]
    return pa.concat_tables([SKETCHES.empty_table(), *tables])
