"""Measure how far the two coders of the catalogue's openings agree: by field, without neutral voices, by language.

Articles of the corpus itself are left out. Two coders of one model family coded openings; each saw one excerpt per
article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.stats.agreement import RESAMPLES, count, measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Rows = list[dict[str, Any]]

FEWEST_ROWS = 20  # entries of a language coded by both; with fewer, alpha is not informative
NEUTRAL = "reports"  # the neutral voice, with which the others are compared


@dataclass(frozen=True)
class OpeningAgreement:
    """Agreement on one field, over some of the entries that both coders coded."""

    field: str
    subset: str  # "" for all entries, "other codes" or a language
    rows: int
    clusters: int
    raw: float | None  # None if there are no rows
    alpha: float | None  # None if entries were selected by their codes, or have only one value
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class VoiceCount:
    """How often each coder gave a voice, and the probability that the other coder gave it, too."""

    voice: str
    given_by_a: int
    given_by_b: int
    given_by_both: int
    specific: float


def select_coded(catalogue: Iterable[dict[str, Any]]) -> Rows:
    """Return the entries that both coders coded, without those of the corpus's own articles."""
    return [row for row in catalogue if not row["own_article"] and row["opening_voice_a"] and row["opening_voice_b"]]


def _name_cluster(row: dict[str, Any]) -> str:
    """Return the resampling unit of a row: its event, or the row itself if it belongs to a family of events."""
    return str(row["event_id"] if row["event_kind"] == "event" else row["catalogue_id"])


def _measure(field: str, subset: str, rows: Rows, resamples: int, *, by_codes: bool = False) -> OpeningAgreement:
    """Measure the agreement on one field; with `by_codes`, without alpha."""
    clusters = {row["catalogue_id"]: _name_cluster(row) for row in rows}
    votes = {row["catalogue_id"]: {"a": row[f"{field}_a"], "b": row[f"{field}_b"]} for row in rows}
    if by_codes:  # the codes themselves select these rows, so a chance-corrected coefficient would mislead
        found = count("opening", field, votes)
    else:
        found = measure("opening", field, votes, resamples=resamples, cluster=clusters.__getitem__)
    raw = (found.items - found.disputed) / found.items if found.items else None
    return OpeningAgreement(field, subset, found.items, len(set(clusters.values())), raw, found.alpha, found.interval)


def measure_openings(rows: Rows, resamples: int = RESAMPLES) -> Iterator[OpeningAgreement]:
    """Yield the agreement on voice and genre, on rows with a voice other than `reports`, and by language.

    `rows` are entries that both coders coded. Languages have no interval; without resamples nothing has one.
    """
    yield _measure("opening_voice", "", rows, resamples)
    yield _measure("opening_genre", "", rows, resamples)
    marked = [row for row in rows if {row["opening_voice_a"], row["opening_voice_b"]} != {NEUTRAL}]
    yield _measure("opening_voice", "other codes", marked, resamples, by_codes=True)
    by_language: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_language[row["language"]].append(row)
    for language, own in sorted(by_language.items()):
        if len(own) >= FEWEST_ROWS:
            yield _measure("opening_voice", language, own, 0)


def count_voices(rows: Rows) -> list[VoiceCount]:
    """Return how often each coder gave each voice, and the specific agreement on it."""
    pairs = [(row["opening_voice_a"], row["opening_voice_b"]) for row in rows]
    both = Counter(a for a, b in pairs if a == b)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    return [
        VoiceCount(term, first[term], second[term], both[term], 2 * both[term] / (first[term] + second[term]))
        for term in sorted(first | second)
    ]
