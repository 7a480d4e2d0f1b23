"""What became of each pointer: an article, drafted as the corpus drafts its own, or a reason why there is none."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.drafts import Reading
    from espress_build.hydrate.log import History

STAGE = "hydrate"


@dataclass(frozen=True)
class Fate:
    """What became of one chosen pointer: an article, or a stage, a reason and details."""

    row: Row
    reading: Reading | None
    article_id: str | None
    stage: str = STAGE
    reason: str | None = None
    detail: str = ""


def _unread(row: Row, reading: Reading | None, history: History) -> Fate:
    """Say why a pointer has no article: what was said last, of its newest page or by its server."""
    last = history.last(row["catalogue_id"])
    if last is None:
        detail = "no run has come to it; type the command again"
        return Fate(row, None, None, reason="not_asked", detail=detail)
    said_since = last.outcome == "refused" and last.via == "web"
    if reading is not None and not said_since:
        return Fate(row, reading, None, reason=reading.reason, detail=reading.detail)
    if last.outcome != "refused":
        detail = "the page that came is no longer there as it came; type the command again"
        return Fate(row, None, None, reason="not_asked", detail=detail)
    return Fate(row, reading, None, reason=last.reason, detail=last.detail or "")


def _kept(reading: Reading, history: History) -> Reading:
    """Add the warning that this run could not have a page again, whose article is kept."""
    last = history.last(reading.catalogue_id)
    if last is None or last.outcome != "refused" or last not in history.fresh:
        return reading
    said = f"when asked again: {last.reason}; the page kept came on {reading.attempt.at[:10]}"
    return replace(reading, warnings=(*reading.warnings, said))


def fates(rows: Iterable[Row], readings: dict[str, Reading], history: History) -> list[Fate]:
    """Return what became of each pointer, before the stages see the drafts."""
    found = []
    for row in rows:
        reading = readings.get(row["catalogue_id"])
        if reading is not None and reading.draft is not None:
            found.append(Fate(row, _kept(reading, history), reading.draft.article_id))
        else:
            found.append(_unread(row, reading, history))
    return found


def write_raw(given: list[Fate], raw: Path) -> None:
    """Write the drafts as article folders in place of what was there; two pointers to one article share it."""
    from espress_build.add import draft_text

    shutil.rmtree(raw, ignore_errors=True)
    (raw / "articles").mkdir(parents=True)
    for fate in given:
        draft = fate.reading.draft if fate.reading else None
        if draft and fate.article_id and not (raw / "articles" / fate.article_id).exists():
            draft_text.write(draft, raw)


def after(given: list[Fate], kept: set[str], rejects: list[dict[str, str]], dropped: dict[str, str]) -> list[Fate]:
    """Return fates as the stages left them: a draft that a stage dropped has that stage's reason."""
    said = {row["id"]: row for row in rejects}
    left = []
    for fate in given:
        name = fate.article_id
        if name is None or name in kept:
            left.append(fate)
        elif name in dropped:
            left.append(replace(fate, article_id=None, reason="no_article", detail=dropped[name]))
        else:
            row = said[name]
            left.append(replace(fate, article_id=None, stage=row["stage"], reason=row["reason"], detail=row["detail"]))
    return left
