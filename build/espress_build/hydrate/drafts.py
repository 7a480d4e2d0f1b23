"""From a page that came to the draft of an article, or the reason why it is none; each in a process that may die."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espress_build.hydrate.progress import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from espress_build.add.draft_text import Draft
    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.folder import Home
    from espress_build.hydrate.log import Attempt, History
    from espress_build.hydrate.outcomes import Got
    from espress_build.inputs.params import Params
    from espress_build.inputs.record import Fact
    from espress_build.inputs.registries import Registries
    from espress_build.pages.propose import PageProposal
    from espress_build.pages.read import Failure

# What a reader of pages says of one, in the terms of rejects; what is a term itself stays, the rest is `no_article`.
_REASONS = {
    "empty": "empty_page",
    "pdf": "not_a_page",
    "archive": "not_a_page",
    "image": "not_a_page",
    "binary": "not_a_page",
    "broken_archive": "not_a_page",
}


@dataclass(frozen=True)
class Job:
    """A pointer, and the pages that came for it, the newest first; `folder` holds their files.

    `fresh` says that this run got the newest, `before` what it got the time before.
    """

    row: Row
    folder: Path
    pages: tuple[Attempt, ...]
    fresh: bool = False
    before: Attempt | None = None

    def news(self, attempt: Attempt, reading: Reading) -> tuple[str, ...]:
        """Return what this run has to say of a page that gave the article, and of what came in its place."""
        if not self.fresh:
            return ()
        if attempt is not self.pages[0]:
            return (f"what came later holds no article: {reading.reason}",)
        gone = self.before and self.before.via == "web" and attempt.via == "archive"
        return ("the server no longer gives the page; an archive's copy was read",) if gone else ()


@dataclass(frozen=True)
class Reading:
    """What a pointer's pages hold: a draft, or a reason and details; `attempt` gave the page that is meant."""

    catalogue_id: str
    attempt: Attempt
    draft: Draft | None = None
    reason: str | None = None
    detail: str = ""
    warnings: tuple[str, ...] = ()


def _got(attempt: Attempt, payload: bytes) -> Got:
    from espress_build.hydrate.outcomes import Got, Validators

    return Got(
        attempt.url, attempt.final_url or attempt.url, attempt.status or 200, attempt.at, attempt.media_type or "",
        attempt.charset, payload, attempt.sha256 or "", Validators(attempt.etag, attempt.last_modified),
        attempt.archive_url, attempt.archived_at,
    )  # fmt: skip


def stated_facts(row: Row, shown: str | None) -> dict[str, Fact]:
    """Return what the catalogue states of an article; its date only where the page shows none, or a less exact one."""
    from espress_build.inputs.record import Fact, precision

    note = f"from the catalogue, {row['catalogue_id']}"
    values: dict[str, str | list[str] | None] = {
        "outlet_id": row["outlet_id"],
        "republisher_id": row["republisher_id"],
        "agency_id": row["agency_id"],
        "event_ids": [row["event_id"]],
        "event_country": row["event_country"],
        "url": row["url"],
        "url_kind": "copy" if row["republisher_id"] else "original",
    }
    if row["published"] and (shown is None or precision(shown) is None or len(shown) < len(row["published"])):
        values["published"] = row["published"]
    facts = {name: Fact(name, value, "look-up", "medium", note) for name, value in values.items() if value is not None}
    tier = Fact("rights_tier", "hydrate", "inferred", "high", "fetched by its reader; the corpus does not hold it")
    return facts | {"rights_tier": tier}


def _refused(row: Row, attempt: Attempt, failure: Failure) -> Reading:
    from espress.schema import schema

    reason = _REASONS.get(failure.reason, failure.reason)
    if reason in schema().vocabularies["reject_reason"]:
        return Reading(row["catalogue_id"], attempt, None, reason, failure.detail)
    return Reading(row["catalogue_id"], attempt, None, "no_article", f"{failure.reason}: {failure.detail}")


def _drafted(
    row: Row, attempt: Attempt, payload: bytes, before: str | None, given: tuple[Registries, Params]
) -> Reading:
    """Read one page of a pointer; `before` is the hash of what came the time before."""
    from espress_build.add.draft import draft_page
    from espress_build.hydrate.judge import refusal, warnings
    from espress_build.pages.propose import propose_page
    from espress_build.pages.read import Failure, Saved, read_page

    got = _got(attempt, payload)
    saved = Saved(attempt.page or "", payload, attempt.final_url or attempt.url, attempt.charset)
    registries, params = given
    page = read_page(saved, params.pages)
    proposal: PageProposal | Failure = page if isinstance(page, Failure) else propose_page(page, registries, params)
    if refused := refusal(got, row, proposal):
        return Reading(row["catalogue_id"], attempt, None, refused.reason, refused.detail)
    if isinstance(page, Failure):
        return _refused(row, attempt, page)
    if isinstance(proposal, Failure):
        return _refused(row, attempt, proposal)
    found = proposal.facts.get("published")
    facts: dict[str, Any] = stated_facts(row, found.value if found and isinstance(found.value, str) else None)
    draft = draft_page(page, proposal, facts, registries, params)
    if isinstance(draft, Failure):
        return _refused(row, attempt, draft)
    lost = [
        f"a paragraph was left out, as it does not stand in the page as it reads: {part[:60]!r}" for part in draft.lost
    ]
    return Reading(row["catalogue_id"], attempt, draft, warnings=(*warnings(got, row, proposal, before), *lost))


def read_job(job: Job, registries: Registries, params: Params) -> Reading:
    """Read the newest page of a pointer that holds its article; where none does, say what the newest is."""
    first: Reading | None = None
    for number, attempt in enumerate(job.pages):
        try:
            payload = (job.folder / (attempt.page or "")).read_bytes()
        except OSError as error:
            reading = Reading(job.row["catalogue_id"], attempt, None, "no_article", f"the page is lost: {error}")
        else:
            older = job.before.sha256 if job.fresh and job.before and number == 0 else None
            reading = _drafted(job.row, attempt, payload, older, (registries, params))
        if reading.draft:
            return replace(reading, warnings=(*reading.warnings, *job.news(attempt, first or reading)))
        first = first or reading
    if first is None:
        raise AssertionError("a job has a page, or it is none")
    return first


def reader() -> Callable[[Job], Reading]:
    """Return the work on one pointer, with its libraries loaded; for worker processes.

    It reads the registries itself: one that ends before it has taken large arguments leaves who started it waiting.
    """
    from espress.paths import schema_folder
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.propose import proposer

    registries, params = read_registries(schema_folder() / "registries"), read_params()
    proposer(registries, params)
    return lambda job: read_job(job, registries, params)


def jobs_of(rows: Iterable[Row], home: Home, history: History) -> list[Job]:
    """Return the work on all pointers that have pages."""
    jobs = []
    for row in rows:
        got, pages = history.got(row["catalogue_id"]), history.pages(row["catalogue_id"])
        if pages:
            before = got[1] if len(got) > 1 else None
            jobs.append(Job(row, home.pages, tuple(pages), pages[0] in history.fresh, before))
    return jobs


def read_pages(rows: Iterable[Row], home: Home, history: History, corpus: Corpus) -> Iterator[Reading]:
    """Read the pages of all pointers that have some, in order, over all cores."""
    import os

    from espress_build.pages.worker_pool import Crew, Lost

    jobs = jobs_of(rows, home, history)
    if not jobs:
        return
    limits = corpus.params.pages
    workers = min(os.cpu_count() or 1, len(jobs))
    crew = Crew(reader, (), workers=workers, seconds=limits.seconds, memory_bytes=limits.memory_bytes)
    for job, result in bar(crew.map(jobs), len(jobs), "reading", "page"):
        if isinstance(result, Lost):
            detail = f"{result.reason}: {result.detail}"
            yield Reading(job.row["catalogue_id"], job.pages[0], None, "no_article", detail)
        else:
            yield result
