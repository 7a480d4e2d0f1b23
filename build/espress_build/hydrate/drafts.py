"""Read the pages of catalogue entries into drafts of articles, in worker processes that a bad page may cost."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress_build.hydrate.judge import judge
from espress_build.hydrate.outcomes import Outcome
from espress_build.hydrate.progress import bar
from espress_build.hydrate.responses import Fetched, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from espress_build.hydrate.choose import Row
    from espress_build.hydrate.corpus import Corpus
    from espress_build.hydrate.folder import Folder
    from espress_build.hydrate.log import Attempt, History
    from espress_build.inputs.params import Params
    from espress_build.inputs.record import Fact
    from espress_build.inputs.registries import Registries
    from espress_build.pages.propose import PageProposal
    from espress_build.pages.saved import Failure

# Failures of the page reader as terms of `reject_reason`; a failure that is such a term stays, others are `no_article`.
_REASONS = {
    "empty": "empty_page", "pdf": "not_a_page", "archive": "not_a_page", "image": "not_a_page", "binary": "not_a_page",
    "broken_archive": "not_a_page",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A catalogue entry and the pages that came for it, the newest first; `folder` holds their files.

    `fresh` is true if this run fetched the newest; `before` is the one fetched the time before.
    """

    row: Row
    folder: Path
    pages: tuple[Attempt, ...]
    fresh: bool = False
    before: Attempt | None = None


def list_jobs(rows: Iterable[Row], folder: Folder, history: History) -> list[Job]:
    """Return the jobs for all entries that have pages."""
    jobs = []
    for row in rows:
        fetched, pages = history.fetched(row["catalogue_id"]), history.pages(row["catalogue_id"])
        if pages:
            before = fetched[1] if len(fetched) > 1 else None
            jobs.append(Job(row, folder.pages, tuple(pages), pages[0] in history.fresh, before))
    return jobs


def read_pages(rows: Iterable[Row], folder: Folder, history: History, corpus: Corpus) -> Iterator[Outcome]:
    """Read the pages of all entries that have some, in order, on all cores."""
    from espress_build.pages.worker_pool import Crew, Lost

    jobs = list_jobs(rows, folder, history)
    if not jobs:
        return
    limits = corpus.params.pages
    workers = min(os.cpu_count() or 1, len(jobs))
    crew = Crew(prepare_reader, (), workers=workers, seconds=limits.seconds, memory_bytes=limits.memory_bytes)
    for job, result in bar(crew.map(jobs), len(jobs), "reading", "page"):
        if isinstance(result, Lost):
            detail = f"{result.reason}: {result.detail}"
            yield Outcome(job.row, job.pages[0], reason="no_article", detail=detail)
        else:
            yield result


def prepare_reader() -> Callable[[Job], Outcome]:
    """Load what reading needs, and return the function that reads a job; for worker processes.

    It reads the registries itself: a worker that dies while it receives large arguments would block its parent.
    """
    from espress.paths import schema_folder
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.propose import proposer

    registries, params = read_registries(schema_folder() / "registries"), read_params()
    proposer(registries, params)
    return lambda job: read_job(job, registries, params)


def read_job(job: Job, registries: Registries, params: Params) -> Outcome:
    """Read the newest page of an entry that holds its article; if none does, say what the newest page is."""
    found: list[Outcome] = []
    for number, attempt in enumerate(job.pages):
        try:
            payload = (job.folder / (attempt.page or "")).read_bytes()
        except OSError as error:
            found.append(Outcome(job.row, attempt, reason="no_article", detail=f"the page is lost: {error}"))
            continue
        before = job.before.sha256 if job.fresh and job.before and number == 0 else None
        outcome = _read_page(Outcome(job.row, attempt), attempt, payload, before, (registries, params))
        found.append(outcome)
        if outcome.draft:
            return replace(outcome, warnings=(*outcome.warnings, *_report_change(job, attempt, found[0])))
    return found[0]


def _report_change(job: Job, attempt: Attempt, newest: Outcome) -> tuple[str, ...]:
    """Return what this run noticed: the newest page holds no article any more, or only an archive has the page."""
    if not job.fresh:
        return ()
    if attempt is not job.pages[0]:
        return (f"what came later holds no article: {newest.reason}",)
    only_archived = job.before and job.before.via == "web" and attempt.via == "archive"
    return ("the server no longer gives the page; an archive's copy was read",) if only_archived else ()


def _read_page(
    outcome: Outcome, attempt: Attempt, payload: bytes, before: str | None, given: tuple[Registries, Params]
) -> Outcome:
    """Complete the outcome of an entry by reading one page; `before` is the hash of what came the time before."""
    from espress_build.add.draft import draft_page
    from espress_build.pages.propose import propose_page
    from espress_build.pages.read import read_page
    from espress_build.pages.saved import Failure, Saved

    registries, params = given
    url = attempt.final_url or attempt.url
    page = read_page(Saved(attempt.page or "", payload, url, attempt.charset), params.pages)
    proposal: PageProposal | Failure = page if isinstance(page, Failure) else propose_page(page, registries, params)
    fetched = Fetched(
        attempt.url, url, attempt.status or 200, attempt.at, attempt.media_type, attempt.charset, payload,
        attempt.sha256 or "", attempt.etag, attempt.last_modified, attempt.archive_url, attempt.archived_at,
    )  # fmt: skip
    verdict = judge(fetched, outcome.row, proposal, before)
    if isinstance(verdict, Refused):
        return replace(outcome, reason=verdict.reason, detail=verdict.detail)
    if isinstance(page, Failure):
        return _reject(outcome, page)
    if isinstance(proposal, Failure):
        return _reject(outcome, proposal)
    published = proposal.facts.get("published")
    shown = published.value if published and isinstance(published.value, str) else None
    facts: dict[str, Any] = state_facts(outcome.row, shown)
    draft = draft_page(page, proposal, facts, registries, params)
    if isinstance(draft, Failure):
        return _reject(outcome, draft)
    lost = [f"a paragraph was left out; the page does not hold it in this form: {part[:60]!r}" for part in draft.lost]
    return replace(outcome, draft=draft, warnings=(*verdict, *lost))


def _reject(outcome: Outcome, failure: Failure) -> Outcome:
    reason = _REASONS.get(failure.reason, failure.reason)
    if reason in schema().vocabularies["reject_reason"]:
        return replace(outcome, reason=reason, detail=failure.detail)
    return replace(outcome, reason="no_article", detail=f"{failure.reason}: {failure.detail}")


def state_facts(row: Row, shown: str | None) -> dict[str, Fact]:
    """Return the facts that the catalogue states of an article.

    Its date is stated only if the page shows none, or a less exact one (`shown`).
    """
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
