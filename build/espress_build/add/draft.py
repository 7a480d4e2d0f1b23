"""From a saved page to the draft of an article's folder: bytes as received, roles and facts as proposed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.add.draft_text import Draft, Source, draft_text, drafted
from espress_build.add.propose_text import Proposal
from espress_build.inputs.record import FACTS, Fact, precision
from espress_build.pages.freeze import Credits, freeze
from espress_build.pages.propose import PageProposal, propose_page, proposer
from espress_build.pages.read import Failure, Page, Saved, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.add.draft_text import Stated
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.fact import Found

_SAID = ("json-ld", "opengraph", "meta", "microdata")  # by the page in so many words


def _fact(name: str, found: Found) -> Fact:
    said = found.basis in (*_SAID, "markup", "text")
    confidence = "high" if found.basis in _SAID else "medium"
    return Fact(name, found.value, "text" if said else "inferred", confidence, f"{found.basis}: {found.where}")


def _usable(name: str, found: Found, registries: Registries) -> bool:
    """Whether a value has the form that a sidecar asks for; registries know the outlets that it may name."""
    value = found.value
    if name == "published":
        return isinstance(value, str) and precision(value) is not None
    if name == "updated":
        return isinstance(value, str) and precision(value) == "day"
    return value in registries.outlets if name.endswith("_id") else bool(value)


def _facts(proposal: PageProposal, registries: Registries) -> dict[str, Fact]:
    facts = {
        name: _fact(name, found)
        for name, found in proposal.facts.items()
        if name in FACTS and _usable(name, found, registries)
    }
    if "url" in facts:
        kind = "copy" if "republisher_id" in facts else "original"
        facts["url_kind"] = Fact("url_kind", kind, "inferred", "medium", "by the outlet that the address belongs to")
    return facts


def _named(proposal: PageProposal, stated: Stated, registries: Registries) -> tuple[list[str], list[str]]:
    """Say what the page calls its outlet, where this is not the outlet of the draft: as doubts, and as problems."""
    named, key = proposal.facts.get("outlet"), proposal.facts.get("outlet_id")
    wanted = stated.get("outlet_id")
    if named is None:
        return [], []
    said = f"page names {named.value!r} ({named.basis}: {named.where})"
    if wanted is None:
        unknown = f"The {said}, which is no outlet of schema/registries/outlets.toml; add an entry there"
        return [], [unknown] if key is None else []
    row = registries.outlets.get(str(wanted), {"name": "", "aliases": []})
    same = (key is not None and key.value == wanted) or named.value in (row["name"], *row["aliases"])
    return [] if same else [f"the {said} as its outlet, not {wanted}"], []


def _html_draft(page: Page, proposal: PageProposal, stated: Stated, registries: Registries) -> Draft | Failure:
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
    others, unknown = _named(proposal, stated, registries)
    doubts = [f"this paragraph does not stand in the page as it reads; mark it by hand: {part[:60]!r}" for part in lost]
    drawn = Proposal(spans, _facts(proposal, registries), [*others, *doubts])
    try:
        item = drafted(Source(page.source, page.payload, page.charset), drawn, stated, registries)
        return replace(item, lost=tuple(lost))
    except InputError as error:
        raise InputError([*error.problems, *(f"{page.source}: {one}." for one in unknown)]) from error


def draft_saved(saved: Saved | Failure, stated: Stated, registries: Registries, params: Params) -> Draft | Failure:
    """Draft what was found, or say why not: what it is, or which fact is missing and how to state it."""
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
    """Draft a page that was proposed, or say why not; plain text needs no proposal: its lines get roles."""
    try:
        if page.kind == "text" or proposal is None:
            return draft_text(Source(page.source, page.payload), stated, registries, params)
        return _html_draft(page, proposal, stated, registries)
    except InputError as error:
        said = " ".join(problem.removeprefix(f"{page.source}: ") for problem in error.problems)
        named = re.match(r"(\w+): ", said)  # plain text comes with the reason of the stage that would reject it
        return Failure(page.source, named[1] if named else "unfit", said[named.end() :] if named else said)


def drafter(stated: Stated, registries: Registries, params: Params) -> Callable[[Saved | Failure], Draft | Failure]:
    """Return the work on one input, with its libraries loaded; for worker processes."""
    proposer(registries, params)
    return lambda saved: draft_saved(saved, stated, registries, params)
