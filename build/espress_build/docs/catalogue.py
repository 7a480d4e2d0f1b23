"""Sections on the catalogue: the number of its entries, and the agreement of its two coders.

Articles of the corpus itself are left out of every figure. Two coders of one model family coded openings; each saw one
excerpt per article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from espress.stats.agreement import RESAMPLES, count, measure
from espress.tables import format_markdown
from espress_build.metadata.labels import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rows = list[dict[str, Any]]

FEWEST_ROWS = 20  # entries of a language coded by both; with fewer, alpha is not informative
_NEUTRAL = "reports"  # the neutral voice, with which the others are compared


def _read_others(dataset: Path) -> Rows:
    """Return the entries on articles that the corpus does not hold."""
    return [row for row in read_rows(dataset, "catalogue") if not row["own_article"]]


def _name_cluster(row: dict[str, Any]) -> str:
    """Return the resampling unit of a row: its event, or the row itself if it belongs to a family of events."""
    return str(row["event_id"] if row["event_kind"] == "event" else row["catalogue_id"])


def _measure_agreement(
    what: str, rows: Rows, name: str, resamples: int = RESAMPLES, *, by_codes: bool = False
) -> tuple[object, ...]:
    """Return one row of the table of agreement; with `by_codes`, without alpha."""
    clusters = {row["catalogue_id"]: _name_cluster(row) for row in rows}
    votes = {row["catalogue_id"]: {"a": row[f"opening_{name}_a"], "b": row[f"opening_{name}_b"]} for row in rows}
    if by_codes:  # the codes themselves select these rows, so a chance-corrected coefficient would mislead
        found = count("opening", f"opening_{name}", votes)
    else:
        found = measure("opening", f"opening_{name}", votes, resamples=resamples, cluster=clusters.__getitem__)
    raw = (found.items - found.disputed) / found.items if found.items else None
    interval = f"[{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else None
    shown = [None if figure is None else f"{figure:.3f}" for figure in (raw, found.alpha)]
    return (what, found.items, len(set(clusters.values())), *shown, interval)


def _count_classes(rows: Rows) -> list[tuple[object, ...]]:
    """Return how often each coder gave each voice, and the chance that the other coder gives it too."""
    pairs = [(row["opening_voice_a"], row["opening_voice_b"]) for row in rows]
    both = Counter(a for a, b in pairs if a == b)
    first, second = (Counter(coder) for coder in zip(*pairs, strict=True))
    return [
        (f"`{term}`", first[term], second[term], both[term], f"{2 * both[term] / (first[term] + second[term]):.2f}")
        for term in sorted(first | second)
    ]


def describe_agreement(dataset: Path) -> str:
    """Measure the agreement of the two coders by field, where either departs from `reports`, and by language."""
    rows = [row for row in _read_others(dataset) if row["opening_voice_a"] and row["opening_voice_b"]]
    if not rows:
        return "No entry is coded by two coders yet."
    marked = [row for row in rows if {row["opening_voice_a"], row["opening_voice_b"]} != {_NEUTRAL}]
    lines = [_measure_agreement(f"`opening_{name}`", rows, name) for name in ("voice", "genre")]
    what = f"`opening_voice`, rows with a code other than `{_NEUTRAL}`"
    lines.append(_measure_agreement(what, marked, "voice", by_codes=True))
    by_language: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_language[row["language"]].append(row)
    for language, own in sorted(by_language.items()):
        if len(own) >= FEWEST_ROWS:
            lines.append(_measure_agreement(f"`opening_voice`, language `{language}`", own, "voice", 0))
    overall = format_markdown(lines, ["field, rows", "rows", "clusters", "raw", "alpha", "interval"])
    head = ["`opening_voice`", "given by a", "given by b", "given by both", "specific agreement"]
    return f"{overall}\n\n{format_markdown(_count_classes(rows), head)}"


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
