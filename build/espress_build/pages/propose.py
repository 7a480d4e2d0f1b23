"""What a saved page seems to be: the facts that it shows, each with its basis, and the paragraphs of its article."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.pages.read import Failure, Page, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.fact import Found
    from espress_build.pages.paragraphs import Body, Paragraph
    from espress_build.pages.read import Saved
    from espress_build.pages.worker_pool import Lost

# The flat columns of `espress-build propose`, in this order; what is not found is null, or [] for authors.
COLUMNS = (
    "title", "standfirst", "authors", "published", "published_date", "updated", "outlet", "outlet_id", "agency",
    "republisher", "section", "language", "url",
)  # fmt: skip
_CYCLES = (100_000, 50, 100)  # when Python looks for cycles of objects, in worker processes
_STANDFIRSTS = 4  # lines, blank ones with them, from a headline to the end of its standfirst
_TEXT_ROLES = ("body", "sub-heading")


@dataclass(frozen=True)
class PageProposal:
    """The facts and paragraphs of one page; `basis` is where each fact was seen, in the words of `Found`."""

    source: str
    facts: dict[str, Found]
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The article's body with its sub-headings, paragraphs apart by a blank line."""
        return "\n\n".join(part.text for part in self.paragraphs if part.role in _TEXT_ROLES)

    def row(self) -> dict[str, Any]:
        """Return the proposal as one flat object."""
        values: dict[str, Any] = {name: found.value for name, found in self.facts.items()}
        published = values.get("published")
        if published is not None and len(published) >= len("2019-07-23"):
            values["published_date"] = published[:10]
        row = {"source": self.source} | {name: values.get(name) for name in COLUMNS}
        row["authors"] = row["authors"] or []
        basis = {name: found.basis for name, found in self.facts.items() if name in COLUMNS}
        return row | {"text": self.text, "basis": basis}


def _about_headline(lines: list[str], title: int, first: int, facts: dict[str, Found]) -> dict[str, Found]:
    """Return day and authors as the lines about the headline show them; a time that is known of that day stays."""
    from espress_build.pages.plaintext_byline import credits_by

    shown = credits_by(lines, title, first, None)
    day, known = shown.get("published"), facts.get("published")
    if day and known and str(known.value).startswith(str(day.value)):
        shown["published"] = known
    return shown


def _text_facts(page: Page, registries: Registries, body: Body) -> dict[str, Found]:
    """Return what the lines of a plain-text copy show."""
    from espress_build.add.propose_text import propose
    from espress_build.pages.fact import Found
    from espress_build.pages.plaintext_title import headline
    from espress_build.pipeline.extract import split_lines

    lines = [line.text for line in split_lines(page.text, 0)]
    at = [part.lines for part in body.paragraphs if part.lines is not None]
    proposal = propose(lines, registries, (at[0][0], at[-1][1]) if at else None)
    facts = {
        name: Found(fact.value, fact.basis, fact.note or "")
        for name, fact in proposal.facts.items()
        if fact.value is not None
    }
    for span in proposal.spans:
        if span.role in ("title", "standfirst", "section"):
            shown = Found(lines[span.line - 1][span.start : span.end], "text", f"line {span.line}")
            facts.setdefault(span.role, shown)
    taken = {span.line for span in proposal.spans if span.role in ("byline", "date", "masthead", "agency")}
    if at and (number := headline(lines, at[0][0], taken)):
        first = next((span.line for span in proposal.spans if span.role == "title"), number)
        if 0 < number - first <= _STANDFIRSTS:  # between them stands no more than a standfirst
            number = first
        facts["title"] = Found(lines[number - 1].strip(), "text", f"line {number}")
        facts |= _about_headline(lines, number, at[0][0], facts)
    for key, name in (("outlet_id", "outlet"), ("agency_id", "agency")):
        if (fact := facts.get(key)) and name not in facts and isinstance(fact.value, str):
            facts[name] = Found(registries.outlets[fact.value]["name"], fact.basis, fact.where)
    return facts


def _with_language(facts: dict[str, Found], body: Body, params: Params) -> dict[str, Found]:
    """Add the language of the text where the page does not state one."""
    from espress_build.pages.fact import Found
    from espress_build.pipeline.language import detect

    if "language" in facts or not body.paragraphs:
        return facts
    detected = detect("\n\n".join(part.text for part in body.paragraphs), params.language).language
    if detected is None:
        return facts
    return facts | {"language": Found(detected.partition("-")[0], "text", "the words of the body")}


def propose_page(page: Page, registries: Registries, params: Params) -> PageProposal | Failure:
    """Propose facts and paragraphs of a page; a page with neither title nor body is a failure.

    Whatever a parser makes of an untrusted page, nothing but MemoryError is raised.
    """
    from espress_build.pages.body import body_of_html
    from espress_build.pages.metadata import metadata
    from espress_build.pages.plaintext import body_of_text

    try:
        if page.kind == "html":
            facts = metadata(page.text, page.url, registries)
            title = facts.get("title")
            body = body_of_html(page.text, title=str(title.value) if title else None)
        else:
            body = body_of_text(page.text)
            facts = _text_facts(page, registries, body)
        facts = _with_language(facts, body, params)
    except RecursionError:
        return Failure(page.source, "too_deep", "its elements are nested too deeply to be an article")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a page that anybody made, in parsers that others wrote: the rest goes on
        return Failure(page.source, "unreadable", f"{type(error).__name__}: {str(error)[:200]}")
    if "title" not in facts and not body.paragraphs:
        return Failure(page.source, "no_article", "neither a headline nor a paragraph is in it")
    return PageProposal(page.source, facts, body.paragraphs)


def as_line(row: dict[str, Any]) -> bytes:
    """Return one object as a line of JSON; what is no character (a file name of other bytes) is escaped."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return a failure as one flat object."""
    return {"source": failure.source, "error": f"{failure.reason}: {failure.detail}"}


def propose_saved(saved: Saved | Failure, registries: Registries, params: Params) -> PageProposal | Failure:
    """Read what was found and propose, or say why not."""
    if isinstance(saved, Failure):
        return saved
    page = read_page(saved, params.pages)
    return page if isinstance(page, Failure) else propose_page(page, registries, params)


def proposer(registries: Registries, params: Params) -> Callable[[Saved], PageProposal | Failure]:
    """Return the work on one input, with its libraries loaded; for worker processes."""
    import espress_build.pages.body
    import espress_build.pages.metadata
    import espress_build.pages.plaintext  # noqa: F401 - loaded now, so that no page's time pays for it

    gc.freeze()  # what is loaded stays; a page's elements mostly go by themselves, and looking for cycles takes time
    gc.set_threshold(*_CYCLES)
    return lambda saved: propose_saved(saved, registries, params)


def lost_failure(saved: Saved, lost: Lost) -> Failure:
    """Return the failure of an input that cost its worker process."""
    return Failure(saved.source, lost.reason, lost.detail)
