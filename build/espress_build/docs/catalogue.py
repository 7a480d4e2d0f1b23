"""The generated blocks on the catalogue: how many pointers, and how far its two coders agree.

Own articles are left out of every figure here. Codes are of openings, by coders of one family that saw an excerpt each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.tables import format_markdown
from espress_build.docs.markdown import rows_of
from espress_build.labels.agreement import RESAMPLES, Agreement, measure

if TYPE_CHECKING:
    from pathlib import Path

    Rows = list[dict[str, Any]]

FEWEST = 20  # rows of a language coded by both: an alpha of fewer says nothing
_NEUTRAL = "reports"  # the voice from which the others depart
_COMPARED = ("voice", "genre")  # fields that both coders filled from one list of classes


def others(dataset: Path) -> Rows:
    """Return the pointers to articles that are not this corpus's own."""
    return [row for row in rows_of(dataset, "catalogue") if not row["own_article"]]


def _cluster(row: dict[str, Any]) -> str:
    """Return what is drawn together: the rows of one event. Rows of a family tell of several, and stand alone."""
    return str(row["event_id"] if row["event_kind"] == "event" else row["catalogue_id"])


def _measured(rows: Rows, name: str, resamples: int = RESAMPLES) -> Agreement:
    clusters = {row["catalogue_id"]: _cluster(row) for row in rows}
    votes = {row["catalogue_id"]: {"a": row[f"opening_{name}_a"], "b": row[f"opening_{name}_b"]} for row in rows}
    return measure("opening", f"opening_{name}", votes, resamples=resamples, cluster=clusters.__getitem__)


def _line(what: str, rows: Rows, name: str, resamples: int = RESAMPLES) -> tuple[object, ...]:
    found = _measured(rows, name, resamples)
    raw = (found.items - found.disputed) / found.items if found.items else None
    low_high = f"[{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else None
    clusters = len({_cluster(row) for row in rows})
    shown = [None if figure is None else f"{figure:.3f}" for figure in (raw, found.alpha)]
    return (what, found.items, clusters, *shown, low_high)


def _specific(rows: Rows, name: str) -> list[tuple[object, ...]]:
    """Return for each class how often each coder gave it, and the chance that the other gives it too."""
    pairs = [(row[f"opening_{name}_a"], row[f"opening_{name}_b"]) for row in rows]
    both, first, second = (
        Counter(a for a, b in pairs if a == b),
        Counter(a for a, _ in pairs),
        Counter(b for _, b in pairs),
    )
    return [
        (f"`{term}`", first[term], second[term], both[term], f"{2 * both[term] / (first[term] + second[term]):.2f}")
        for term in sorted(first | second)
    ]


def catalogue_agreement(dataset: Path) -> str:
    """How far the two coders of the catalogue agree, by field, where either departs from `reports`, and by language."""
    rows = [row for row in others(dataset) if row["opening_voice_a"] and row["opening_voice_b"]]
    if not rows:
        return "No pointer is coded by two coders yet."
    lines = [_line(f"`opening_{name}`", rows, name) for name in _COMPARED]
    marked = [row for row in rows if {row["opening_voice_a"], row["opening_voice_b"]} != {_NEUTRAL}]
    lines.append(_line(f"`opening_voice`, either left `{_NEUTRAL}`", marked, "voice", 0))
    by_language: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_language[row["language"]].append(row)
    for language, own in sorted(by_language.items()):
        if len(own) >= FEWEST:
            lines.append(_line(f"`opening_voice`, language `{language}`", own, "voice", 0))
    overall = format_markdown(lines, ["field, rows", "rows", "clusters", "raw", "alpha", "interval"])
    head = ["`opening_voice`", "by a", "by b", "by both", "specific agreement"]
    return f"{overall}\n\n{format_markdown(_specific(rows, 'voice'), head)}"


def _counted(rows: Rows, column: str) -> str:
    found = Counter(row[column] or "unknown" for row in rows)
    return ", ".join(f"{name} {n}" for name, n in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def catalogue_counts(dataset: Path) -> str:
    """How many pointers there are: by outlet's country, language, kind of event, year, date known, coder."""
    rows = others(dataset)
    years = [row | {"year": (row["published"] or "")[:4]} for row in rows]
    groups = Counter(row["wire_group_candidate"] for row in rows if row["wire_group_candidate"])
    coded = [sum(row[f"opening_voice_{coder}"] is not None for row in rows) for coder in "ab"]
    events = Counter({row["event_id"]: row["event_kind"] for row in rows}.values())
    table = [
        ("pointers", f"{len(rows)} (own articles besides: {_all(dataset) - len(rows)})"),
        ("outlets", len({row["outlet_id"] for row in rows})),
        ("country of the outlet", _counted(rows, "outlet_country")),
        ("language", _counted(rows, "language")),
        ("events, families", f"{events['event']}, {events['bucket']}"),
        ("rows of events, of families", f"{_of_kind(rows, 'event')}, {_of_kind(rows, 'bucket')}"),
        ("year", _counted(years, "year")),
        ("precision of the date", _counted(rows, "published_precision")),
        ("coded by a, by b", f"{coded[0]}, {coded[1]}"),
        ("groups that look like one wire story", f"{len(groups)} with {sum(groups.values())} rows"),
        ("not to be fetched", sum(row["fetch"] == "do_not_fetch" for row in rows)),
    ]
    return format_markdown(table, ["what", "how many"])


def _all(dataset: Path) -> int:
    return int(pq.read_metadata(dataset / "data" / "catalogue.parquet").num_rows)


def _of_kind(rows: Rows, kind: str) -> int:
    return sum(row["event_kind"] == kind for row in rows)


SECTIONS = {"catalogue-agreement": catalogue_agreement, "catalogue-counts": catalogue_counts}
