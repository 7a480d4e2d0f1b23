"""Read a batch of pages into rows of the corpus's tables, with the stages of the build; runs in worker processes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.paths import schema_folder
from espress.schema import schema
from espress.urls import host_of, page_key
from espress_build.add.draft import draft_page
from espress_build.arrow_schema import arrow_schema
from espress_build.collect.choice import EVENT
from espress_build.hydrate.drafts import explain_failure, state_facts
from espress_build.hydrate.judge import judge
from espress_build.hydrate.responses import Fetched, Refused
from espress_build.inputs.judgements import Annotations
from espress_build.inputs.params import read_params
from espress_build.inputs.record import Fact
from espress_build.inputs.registries import read_registries
from espress_build.pages.propose import propose_page, proposer
from espress_build.pages.read import read_page
from espress_build.pages.saved import Failure
from espress_build.pipeline.ingest import make_row
from espress_build.pipeline.stages import run_stages
from espress_build.tables import RECEIVED, REJECTS, SKETCHES, Reject, rejects_table

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from espress_build.collect.choice import Choice
    from espress_build.collect.sources import Batch
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.propose import PageProposal
    from espress_build.pages.read import Page
    from espress_build.pages.saved import Saved

# Columns of the table of dropped pages, which are unwanted or copies: where the page is, and why it was dropped.
DROPPED = pa.schema([(name, pa.string()) for name in ("source", "url", "reason", "detail")])
# Where each article came from; `topic_language` is the language of the word list that it matched.
_ORIGIN = ("article_id", "source", "url", "taken_at", "catalogue_id", "topic_language")
PROVENANCE = pa.schema([*((name, pa.string()) for name in _ORIGIN), ("warnings", pa.list_(pa.string()))])
OUTLETS = pa.schema([("outlet_id", pa.string()), ("host", pa.string())])
TABLES = ("articles", "sentences", "sketches", "rejects", "dropped", "provenance", "outlets")
_IN_ARCHIVE = ("broken_record", "broken_archive", "unreadable")
_NO_HOST = "unknown"


@dataclass(frozen=True)
class Result:
    """The result of a batch: its tables, or None if they are stored already.

    `unit`, `number` and `last` are those of the batch, `pages` is the number of its pages and failures, `left_out`
    counts the parts of archives that are not pages, by kind.
    """

    unit: str
    number: int
    pages: int
    left_out: Counter[str]
    last: bool
    tables: dict[str, Any] | None = None


@dataclass
class _Rows:
    """The rows of a batch before the stages."""

    received: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    provenance: list[dict[str, Any]] = field(default_factory=list)
    hosts: dict[str, str] = field(default_factory=dict)  # outlet_id -> host


class _UnwantedError(Exception):
    """A page is not among those to keep, or was read before."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class _Chosen:
    """A page to keep, its proposal, and why it is kept."""

    page: Page
    found: PageProposal
    entry: dict[str, Any] | None = None
    topic_language: str | None = None
    warnings: list[str] = field(default_factory=list)


class Reader:
    """Registries, parameters and what to keep, loaded once in a worker."""

    def __init__(self, choice: Choice) -> None:
        """Load what reading needs."""
        self.choice = choice
        self.params: Params = read_params()
        self.registries = add_event(read_registries(schema_folder() / "registries"))
        proposer(self.registries, self.params)

    def read(self, batch: Batch) -> Result:
        """Return the tables of a batch; an article that stops a stage becomes a reject."""
        rows = _Rows()
        for page in batch.pages:
            self._read_page(page, rows)
        tables, dropped = self._run_stages(rows)
        gone = {one.id for one in dropped}
        named = {one["article_id"]: one["source"] for one in rows.provenance}
        rejects = [*rows.rejects, *(replace(one, id=named[one.id]) for one in dropped)]
        provenance = [one for one in rows.provenance if one["article_id"] not in gone]
        hosts = [{"outlet_id": name, "host": host} for name, host in sorted(rows.hosts.items())]
        made = {
            **{name: tables[name] for name in ("articles", "sentences", "sketches")},
            "rejects": rejects_table(sorted(rejects, key=lambda one: one.id)),
            "dropped": pa.Table.from_pylist(rows.dropped, schema=DROPPED),
            "provenance": pa.Table.from_pylist(provenance, schema=PROVENANCE),
            "outlets": pa.Table.from_pylist(hosts, schema=OUTLETS),
        }
        return describe(batch, made)

    def _read_page(self, saved: Saved | Failure, rows: _Rows) -> None:
        """Read one page and add it as an article, a reject or a dropped page."""
        try:
            if isinstance(saved, Failure):
                reason = "incomplete" if saved.reason in _IN_ARCHIVE else explain_failure(saved)[0]
                raise Refused(reason, f"{saved.reason}: {saved.detail}")  # noqa: TRY301 - one way for all rejects
            page = read_page(saved, self.params.pages)
            if isinstance(page, Failure):
                raise Refused(*explain_failure(page))  # noqa: TRY301
            self._keep(saved, self._choose(saved, page), rows)
        except Refused as refused:
            rows.rejects.append(Reject(saved.source, "hydrate", refused.reason, refused.detail))
        except _UnwantedError as unwanted:
            place = {"source": saved.source, "url": saved.url}
            rows.dropped.append(place | {"reason": unwanted.reason, "detail": unwanted.detail})

    def _choose(self, saved: Saved, page: Page) -> _Chosen:
        """Return a page with its proposal; raises _UnwantedError if it is not to be kept, or Refused."""
        entry = self.choice.by_page.get(page_key(saved.url)) if saved.url else None
        topic = self.choice.topic
        if entry is None and topic is not None and not topic.may_match(page):
            raise _UnwantedError("off_topic", "no words of the topic are on the page")
        found = propose_page(page, self.registries, self.params)
        if isinstance(found, Failure):
            raise Refused(*explain_failure(found))
        own = found.facts.get("url")
        if entry is None and own is not None:
            entry = self.choice.by_page.get(page_key(str(own.value)))
        if entry is not None:
            return _Chosen(page, found, entry, warnings=judge(_describe(saved, entry), entry, found))
        if topic is not None:
            language = topic.find_language(found)
            if language is None:
                raise _UnwantedError("off_topic", "title and opening do not match")
            return _Chosen(page, found, topic_language=language)
        if self.choice.entries is not None:
            raise _UnwantedError("other_address", "no entry of the catalogue has its address")
        return _Chosen(page, found)

    def _keep(self, saved: Saved, chosen: _Chosen, rows: _Rows) -> None:
        """Draft the article of a page and add its rows; raises Refused if it gives none."""
        facts, hosts = _state(chosen.found, chosen.entry, self.registries)
        drawn = draft_page(chosen.page, chosen.found, facts, _add_outlets(self.registries, hosts), self.params)
        if isinstance(drawn, Failure):
            raise Refused(*explain_failure(drawn))
        if any(one["article_id"] == drawn.article_id for one in rows.received):
            raise _UnwantedError("same_page", f"its bytes are those of {drawn.article_id}")
        if drawn.record is None:
            raise AssertionError("the draft of a page has a record")
        rows.received.append(make_row(drawn.record, drawn.source, len(drawn.source)))
        rows.hosts |= hosts
        lost = [f"a paragraph was left out; the page does not hold it in this form: {one[:60]!r}" for one in drawn.lost]
        rows.provenance.append({
            "article_id": drawn.article_id, "source": saved.source, "url": saved.url, "taken_at": saved.taken_at,
            "catalogue_id": chosen.entry["catalogue_id"] if chosen.entry else None,
            "topic_language": chosen.topic_language, "warnings": [*chosen.warnings, *lost],
        })  # fmt: skip

    def _run_stages(self, rows: _Rows) -> tuple[dict[str, Any], list[Reject]]:
        """Run the stages on all articles; if one of them stops the stages, on each article alone."""
        registries = _add_outlets(self.registries, rows.hosts)
        try:
            tables = _run(rows.received, registries, self.params)
            return tables, [Reject(**row) for row in tables["rejects"].to_pylist()]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - find the article by running each one alone
            alone, rejects = [_run([], registries, self.params)], []
            for row in rows.received:
                try:
                    alone.append(_run([row], registries, self.params))
                except MemoryError:
                    raise
                except Exception as error:  # noqa: BLE001 - anybody made the page; the other articles go on
                    detail = f"{type(error).__name__}: {str(error)[:200]}"
                    rejects.append(Reject(row["article_id"], "hydrate", "no_article", detail))
            joined = {name: pa.concat_tables([one[name] for one in alone]) for name in (*TABLES[:3], "rejects")}
            return joined, [*(Reject(**row) for row in joined["rejects"].to_pylist()), *rejects]


def prepare_reader(choice: Choice) -> Callable[[Batch], Result]:
    """Load what reading needs, and return the function that reads a batch; for worker processes."""
    return Reader(choice).read


def describe(batch: Batch, tables: dict[str, Any] | None) -> Result:
    """Return a batch and its tables as a result."""
    return Result(batch.unit, batch.number, len(batch.pages), batch.left_out, batch.last, tables)


def lose_page(saved: Saved | Failure, reason: str, detail: str) -> dict[str, Any]:
    """Return the tables of a page that ended its worker process."""
    return make_empty() | {
        "rejects": rejects_table([Reject(saved.source, "hydrate", "no_article", f"{reason}: {detail}")])
    }


def join_tables(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Join the tables of single pages of a batch into the tables that a reading of the whole batch gives."""
    joined = {name: pa.concat_tables([one[name] for one in parts]).combine_chunks() for name in TABLES}
    joined["rejects"] = rejects_table(Reject(**row) for row in joined["rejects"].sort_by("id").to_pylist())
    return joined


def make_empty() -> dict[str, Any]:
    """Return all tables without rows."""
    corpus = {name: arrow_schema(schema().table(name)) for name in ("articles", "sentences")}
    others = (SKETCHES, REJECTS, DROPPED, PROVENANCE, OUTLETS)
    schemas = corpus | dict(zip(TABLES[2:], others, strict=True))
    return {name: one.empty_table() for name, one in schemas.items()}


def _run(received: list[dict[str, Any]], registries: Registries, params: Params) -> dict[str, Any]:
    table = pa.Table.from_pylist(received, schema=RECEIVED)
    given = {"received": table, "claims": registries.claim_table, **Annotations().tables(), **registries.tables}
    return run_stages(given, params, "batch")


def _describe(saved: Saved, entry: dict[str, Any]) -> Fetched:
    digest = sha256(saved.payload).hexdigest()
    came = saved.url or entry["url"]
    return Fetched(entry["url"], came, 200, saved.taken_at or "", None, saved.charset, saved.payload, digest)


def add_event(registries: Registries) -> Registries:
    """Add the event of pages that no catalogue entry describes; its kind is `bucket`, so it does not link articles."""
    columns = dict.fromkeys(registries.tables["events"].column_names)
    lists: dict[str, Any] = {"alleging_sources": [], "named_sources": []}
    about = "An article that `espress collect` kept; nobody has coded which event it reports."
    row = columns | lists | {"event_id": EVENT, "event_kind": "bucket", "description": about, "outcome": "unknown",
                             "basis": "unknown"}  # fmt: skip
    return replace(registries, events=registries.events | {EVENT: row})


def _add_outlets(registries: Registries, hosts: dict[str, str]) -> Registries:
    """Add outlets that are known by their host alone."""
    if not hosts:
        return registries
    columns = dict.fromkeys(registries.tables["outlets"].column_names)
    lists: dict[str, Any] = {"aliases": [], "official_acts": [], "facts": []}
    rows = {
        name: columns | lists
        | {"outlet_id": name, "name": host, "outlet_kind": "outlet", "domains": [host]}
        for name, host in hosts.items()
    }  # fmt: skip
    return replace(registries, outlets=registries.outlets | rows)


def _name_outlet(host: str, registries: Registries) -> str:
    """Return the id of an outlet that no registry has: its host with hyphens."""
    name = re.sub(r"[^a-z0-9]+", "-", host.casefold()).strip("-") or _NO_HOST
    return f"{name}-site" if name in registries.outlets else name


def _state(
    found: PageProposal, entry: dict[str, Any] | None, registries: Registries
) -> tuple[dict[str, Fact], dict[str, str]]:
    """Return the stated facts of a page, and its host by the id of the outlet if no registry has the outlet."""
    if entry is not None:
        published = found.facts.get("published")
        shown = published.value if published and isinstance(published.value, str) else None
        return state_facts(entry, shown), {}
    facts = {
        "event_ids": Fact("event_ids", [EVENT], "inferred", "low", "collected; nobody has coded the event"),
        "rights_tier": Fact("rights_tier", "hydrate", "inferred", "high", "collected by its reader"),
    }
    if "outlet_id" in found.facts:
        return facts, {}
    own = found.facts.get("url")
    host = (host_of(str(own.value)) if own is not None else "").removeprefix("www.") or _NO_HOST
    name = _name_outlet(host, registries)
    facts["outlet_id"] = Fact("outlet_id", name, "inferred", "medium", f"the host of its address, {host}")
    return facts, {name: host}
