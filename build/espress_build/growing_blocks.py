"""The generated blocks that say how well saved pages are read, from what `benchmarks/` measured and committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.block_parts import markdown, measured

if TYPE_CHECKING:
    from pathlib import Path


def page_scores(dataset: Path) -> str:
    """How well titles, dates, authors, outlets and bodies are read, by part."""
    scores = measured(dataset, "saved_pages", "make pages")["scores"]
    measures = sorted({name for part in scores.values() for name in part})
    rows = [
        [name.replace("_", " "), *(f"{one[name]['mean']:.3f} ({one[name]['pages']})" for one in scores.values())]
        for name in measures
    ]
    note = (
        "Means, pages in brackets; bodies by F1 over shingles of four tokens, the rest by equality. We wrote the pages "
        "and saw both parts while the rules were made: they show what a change loses, not what unseen pages give."
    )
    table = markdown(rows, ["what", *scores])
    return f"{table}\n\n{note}"


def page_speed(dataset: Path) -> str:
    """How fast bodies are read, and how far readers agree, on pages that packages ship in their source archives."""
    held = measured(dataset, "shipped_pages", "make pages")
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
    return f"{markdown(rows, head)}\n\n{note}"


GROWING_BLOCKS = {"page-scores": page_scores, "page-speed": page_speed}
