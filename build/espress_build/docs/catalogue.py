"""Sections on the catalogue: the number of its entries, and the agreement of its two coders.

Articles of the corpus itself are left out of every figure. Two coders of one model family coded openings; each saw one
excerpt per article.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from espress.tables import format_markdown
from espress_build.labels.opening_agreement import NEUTRAL, count_voices, measure_openings, select_coded
from espress_build.metadata.labels import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress_build.labels.opening_agreement import OpeningAgreement


def _read_others(dataset: Path) -> list[dict[str, Any]]:
    """Return the entries on articles that the corpus does not hold."""
    return [row for row in read_rows(dataset, "catalogue") if not row["own_article"]]


def _format_agreement(found: OpeningAgreement) -> tuple[object, ...]:
    """Return one row of the table of agreement."""
    subsets = {"": "", "other codes": f", rows with a code other than `{NEUTRAL}`"}
    what = f"`{found.field}`{subsets.get(found.subset, f', language `{found.subset}`')}"
    interval = f"[{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else None
    shown = [None if figure is None else f"{figure:.3f}" for figure in (found.raw, found.alpha)]
    return (what, found.rows, found.clusters, *shown, interval)


def describe_agreement(dataset: Path) -> str:
    """Measure the coders' agreement by field, on the entries with a code other than `reports`, and by language."""
    rows = select_coded(read_rows(dataset, "catalogue"))
    if not rows:
        return "No entry is coded by two coders yet."
    lines = [_format_agreement(found) for found in measure_openings(rows)]
    overall = format_markdown(lines, ["field, rows", "rows", "clusters", "raw", "alpha", "interval"])
    head = ["`opening_voice`", "given by a", "given by b", "given by both", "specific agreement"]
    counts = [
        (f"`{one.voice}`", one.given_by_a, one.given_by_b, one.given_by_both, f"{one.specific:.2f}")
        for one in count_voices(rows)
    ]
    return f"{overall}\n\n{format_markdown(counts, head)}"


def count_entries(dataset: Path) -> str:
    """Count entries by country of the outlet, language, kind of event, year, precision of the date, and coder."""
    rows = _read_others(dataset)

    def count(values: list[str | None]) -> str:
        counts = Counter(value or "unknown" for value in values)
        return ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    groups = Counter(row["wire_group_candidate"] for row in rows if row["wire_group_candidate"])
    coded = [sum(row[f"opening_voice_{coder}"] is not None for row in rows) for coder in "ab"]
    events = Counter({row["event_id"]: row["event_kind"] for row in rows}.values())
    kinds = Counter(row["event_kind"] for row in rows)
    own = len(read_rows(dataset, "catalogue")) - len(rows)
    table = [
        ("entries", f"{len(rows)}, and {own} for the corpus's own articles"),
        ("outlets", len({row["outlet_id"] for row in rows})),
        ("country of the outlet", count([row["outlet_country"] for row in rows])),
        ("language", count([row["language"] for row in rows])),
        ("events; families of events", f"{events['event']}; {events['bucket']}"),
        ("entries on an event; on a family of events", f"{kinds['event']}; {kinds['bucket']}"),
        ("year", count([(row["published"] or "")[:4] for row in rows])),
        ("precision of the date", count([row["published_precision"] for row in rows])),
        ("entries coded by coder a; by coder b", f"{coded[0]}; {coded[1]}"),
        ("groups that look like one wire story", f"{len(groups)}, with {groups.total()} entries"),
        ("not to be fetched", sum(row["fetch"] == "do_not_fetch" for row in rows)),
    ]
    return format_markdown(table, ["what", "how many"])


SECTIONS: dict[str, Callable[[Path], str]] = {
    "catalogue-agreement": describe_agreement,
    "catalogue-counts": count_entries,
}
