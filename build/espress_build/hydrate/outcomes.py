"""The outcome of each chosen catalogue entry: an article, or a stage and a reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from espress_build.add.draft_text import Draft
    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.log import Attempt, History


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
        """The id of the article, None if there is none."""
        return self.draft.article_id if self.draft else None


def list_outcomes(rows: Iterable[Row], read: dict[str, Outcome], history: History) -> list[Outcome]:
    """Return the outcome of each entry before the stages; `read` holds those of entries whose pages were read."""
    return [
        _warn_of_refusal(found, history) if found.draft else _explain_missing(found, history)
        for found in (read.get(row["catalogue_id"]) or Outcome(row) for row in rows)
    ]


def _warn_of_refusal(outcome: Outcome, history: History) -> Outcome:
    """Add a warning if this run asked for the page again and did not get it; its article is kept."""
    last = history.last(outcome.row["catalogue_id"])
    if outcome.attempt is None or last is None or last.outcome != "refused" or last not in history.fresh:
        return outcome
    warning = f"when asked again: {last.reason}; the page kept came on {outcome.attempt.at[:10]}"
    return replace(outcome, warnings=(*outcome.warnings, warning))


def _explain_missing(outcome: Outcome, history: History) -> Outcome:
    """Add why an entry has no article: by the newest answer of its server, or by its newest page."""
    last = history.last(outcome.row["catalogue_id"])
    if last is None:
        return replace(outcome, reason="not_asked", detail="no run has come to it; type the command again")
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
