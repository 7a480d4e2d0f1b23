"""Corpora made for the tests: rows whose labels depend on a column as strongly as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from espress.shortcut_audit.tallies import Frame

TEXT = "the report said that officials of both countries met again on monday and spoke about trade"


def frame_of(labels: list[int], folds: Any, clusters: list[int] | None = None) -> Frame:
    """Return labels and folds as the audit's own frame; rows are their own clusters if none are given."""
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.tallies import frame

    own = np.arange(len(labels)) if clusters is None else np.array(clusters)
    cut = np.array(folds)
    sides = (cut[0] >= 0).astype(np.intp) if (cut < 0).any() else np.zeros(len(labels), dtype=np.intp)
    design = Design(cut, sides, own, len(set(own.tolist())), given=bool((cut < 0).any()), how="")
    return frame(np.array(labels), max(labels) + 1, design, seed=0)


def corpus(n: int, strength: float, seed: int, outlets: int = 10) -> list[dict[str, str]]:
    """Return n rows; a label is `pro` with probability 0.5 + strength in even outlets, 0.5 - strength in odd ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for at in range(n):
        outlet = at % outlets
        pro = rng.random() < 0.5 + (strength if outlet % 2 == 0 else -strength)
        text = " ".join(rng.permutation(TEXT.split()))
        rows.append({"text": text, "label": "pro" if pro else "con", "outlet": f"outlet {outlet}", "id": str(at)})
    return rows
