"""State the outcome of each catalogue entry (an article, or why there is none), and summarise all outcomes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espress.tables import join_few
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from espress_build.add.draft import Draft
    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.output_folder import Attempt, History


_SHOWN = 10  # warnings that a summary shows
_UNREACHED = frozenset({"host_not_found", "no_connection", "robots_unreachable", "timed_out"})


@dataclass(frozen=True)
class Outcome:
    """The draft of an entry's article, or a stage, a reason and details; `attempt` fetched the page that was read."""

    row: Row
    attempt: Attempt | None = None
    draft: Draft | None = None
    stage: str = "hydrate"
    reason: str | None = None
    detail: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def article_id(self) -> str | None:
        """The id of the article, None if no article was made."""
        return self.draft.article_id if self.draft else None


def list_outcomes(rows: Iterable[Row], read: dict[str, Outcome], history: History) -> list[Outcome]:
    """Return the outcome of each entry before the stages; `read` holds those of entries whose pages were read."""
    return [
        _warn_of_refusal(found, history) if found.draft else _explain_missing(found, history)
        for found in (read.get(row["catalogue_id"]) or Outcome(row) for row in rows)
    ]


def _warn_of_refusal(outcome: Outcome, history: History) -> Outcome:
    """Add a warning if this run requested the page again without success; its article is kept."""
    last = history.last(outcome.row["catalogue_id"])
    if outcome.attempt is None or last is None or last.outcome != "refused" or last not in history.fresh:
        return outcome
    warning = f"a new request failed: {last.reason}; the stored page was fetched on {outcome.attempt.at[:10]}"
    return replace(outcome, warnings=(*outcome.warnings, warning))


def _explain_missing(outcome: Outcome, history: History) -> Outcome:
    """Add the reason why an entry has no article, from the newest answer of its server or from its newest page."""
    last = history.last(outcome.row["catalogue_id"])
    if last is None:
        return replace(outcome, reason="not_asked", detail="no run has reached this entry; type the command again")
    if outcome.attempt and (last.outcome != "refused" or last.via != "web"):
        return outcome
    if last.outcome != "refused":
        detail = "the page is missing or changed on the disk; type the command again"
        return replace(outcome, reason="not_asked", detail=detail)
    return replace(outcome, reason=last.reason, detail=last.detail or "")


def apply_rejects(
    outcomes: list[Outcome], kept: Collection[str], rejects: list[dict[str, str]], failed: dict[str, str]
) -> list[Outcome]:
    """Return the outcomes after the stages.

    Args:
        outcomes: those before the stages.
        kept: the ids of articles that have a row.
        rejects: the rows of the drafts that a stage dropped.
        failed: article id -> error, of the drafts that no stage could take.
    """
    after, dropped = [], {row["id"]: row for row in rejects}
    for outcome in outcomes:
        name = outcome.article_id
        if name is None or name in kept:
            after.append(outcome)
        elif name in failed:
            after.append(replace(outcome, draft=None, reason="no_article", detail=failed[name]))
        else:
            row = dropped[name]
            after.append(replace(outcome, draft=None, stage=row["stage"], reason=row["reason"], detail=row["detail"]))
    return after


@dataclass(frozen=True)
class Hydrated:
    """The contents of a folder: articles, entries chosen by any run, and the number of missing articles by reason.

    `asked` counts the entries that this run requested. `warnings` are about articles, `notices` about the folder or
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
        return "\n".join(map(escape_for_terminal, lines))


def summarise(  # noqa: PLR0913 - a folder and a run over it, in the order of the summary
    folder: Path, version: str, outcomes: list[Outcome], asked: int, notices: Iterable[str], *, interrupted: bool
) -> Hydrated:
    """Return the summary of a folder after a run."""
    reasons = Counter(outcome.reason for outcome in outcomes if outcome.reason)
    by_number = dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
    found = [outcome for outcome in outcomes if outcome.draft]
    warnings = tuple(f"{outcome.row['catalogue_id']}: {warning}" for outcome in found for warning in outcome.warnings)
    articles = len({outcome.article_id for outcome in found})
    return Hydrated(
        folder, version, articles, len(outcomes), asked, by_number, warnings, tuple(notices), interrupted=interrupted
    )


def report_lost_pages(history: History) -> Iterator[str]:
    """Yield a notice of the pages that were missing or changed on the disk when the run began."""
    if lost := sorted(name for name in history.attempts if history.is_lost(name)):
        yield (
            f"{len(lost)} pages in {history.pages_folder} were missing or changed on the disk, and are ignored: "
            f"{join_few(lost)}. The next run that may fetch them asks for them again."
        )


def report_unknown_entries(history: History, known: set[str]) -> Iterator[str]:
    """Yield a notice of the entries of the folder that the catalogue no longer has."""
    if unknown := sorted(history.chosen - known):
        pages = sum(bool(history.pages(name)) for name in unknown)
        yield (
            f"{len(unknown)} entries of earlier runs are not in this catalogue, {pages} of them with a page: "
            f"{join_few(unknown)}. They are in no table. Their pages are kept for a run whose --source contains them."
        )


def report_offline(history: History, asked: int) -> Iterator[str]:
    """Yield a notice if the run reached no server at all."""
    if asked and all(
        one.outcome == "refused" and one.via == "web" and one.status is None and one.reason in _UNREACHED
        for one in history.fresh
    ):
        yield "No host was reached. Is this machine online? Type the same command to try again."
