"""Draft an article's folder from a saved page: its bytes, a record with proposed roles and facts, and doubts."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.files import sync_folder, write_new
from espress_build.add.freeze_spans import Credits, freeze
from espress_build.inputs import html_spans
from espress_build.inputs.record import FACTS, REQUIRED_FACTS, Fact, Record, expected_id, parse_record, precision
from espress_build.pages.plaintext import body_of_text
from espress_build.pages.plaintext_facts import Proposal, propose_roles
from espress_build.pages.propose import PageProposal, propose_page, proposer
from espress_build.pages.read import Page, read_page
from espress_build.pages.saved import Failure, Saved
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.extract import read_lines, refuse_html_characters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from espress_build.add.facts_file import FactsFile
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.page_fact import Found

    Stated = Mapping[str, str | list[str] | Fact]  # field -> value, or the whole fact if its basis is known

_OPTIONS = {"outlet_id": "--outlet ID", "event_ids": "--event ID"}
_SAID = ("json-ld", "opengraph", "meta", "microdata")  # stated by the page for machines


@dataclass(frozen=True)
class Source:
    """A page as received; `where` is what errors name, `charset` that of HTML, None for plain text."""

    where: str
    content: bytes
    charset: str | None = None


@dataclass(frozen=True)
class Draft:
    """An article as it would be written: its folder's name, source bytes, record and doubts.

    `sidecar` is the text of record.toml. `record` is the record parsed from it, or None if the draft was not made from
    a page. `lost` holds paragraphs of the page that were not found in its source, `gaps` the names of required facts
    that are not known.
    """

    article_id: str
    source: bytes
    sidecar: str
    doubts: list[str]
    name: str = "source.txt"
    lost: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    record: Record | None = None


def _to_toml(value: str | list[str] | list[list[str]]) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def sidecar_text(record: Record) -> str:
    """Return a record as the TOML that a curator edits: facts first, then one line a span."""
    spans = [
        f"  {{ line = {s.line}, start = {s.start}, end = {s.end}, role = {_to_toml(s.role)}"
        + (f", events = {_to_toml(list(s.events))}" if s.events else "")
        + " },"
        for s in record.spans
    ]
    head = [f"article_id = {_to_toml(record.article_id)}", f"sha256 = {_to_toml(record.sha256)}"]
    if record.charset is not None:
        head.append(f"charset = {_to_toml(record.charset)}")
    persons = [f"private_persons = {_to_toml([list(names) for names in record.private_persons])}"]
    lines = [*head, *(persons if record.private_persons else []), "", "spans = [", *spans, "]"]
    for name in FACTS:
        if fact := record.facts.get(name):
            given = {"value": fact.value, "basis": fact.basis, "confidence": fact.confidence, "note": fact.note}
            lines += ["", f"[facts.{name}]", *(f"{key} = {_to_toml(v)}" for key, v in given.items() if v is not None)]
    return "\n".join(lines) + "\n"


def _add_stated(proposal: Proposal, stated: Stated) -> dict[str, Fact]:
    facts = dict(proposal.facts)
    for name, value in stated.items():
        note = "stated when the article was added; say where it was found"
        facts[name] = value if isinstance(value, Fact) else Fact(name, value, "look-up", "medium", note)
    facts.setdefault("rights_tier", Fact("rights_tier", "full", "inferred", "high", "no licence or permission at hand"))
    return facts


def draft_text(source: Source, stated: Stated, registries: Registries, params: Params) -> Draft:
    """Draft a plain-text page; raises InputError as `assemble` does, or if the text cannot be read."""
    lines = read_lines(source.content, len(source.content), params)
    if not isinstance(lines, list):
        from espress_build.pages.charset import to_utf8

        way = to_utf8(source.content) if lines.reason == "not_utf8" else None
        raise InputError([f"{source.where}: {lines.reason}: {lines.detail}" + (f". Type: {way}" if way else ".")])
    return assemble(source, _propose_roles([line.text for line in lines], registries), stated, registries)


def _propose_roles(lines: list[str], registries: Registries) -> Proposal:
    """Propose roles and facts; lines between the paragraphs of the body are boilerplate."""
    parts = [(part.lines, part.role) for part in body_of_text("\n".join(lines)).paragraphs if part.lines]
    roles = {number: role for (first, last), role in parts for number in range(first, last + 1)}
    if not roles:
        return propose_roles(lines, registries)
    first, last = min(roles), max(roles)
    proposal = propose_roles(lines, registries, (first, last))
    proposal.spans = [
        replace(span, role=roles.get(span.line, "boilerplate"))
        if first <= span.line <= last and (span.role in ("body", "sub-heading") or span.line not in roles)
        else span
        for span in proposal.spans
    ]
    return proposal


def assemble(source: Source, proposal: Proposal, stated: Stated, registries: Registries) -> Draft:
    """Join a proposal and the stated facts; a required fact that neither gives is a gap with a doubt.

    Raises:
        InputError: a fact would stop the build (a gap raises no error); or the page shows neither its outlet nor a
            paragraph, so that it is hardly an article.
    """
    facts = _add_stated(proposal, stated)
    missing = [name for name in REQUIRED_FACTS if name not in facts]
    facts |= {name: Fact(name, None, "unknown", None, "not shown on the page; to be filled in") for name in missing}
    if missing and not any(span.role == "body" for span in proposal.spans):
        said = f"{source.where}: no paragraph is in it, and"
        raise InputError([f"{said} {name} is not shown; state it by {_OPTIONS[name]}." for name in missing])
    gaps = [f"{name} is not shown; state it by {_OPTIONS[name]}, or write it into record.toml" for name in missing]
    digest = hashlib.sha256(source.content).hexdigest()
    record = Record("", digest, tuple(proposal.spans), facts, charset=source.charset)
    text = sidecar_text(record := replace(record, article_id=expected_id(record)))
    parsed, problems = parse_record(text, registries, allow_gaps=True)
    if problems:
        raise InputError([f"{source.where}: {problem}." for problem in problems])
    unsure = [
        f"{name}: {fact.value!r} ({fact.basis}, {fact.confidence})"
        for name, fact in facts.items()
        if fact.confidence != "high" and name not in missing
    ]
    name = "source.txt" if source.charset is None else "source.html"
    doubts = [*gaps, *proposal.doubts, *unsure]
    return Draft(record.article_id, source.content, text, doubts, name, (), tuple(missing), parsed)


def read_runs(record: Record, item: Draft, params: Params) -> Iterator[tuple[int, str, str]]:
    """Yield number, role and text of each span of a plain text, or of each block of HTML."""
    if record.charset is not None:
        page = item.source.decode(record.charset)
        for number, spans in groupby(record.spans, key=lambda span: span.line):
            own = list(spans)
            parts = html_spans.paragraph_text(page, [(span.start, span.end) for span in own])
            yield number, own[0].role, "".join(shown.text for _, seen in parts for shown in seen)
        return
    lines = read_lines(item.source, len(item.source), params)
    texts = [line.text for line in lines] if isinstance(lines, list) else []
    for span in record.spans:
        yield span.line, span.role, texts[span.line - 1][span.start : span.end]


def show(item: Draft, params: Params) -> str:
    """Return the draft as text for the curator: each span with its role, then facts, then doubts."""
    record, _ = parse_record(item.sidecar, allow_gaps=True)
    if record is None:
        raise AssertionError("the record of a draft parses")
    rows = [f"{line:>4}  {role:<12} {text[:90]}" for line, role, text in read_runs(record, item, params)]
    facts = [
        f"      {fact.field:<16} {fact.value!r}  [{fact.basis}, {fact.confidence}]" for fact in record.facts.values()
    ]
    if silent := [name for name in FACTS if name not in record.facts]:
        facts.append(f"      not shown: {', '.join(silent)}")
    doubts = [f"  ?   {doubt}" for doubt in item.doubts]
    return "\n".join([item.article_id, *rows, "", *facts, "", *(["Look at these first:", *doubts] if doubts else [])])


def write(item: Draft, raw: Path) -> Path:
    """Write a draft below `raw/articles`, whole or not at all; returns the folder.

    Raises:
        InputError: the folder exists.
    """
    raw.mkdir(parents=True, exist_ok=True)
    folder = raw / "articles" / item.article_id
    if folder.exists():
        raise InputError([f"{folder} exists; raw/ is append-only. The page with these bytes is already there."])
    # A half-written folder in articles/ would stop the build.
    with dataset_swap.scratch(raw / "article") as made:
        whole = made / item.article_id
        write_new(whole / item.name, item.source)
        write_new(whole / "record.toml", item.sidecar.encode())
        folder.parent.mkdir(exist_ok=True)
        whole.rename(folder)
    sync_folder(folder.parent)
    return folder


def _make_fact(name: str, found: Found) -> Fact:
    said = found.basis in (*_SAID, "markup", "text")
    confidence = "high" if found.basis in _SAID else "medium"
    return Fact(name, found.value, "text" if said else "inferred", confidence, f"{found.basis}: {found.where}")


def _is_usable(name: str, found: Found, registries: Registries) -> bool:
    """Return whether a value has the form that a record needs; registries know the outlets that it may name."""
    value = found.value
    if name == "published":
        return isinstance(value, str) and precision(value) is not None
    if name == "updated":
        return isinstance(value, str) and precision(value) == "day"
    if name == "language" and found.basis == "text":  # the build itself detects the language of the text
        return False
    return value in registries.outlets if name.endswith("_id") else bool(value)


def _make_facts(proposal: PageProposal, registries: Registries) -> dict[str, Fact]:
    facts = {
        name: _make_fact(name, found)
        for name, found in proposal.facts.items()
        if name in FACTS and _is_usable(name, found, registries)
    }
    if "url" in facts:
        kind = "copy" if "republisher_id" in facts else "original"
        facts["url_kind"] = Fact("url_kind", kind, "inferred", "medium", "by the outlet that the address belongs to")
    return facts


def _compare_outlet(proposal: PageProposal, stated: Stated, registries: Registries) -> list[str]:
    """Return a doubt if the page names another outlet than the draft has."""
    named, key = proposal.facts.get("outlet"), proposal.facts.get("outlet_id")
    wanted = stated.get("outlet_id")
    if named is None:
        return []
    said = f"the page names {named.value!r} ({named.basis}: {named.where})"
    if wanted is None:
        unknown = f"{said}, which is no outlet of schema/registries/outlets.toml; add an entry there"
        return [unknown] if key is None else []
    if isinstance(wanted, Fact):
        wanted = wanted.value
    row = registries.outlets.get(str(wanted), {"name": "", "aliases": []})
    same = (key is not None and key.value == wanted) or named.value in (row["name"], *row["aliases"])
    return [] if same else [f"{said} as its outlet, not {wanted}"]


def _draft_html(page: Page, proposal: PageProposal, stated: Stated, registries: Registries) -> Draft | Failure:
    if "\ufffd" in page.text:
        at = page.text.index("\ufffd")
        return Failure(page.source, "mojibake", f"character {at} is lost; fetch the page again")
    title, standfirst = proposal.facts.get("title"), proposal.facts.get("standfirst")
    spans, lost = freeze(
        page.text, str(title.value) if title else None, str(standfirst.value) if standfirst else None,
        proposal.paragraphs, Credits.of(proposal.facts),
    )  # fmt: skip
    if not any(span.role == "body" for span in spans):
        return Failure(page.source, "no_body", "no paragraph of an article was found in it")
    if not any(span.role == "title" for span in spans):
        return Failure(page.source, "no_title", "no headline was found above its paragraphs")
    if refusal := refuse_html_characters(page.text, [(span.line, span.start, span.end) for span in spans]):
        return Failure(page.source, refusal.reason, refusal.detail)
    others = _compare_outlet(proposal, stated, registries)
    doubts = [f"this paragraph is not in the source of the page; mark it by hand: {part[:60]!r}" for part in lost]
    drawn = Proposal(spans, _make_facts(proposal, registries), [*others, *doubts])
    item = assemble(Source(page.source, page.payload, page.charset), drawn, stated, registries)
    return replace(item, lost=tuple(lost))


def draft_saved(saved: Saved | Failure, stated: Stated, registries: Registries, params: Params) -> Draft | Failure:
    """Draft a saved page, or return why it cannot be drafted."""
    if isinstance(saved, Failure):
        return saved
    page = read_page(saved, params.pages)
    if isinstance(page, Failure):
        return page
    if saved.url and page.url and "url" not in stated and page.kind == "text":
        stated = {**stated, "url": page.url, "url_kind": stated.get("url_kind", "original")}
    proposal = propose_page(page, registries, params) if page.kind == "html" else None
    return proposal if isinstance(proposal, Failure) else draft_page(page, proposal, stated, registries, params)


def draft_page(
    page: Page, proposal: PageProposal | None, stated: Stated, registries: Registries, params: Params
) -> Draft | Failure:
    """Draft a page, or return why it cannot be drafted; for plain text, the proposal is not used."""
    try:
        if page.kind == "text" or proposal is None:
            return draft_text(Source(page.source, page.payload), stated, registries, params)
        return _draft_html(page, proposal, stated, registries)
    except InputError as error:
        said = " ".join(problem.removeprefix(f"{page.source}: ") for problem in error.problems)
        named = re.match(r"(\w+): ", said)  # plain text comes with the reason of the stage that would reject it
        return Failure(page.source, named[1] if named else "unfit", said[named.end() :] if named else said)


def make_drafter(
    stated: Stated, facts: FactsFile, registries: Registries, params: Params
) -> Callable[[Saved | Failure], Draft | Failure]:
    """Load the libraries, and return the function that drafts one input; for worker processes."""
    proposer(registries, params)
    return lambda saved: draft_saved(saved, {**stated, **facts.select(saved)}, registries, params)
