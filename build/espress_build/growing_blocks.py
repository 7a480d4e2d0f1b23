"""The generated blocks that say how well saved pages are read, from what `benchmarks/` measured and committed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from espress.errors import EspressError

if TYPE_CHECKING:
    from pathlib import Path


def _measured(dataset: Path) -> dict[str, Any]:
    path = dataset.parent / "benchmarks" / "saved_pages.json"
    if not path.is_file():
        raise EspressError(f"{path} is not there. Type: make pages")
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def page_scores(dataset: Path) -> str:
    """How well titles, dates, authors, outlets and bodies are read, by part."""
    scores = _measured(dataset)["scores"]
    measures = sorted({name for part in scores.values() for name in part})
    rows = [
        [
            name.replace("_", " "),
            *(f"{scores[part][name]['mean']:.3f} ({scores[part][name]['pages']})" for part in scores),
        ]
        for name in measures
    ]
    note = (
        "Means, pages in brackets; bodies by F1 over shingles of four tokens, the rest by equality. We wrote the pages, "
        "and looked at both parts while the rules were made: they show what is lost by a change, not what unseen pages "
        "will give."
    )
    table = tabulate(rows, ["what", *scores], tablefmt="github", disable_numparse=True)
    return f"{table}\n\n{note}"


GROWING_BLOCKS = {"page-scores": page_scores}
