"""The outcome of each chosen catalogue entry: an article, or a stage and a reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.drafts import Reading
    from espress_build.hydrate.log import History

STAGE = "hydrate"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one entry: an article, or a stage, a reason and details."""

    row: Row
    reading: Reading | None
    article_id: str | None
    stage: str = STAGE
    reason: str | None = None
    detail: str = ""


def list_outcomes(rows: Iterable[Row], readings: dict[str, Reading], history: History) -> list[Outcome]:
    """Return the outcome of each entry before the stages see the drafts."""
    found = []
    for row in rows:
        reading = readings.get(row["catalogue_id"])
        if reading is not None and reading.draft is not None:
            found.append(Outcome(row, _warn_of_refusal(reading, history), reading.draft.article_id))
        else:
            found.append(_explain_missing(row, reading, history))
    return found


def _warn_of_refusal(reading: Reading, history: History) -> Reading:
    """Add a warning if this run asked for the page again and did not get it; its article is kept."""
    last = history.last(reading.catalogue_id)
    if last is None or last.outcome != "refused" or last not in history.fresh:
        return reading
    warning = f"when asked again: {last.reason}; the page kept came on {reading.attempt.at[:10]}"
    return replace(reading, warnings=(*reading.warnings, warning))


def _explain_missing(row: Row, reading: Reading | None, history: History) -> Outcome:
    """Return why an entry has no article: by the newest answer of its server, or by its newest page."""
    last = history.last(row["catalogue_id"])
    if last is None:
        return Outcome(row, None, None, reason="not_asked", detail="no run has come to it; type the command again")
    refused_since = last.outcome == "refused" and last.via == "web"
    if reading is not None and not refused_since:
        return Outcome(row, reading, None, reason=reading.reason, detail=reading.detail)
    if last.outcome != "refused":
        detail = "the page is missing or changed on the disk; type the command again"
        return Outcome(row, None, None, reason="not_asked", detail=detail)
    return Outcome(row, reading, None, reason=last.reason, detail=last.detail or "")


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
    dropped = {row["id"]: row for row in rejects}
    after = []
    for outcome in outcomes:
        name = outcome.article_id
        if name is None or name in kept:
            after.append(outcome)
        elif name in failed:
            after.append(replace(outcome, article_id=None, reason="no_article", detail=failed[name]))
        else:
            row = dropped[name]
            after.append(
                replace(outcome, article_id=None, stage=row["stage"], reason=row["reason"], detail=row["detail"])
            )
    return after
