"""What a run reports at its end: how many articles there are, why others are missing, and what to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.tables import join_few

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.hydrate.folder import Folder
    from espress_build.hydrate.log import History
    from espress_build.hydrate.outcomes import Outcome
    from espress_build.hydrate.progress import Asked

_SHOWN = 10  # warnings that a summary shows
_UNREACHED = frozenset({"host_not_found", "no_connection", "robots_unreachable", "timed_out"})


@dataclass(frozen=True)
class Hydrated:
    """What a folder holds: articles, catalogue entries chosen by any run, and the number without article by reason.

    `asked` counts the entries that this run asked for. `warnings` are about articles, `notices` about the folder or
    the run. `interrupted` is true if Ctrl-C ended the run.
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
        """Return a few lines for people."""
        head = (
            f"{self.folder}: {self.articles} articles of {self.pointers} catalogue entries; this run asked for "
            f"{self.asked}"
        )
        lines = [head, *(f"{number:>7}  {reason}" for reason, number in self.reasons.items())]
        lines += [f"look at {warning}" for warning in self.warnings[:_SHOWN]]
        if len(self.warnings) > _SHOWN:
            lines.append(f"and {len(self.warnings) - _SHOWN} more: {self.folder / 'data' / 'provenance.parquet'}")
        lines += self.notices
        if self.interrupted:
            lines.append("Stopped early; the tables are complete. Type the same command to continue.")
        return "\n".join(lines)


def summarise(folder: Folder, version: str, outcomes: list[Outcome], asked: Asked, notices: list[str]) -> Hydrated:
    """Return what a run reports at its end."""
    reasons = Counter(outcome.reason for outcome in outcomes if outcome.reason)
    by_number = dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
    warnings = tuple(
        f"{outcome.row['catalogue_id']}: {warning}"
        for outcome in outcomes
        if outcome.draft
        for warning in outcome.warnings
    )
    articles = len({outcome.article_id for outcome in outcomes if outcome.article_id})
    return Hydrated(
        folder.path,
        version,
        articles,
        len(outcomes),
        asked.number,
        by_number,
        warnings,
        tuple(notices),
        asked.interrupted,
    )


def report_lost_pages(history: History, folder: Folder) -> list[str]:
    """Return a notice of the pages that were missing or changed on the disk when the run began."""
    lost = sorted(name for name in history.attempts if history.is_lost(name))
    if not lost:
        return []
    said = (
        f"{len(lost)} pages in {folder.pages} were missing or changed on the disk, and are ignored: {join_few(lost)}. "
        "Runs that may ask for them ask again."
    )
    return [said]


def report_unknown_entries(history: History, known: set[str]) -> list[str]:
    """Return a notice of the entries of the folder that the catalogue no longer has."""
    unknown = sorted(history.chosen - known)
    if not unknown:
        return []
    pages = sum(bool(history.pages(name)) for name in unknown)
    said = (
        f"{len(unknown)} entries of earlier runs are not in this catalogue, {pages} of them with a page: "
        f"{join_few(unknown)}. No table holds them; their pages stay, for a --source that has them."
    )
    return [said]


def report_offline(history: History, asked: int) -> list[str]:
    """Return a notice if the run reached no server at all."""
    silent = all(
        one.outcome == "refused" and one.via == "web" and one.status is None and one.reason in _UNREACHED
        for one in history.fresh
    )
    return ["No host was reached. Is this machine online? The same command asks again."] if asked and silent else []
