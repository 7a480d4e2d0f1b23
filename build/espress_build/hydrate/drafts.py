"""Read the pages of catalogue entries into drafts of articles, in worker processes that a bad page may crash."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tqdm import tqdm

from espress.paths import schema_folder
from espress.schema import schema
from espress_build.add.draft import draft_page
from espress_build.hydrate.judge import judge
from espress_build.hydrate.outcomes import Outcome
from espress_build.hydrate.responses import Fetched, Refused
from espress_build.inputs.params import read_params
from espress_build.inputs.record import Fact, precision
from espress_build.inputs.registries import read_registries
from espress_build.pages.propose import propose_page, proposer
from espress_build.pages.read import read_page
from espress_build.pages.saved import Failure, Saved
from espress_build.pages.worker_pool import LostItem, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from espress_build.add.draft import Draft
    from espress_build.hydrate.choose import Corpus, Row
    from espress_build.hydrate.output_folder import Attempt, Folder, History
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_Read = TypeVar("_Read")

# Terms of `reject_reason` for failures of the page reader. Other failures keep their name if it is such a term, and
# else become `no_article`.
_REASONS = {
    "empty": "empty_page", "pdf": "not_a_page", "archive": "not_a_page", "image": "not_a_page", "binary": "not_a_page",
    "broken_archive": "not_a_page",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A catalogue entry and the pages fetched for it, the newest first; `folder` holds their files.

    If this run fetched the newest page, `before` is the page that was the newest before this run.
    """

    row: Row
    folder: Path
    pages: tuple[Attempt, ...]
    before: Attempt | None = None


def list_jobs(rows: Iterable[Row], folder: Folder, history: History) -> list[Job]:
    """Return the jobs for all entries that have pages."""
    jobs = []
    for row in rows:
        fetched, pages = history.fetched(row["catalogue_id"]), history.pages(row["catalogue_id"])
        if pages:
            before = fetched[1] if len(fetched) > 1 and pages[0] in history.fresh else None
            jobs.append(Job(row, folder.pages, tuple(pages), before))
    return jobs


def read_pages(rows: Iterable[Row], folder: Folder, history: History, corpus: Corpus) -> Iterator[Outcome]:
    """Read the pages of all entries that have some, in order, on all cores."""
    jobs = list_jobs(rows, folder, history)
    if not jobs:
        return
    limits = corpus.params.pages
    workers = min(os.cpu_count() or 1, len(jobs))
    pool = WorkerPool(prepare_reader, (), workers=workers, seconds=limits.seconds, memory_bytes=limits.memory_bytes)
    for job, result in tqdm(pool.map(jobs), desc="reading", total=len(jobs), unit=" page", disable=None):
        if isinstance(result, LostItem):
            detail = f"{result.reason}: {result.detail}"
            yield Outcome(job.row, job.pages[0], reason="no_article", detail=detail)
        else:
            yield result


def prepare_reader() -> Callable[[Job], Outcome]:
    """Load what reading needs, and return the function that reads a job; for worker processes."""
    registries, params = read_registries(schema_folder() / "registries"), read_params()
    proposer(registries, params)
    return lambda job: read_job(job, registries, params)


def read_job(job: Job, registries: Registries, params: Params) -> Outcome:
    """Read the newest page of an entry that holds its article; if none does, say what the newest page is."""
    newest: Outcome | None = None
    for attempt in job.pages:
        before = job.before.sha256 if job.before and newest is None else None
        try:
            draft, warnings = _read_page(job, attempt, before, registries, params)
        except Refused as refused:
            newest = newest or Outcome(job.row, attempt, reason=refused.reason, detail=refused.detail)
        else:
            return Outcome(job.row, attempt, draft, warnings=(*warnings, *_report_change(job, attempt, newest)))
    return newest or Outcome(job.row)


def _report_change(job: Job, attempt: Attempt, newest: Outcome | None) -> list[str]:
    """Return a warning if the newest page holds no article any more, or if only an archive still has the page."""
    if job.before is None:
        return []
    if newest is not None:
        return [f"the newest page holds no article: {newest.reason}"]
    if job.before.via == "web" and attempt.via == "archive":
        return ["the server no longer gives the page; an archive's copy was read"]
    return []


def _read_page(
    job: Job, attempt: Attempt, before: str | None, registries: Registries, params: Params
) -> tuple[Draft, list[str]]:
    """Return the draft and the warnings of one page; `before` is the hash of the page fetched before it.

    Raises:
        Refused: the page does not hold the article, or cannot be read.
    """
    name, url = attempt.page or "", attempt.final_url or attempt.url
    try:
        payload = (job.folder / name).read_bytes()
    except OSError as error:
        raise Refused("no_article", f"the stored page cannot be read: {error}") from error
    page = read_page(Saved(name, payload, url, attempt.charset), params.pages)
    proposal = page if isinstance(page, Failure) else propose_page(page, registries, params)
    fetched = Fetched(
        attempt.url, url, attempt.status or 200, attempt.at, attempt.media_type, attempt.charset, payload,
        attempt.sha256 or "", archive_url=attempt.archive_url,
    )  # fmt: skip
    warnings = judge(fetched, job.row, proposal, before)
    page, proposal = _require(page), _require(proposal)
    published = proposal.facts.get("published")
    shown = published.value if published and isinstance(published.value, str) else None
    draft = _require(draft_page(page, proposal, state_facts(job.row, shown), registries, params))
    lost = [f"a paragraph was left out; the page does not hold it in this form: {part[:60]!r}" for part in draft.lost]
    return draft, [*warnings, *lost]


def _require(found: _Read | Failure) -> _Read:
    """Return what was read from a page; raises Refused, with a term of `reject_reason`, if nothing was."""
    if not isinstance(found, Failure):
        return found
    raise Refused(*explain_failure(found))


def explain_failure(failure: Failure) -> tuple[str, str]:
    """Return a failure as a term of `reject_reason` and details."""
    reason = _REASONS.get(failure.reason, failure.reason)
    if reason in schema().vocabularies["reject_reason"]:
        return reason, failure.detail
    return "no_article", f"{failure.reason}: {failure.detail}"


def state_facts(row: Row, shown: str | None) -> dict[str, Fact]:
    """Return the facts that the catalogue states of an article.

    Its date is stated only if the page shows none, or a less exact one (`shown`).
    """
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
