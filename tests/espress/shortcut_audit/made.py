"""Corpora made for the tests: rows whose labels depend on a column as strongly as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from espress.shortcut_audit.features import encode
from espress.shortcut_audit.folds import Design
from espress.shortcut_audit.read.corpus import Wanted, read

if TYPE_CHECKING:
    from espress.shortcut_audit.features import EncodedCorpus

TEXT = "the report said that officials of both countries met again on monday and spoke about trade"


def design_of(labels: list[int], folds: Any, clusters: list[int] | None = None) -> Design:
    """Return labels and folds as a design; rows are their own clusters if none are given."""
    cut, n = np.array(folds), len(labels)
    given = bool((cut < 0).any())
    own = np.arange(n) if clusters is None else np.array(clusters)
    sides = (cut[0] >= 0).astype(np.intp) if given else np.zeros(n, dtype=np.intp)
    tested = np.flatnonzero(cut[0] >= 0)
    units = np.full(n, -1)
    units[tested] = np.unique(own[tested], return_inverse=True)[1]
    n_units = int(units.max()) + 1
    return Design(np.array(labels), max(labels) + 1, cut, sides, own, given, "", units, n_units, n_units)


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


def imbalanced(n: int, seed: int) -> list[dict[str, str]]:
    """Return n rows of four outlets: one labels 45 % of its rows `yes`, the others 2 %, as exactly as counts allow."""
    rng = np.random.default_rng(seed)
    rows = []
    for outlet, share in zip("ABCD", (0.45, 0.02, 0.02, 0.02), strict=True):
        positives = round(share * n / 4)
        labels = ["yes"] * positives + ["no"] * (n // 4 - positives)
        rows += [{"label": label, "outlet": outlet} for label in labels]
    return [
        {**rows[at], "text": " ".join(rng.permutation(TEXT.split())), "id": str(at)}
        for at in rng.permutation(len(rows))
    ]


def encoded(
    texts: list[str], *, split: list[str | None] | None = None, clusters: list[str] | None = None
) -> EncodedCorpus:
    """Return texts with alternating labels as the audit encodes them."""
    rows = [{"t": text, "y": "ab"[at % 2], "g": "g"} for at, text in enumerate(texts)]
    for name, values in (("s", split), ("c", clusters)):
        for row, value in zip(rows, values or [], strict=bool(values)):
            row[name] = value  # type: ignore[assignment]
    wanted = Wanted("t", "y", ("g",), "s" if split else None, "c" if clusters else None)
    return encode(read(rows, wanted), wanted)
