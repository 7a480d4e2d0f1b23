"""What a run says when it is done: how many articles there are, why others are none, and what to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.tables import join_few

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.download import Asked
    from espress_build.hydrate.folder import Home
    from espress_build.hydrate.log import History
    from espress_build.hydrate.results import Fate

_SHOWN = 10  # warnings that a summary shows
_UNREACHED = frozenset({"host_not_found", "no_connection", "robots_unreachable", "timed_out"})


@dataclass(frozen=True)
class Hydrated:
    """What a folder holds now: articles, pointers chosen by this run and those before, those without one by reason.

    `warnings` say what is odd about articles, `notices` what is odd about the folder or the run.
    """

    folder: Path
    version: str
    articles: int
    pointers: int
    asked: int
    reasons: dict[str, int]
    warnings: tuple[str, ...]
    notices: tuple[str, ...]
    interrupted: bool

    def __str__(self) -> str:
        """Say it in a few lines for people."""
        head = (
            f"{self.folder}: {self.articles} articles of {self.pointers} pointers; {self.asked} asked for by this run"
        )
        lines = [head, *(f"{number:>7}  {reason}" for reason, number in self.reasons.items())]
        lines += [f"look at {warning}" for warning in self.warnings[:_SHOWN]]
        if len(self.warnings) > _SHOWN:
            lines.append(f"and {len(self.warnings) - _SHOWN} more: {self.folder / 'data' / 'provenance.parquet'}")
        lines += self.notices
        if self.interrupted:
            lines.append("Stopped; the tables are whole, and the same command goes on from here.")
        return "\n".join(lines)


def of_pages(before: History, home: Home) -> list[str]:
    """Say which pages are not as they came, by what was known before the run asked for anything."""
    lost = [name for name in before.attempts if before.is_lost(name)]
    if not lost:
        return []
    said = f"{len(lost)} pages in {home.pages} were gone or not as they came, and count as never fetched"
    return [f"{said}: {join_few(sorted(lost))}. Runs that may ask for them ask again."]


def of_pointers(history: History, known: set[str]) -> list[str]:
    """Say which pointers of the folder a catalogue no longer has."""
    unknown = history.chosen - known
    if not unknown:
        return []
    pages = sum(bool(history.pages(name)) for name in unknown)
    said = f"{len(unknown)} pointers of earlier runs are not in this catalogue, {pages} of them with a page"
    return [
        f"{said}: {join_few(sorted(unknown))}. They are in no table; their pages stay, for a --source that has them."
    ]


def of_network(history: History, asked: int) -> list[str]:
    """Say so if no server at all was reached."""
    silent = all(
        one.outcome == "refused" and one.via == "web" and one.status is None and one.reason in _UNREACHED
        for one in history.fresh
    )
    return ["No host was reached. Is this machine online? The same command asks again."] if asked and silent else []


def summary(home: Home, version: str, fates: list[Fate], asked: Asked, notices: list[str]) -> Hydrated:
    """Return what a run says when it is done."""
    reasons = Counter(fate.reason for fate in fates if fate.reason)
    warnings = [
        f"{fate.row['catalogue_id']}: {warning}"
        for fate in fates
        if fate.article_id and fate.reading
        for warning in fate.reading.warnings
    ]
    articles = len({fate.article_id for fate in fates if fate.article_id})
    by_number = dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
    return Hydrated(
        home.folder, version, articles, len(fates), asked.number, by_number, tuple(warnings), tuple(notices),
        asked.interrupted,
    )  # fmt: skip
