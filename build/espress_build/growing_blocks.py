"""The generated blocks that say how well saved pages are read, from what `benchmarks/` measured and committed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from espress.errors import EspressError

if TYPE_CHECKING:
    from pathlib import Path


def _measured(dataset: Path, script: str) -> dict[str, Any]:
    path = dataset.parent / "benchmarks" / f"{script}.json"
    if not path.is_file():
        raise EspressError(f"{path} is not there. Type: make pages")
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def page_scores(dataset: Path) -> str:
    """How well titles, dates, authors, outlets and bodies are read, by part."""
    scores = _measured(dataset, "saved_pages")["scores"]
    measures = sorted({name for part in scores.values() for name in part})
    rows = [
        [name.replace("_", " "), *(f"{one[name]['mean']:.3f} ({one[name]['pages']})" for one in scores.values())]
        for name in measures
    ]
    note = (
        "Means, pages in brackets; bodies by F1 over shingles of four tokens, the rest by equality. We wrote the pages "
        "and saw both parts while the rules were made: they show what a change loses, not what unseen pages give."
    )
    table = tabulate(rows, ["what", *scores], tablefmt="github", disable_numparse=True)
    return f"{table}\n\n{note}"


def page_speed(dataset: Path) -> str:
    """How fast bodies are read, and how far readers agree, on pages that packages ship in their source archives."""
    held = _measured(dataset, "shipped_pages")
    rows = [
        (name, f"{one['pages_a_second']:,.0f}", f"{one['stated_f1']:.3f}", f"{one['agreement']:.3f}")
        for name, one in held["readers"].items()
    ]
    note = (
        f"{held['pages']} pages from {', '.join(held['archives'])}, on one core. F1 is taken on the {held['stated']} "
        "pages that state their text for machines, which no reader was shown; few, so it says little. Agreement is F1 "
        "with trafilatura, which errs, too: where pages are no articles, nobody is right."
    )
    head = ["reader", "pages a second", "F1 where the text is stated", "agreement with trafilatura"]
    return f"{tabulate(rows, head, tablefmt='github', disable_numparse=True)}\n\n{note}"


GROWING_BLOCKS = {"page-scores": page_scores, "page-speed": page_speed}
