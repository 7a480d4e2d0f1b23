"""Propose the facts of a saved page, each with its provenance, and the paragraphs of its article."""

from __future__ import annotations

import gc
import json
import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from espress.urls import page_key
from espress_build.pages.authors import find_agency, find_authors
from espress_build.pages.body import find_body
from espress_build.pages.dates import DateStyle, find_published, find_updated
from espress_build.pages.dom import Document, name_key
from espress_build.pages.jsonld import Node, is_article, is_aside, is_page, read_claims, read_texts
from espress_build.pages.language import find_language
from espress_build.pages.outlet import find_outlet, index_outlets, site_of
from espress_build.pages.page_fact import Claim, Found
from espress_build.pages.plaintext import body_of_text
from espress_build.pages.plaintext_facts import find_text_facts
from espress_build.pages.read import Page, read_page
from espress_build.pages.saved import Failure
from espress_build.pages.title import find_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries
    from espress_build.pages.prose import Body, Paragraph
    from espress_build.pages.saved import Saved
    from espress_build.pages.worker_pool import LostItem

# The columns of `espress-build propose`, in this order; a value that is not found is null, or [] for authors.
COLUMNS = (
    "title", "standfirst", "authors", "published", "published_date", "updated", "outlet", "outlet_id", "agency",
    "republisher", "section", "language", "url",
)  # fmt: skip
_CYCLES = (100_000, 50, 100)  # thresholds of the garbage collector in worker processes
_TEXT_ROLES = ("body", "sub-heading")
_STANDFIRST_METAS = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
_SECTION_METAS = (
    "article:section", "parsely-section", "section", "cxenseparse:section", "category", "dc.subject.section"
)  # fmt: skip
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d{4,14}[a-z_]*/(?=https?:)")


@dataclass(frozen=True)
class PageProposal:
    """The facts and paragraphs of one page."""

    source: str
    facts: dict[str, Found]
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The body with its sub-headings; a blank line separates paragraphs."""
        return "\n\n".join(part.text for part in self.paragraphs if part.role in _TEXT_ROLES)

    def row(self) -> dict[str, Any]:
        """Return the proposal as one flat object; `basis` gives that of each fact."""
        values: dict[str, Any] = {name: found.value for name, found in self.facts.items()}
        published = values.get("published")
        if published is not None and len(published) >= len("2019-07-23"):
            values["published_date"] = published[:10]
        row = {"source": self.source} | dict.fromkeys(COLUMNS) | {"authors": []}
        row |= {name: value for name, value in values.items() if name in COLUMNS}
        basis = {name: found.basis for name, found in self.facts.items() if name in COLUMNS}
        return row | {"text": self.text, "basis": basis}


def _addresses(page: Document, node: Node, url: str | None) -> Iterator[Claim]:
    """Yield the addresses that may be the page's own, the canonical one first."""
    if canonical := page.linked("canonical"):
        yield Claim(canonical, "markup", "link canonical")
    yield from page.meta("og:url", "twitter:url")
    for key in ("mainEntityOfPage", "url", "@id"):
        at = next(filter(None, _addresses_in(node.get(key))), None)
        if isinstance(at, str):
            yield Claim(at.strip(), "json-ld", key)
    if url:
        yield Claim(url, "address", "as given")


def _own_address(page: Document, node: Node, url: str | None) -> Found | None:
    """Return the article's address; one of the site's front page only if there is no other."""
    fit: list[tuple[bool, Claim]] = []
    for claim in _addresses(page, node, url):
        try:
            whole = _ARCHIVED.sub("", urljoin(url or "", claim.text))
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname:
            fit.append((bool(parts.path.strip("/") or parts.query), Claim(whole, claim.basis, claim.where)))
    _, best = max(fit, key=lambda one: one[0], default=(False, None))
    return best.found(best.text.split("#")[0]) if best else None


def _article(page: Document, url: str | None) -> Node:
    """Return the JSON-LD object of the page's own article: of several, the one that fits titles and address best."""
    near = {name_key(text) for text in (*page.headings, *page.metas.get("og:title", ()))}
    addresses = {page_key(one) for one in (url, page.linked("canonical"), *page.metas.get("og:url", ())) if one}
    best: tuple[float, Node] | None = None
    for node in page.nodes:
        if not is_article(node) and not is_page(node):
            continue
        heads = read_texts(node.get("headline")) or read_texts(node.get("name"))
        own = [node.get("url"), node.get("@id"), *_addresses_in(node.get("mainEntityOfPage"))]
        weight = 3.0 * any(name_key(head) in near for head in heads)
        weight += 3.0 * any(isinstance(one, str) and page_key(one.split("#")[0]) in addresses for one in own)
        weight += bool(node.get("datePublished")) + bool(node.get("author")) + bool(node.get("mainEntityOfPage"))
        weight -= 4.0 * is_aside(node) + 2.5 * is_page(node)
        if best is None or weight > best[0]:
            best = (weight, node)
    return best[1] if best and best[0] >= 0 else {}


def _addresses_in(value: Any) -> list[Any]:
    """Return the addresses in a value of JSON-LD: the value itself, or those of an object."""
    return [value.get("@id"), value.get("url")] if isinstance(value, dict) else [value]


def _first(claims: Iterable[Claim], title: str, longest: int) -> Found | None:
    """Return the first claim that is not the title and not longer than `longest` characters."""
    fit = (claim for claim in claims if name_key(claim.text) not in {name_key(title), ""})
    return next((claim.found() for claim in fit if len(claim.text) <= longest), None)


def _find_standfirst(page: Document, node: Node, title: str) -> Found | None:
    claims = chain(page.leads(title), read_claims(node, "description"), page.meta(*_STANDFIRST_METAS))
    return _first(claims, title, 1000)


def _find_section(page: Document, node: Node, title: str) -> Found | None:
    claims = chain(read_claims(node, "articleSection"), page.meta(*_SECTION_METAS), page.items("articleSection"))
    return _first((claim for claim in claims if not re.match(r"https?:|\d+$", claim.text)), title, 80)


def find_facts(page: Document, url: str | None, registries: Registries) -> dict[str, Found]:
    """Return the facts of a page by name, without those that it does not give.

    Keys: title, standfirst, authors (a list), published (`YYYY-MM-DD`, with `THH:MM` or `THH:MM:SS` if given),
    published_zone (`+02:00`), published_date, updated (a day), outlet, outlet_id, republisher, republisher_id, agency,
    agency_id, section, language (ISO 639-1 or -3), url.
    """
    registry, node = index_outlets(registries), _article(page, url)
    address = _own_address(page, node, url)
    at = str(address.value) if address else url
    home = at if at and urlsplit(at).hostname else url
    site = site_of(home, [one.text for one in page.meta("og:site_name")], registry)
    title = find_title(page, node, site)
    shown = str(title.value) if title else ""
    language = find_language(page, node)
    found = {"title": title, "url": address, "language": language}
    stated = page.attribute("lang") or ""
    code = str(language.value) if language else None
    style = DateStyle(stated if code and stated.lower().startswith(code) else code, site.host)
    found |= find_outlet(page, node, shown, site, registry)
    found |= {"standfirst": _find_standfirst(page, node, shown), "section": _find_section(page, node, shown)}
    found |= find_published(page, node, at, shown, style) | find_updated(page, node, style)
    own = replace(site, keys=site.keys | {name_key(str(one.value)) for one in (found.get("outlet"),) if one})
    found |= find_authors(page, node, shown, own, registry) | find_agency(page, node, registry)
    return {field: one for field, one in found.items() if one is not None}


def _with_language(facts: dict[str, Found], body: Body, params: Params) -> dict[str, Found]:
    """Add the language of the text if the page does not state one."""
    from espress_build.pipeline.language import detect

    if "language" in facts or not body.paragraphs:
        return facts
    detected = detect(body.text, params.language).language
    if detected is None:
        return facts
    return facts | {"language": Found(detected.partition("-")[0], "text", "the words of the body")}


def propose_page(page: Page, registries: Registries, params: Params) -> PageProposal | Failure:
    """Propose facts and paragraphs of a page; a page with neither title nor body is a failure.

    No page raises any error except MemoryError.
    """
    try:
        if page.kind == "html":
            document = Document(page.text)
            facts = find_facts(document, page.url, registries)
            title = facts.get("title")
            body = find_body(document, title=str(title.value) if title else None)
        else:
            body = body_of_text(page.text)
            facts = find_text_facts(page, registries, body)
        facts = _with_language(facts, body, params)
    except RecursionError:
        return Failure(page.source, "too_deep", "its elements are nested too deeply to be an article")
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - anybody can make a page, and parsers have faults; the others go on
        return Failure(page.source, "unreadable", f"{type(error).__name__}: {str(error)[:200]}")
    if "title" not in facts and not body.paragraphs:
        return Failure(page.source, "no_article", "neither a headline nor a paragraph is in it")
    return PageProposal(page.source, facts, body.paragraphs)


def as_line(row: dict[str, Any]) -> bytes:
    """Return an object as a line of JSON; lone surrogates, as in file names that are not UTF-8, are escaped."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return a failure as one flat object."""
    return {"source": failure.source, "error": f"{failure.reason}: {failure.detail}"}


def propose_saved(saved: Saved | Failure, registries: Registries, params: Params) -> PageProposal | Failure:
    """Read a saved page and propose its facts and paragraphs."""
    if isinstance(saved, Failure):
        return saved
    page = read_page(saved, params.pages)
    return page if isinstance(page, Failure) else propose_page(page, registries, params)


def proposer(registries: Registries, params: Params) -> Callable[[Saved], PageProposal | Failure]:
    """Load the libraries, and return the function that proposes for one input; for worker processes."""
    gc.freeze()  # few objects of a page are in cycles, so that frequent collections would only take time
    gc.set_threshold(*_CYCLES)
    return lambda saved: propose_saved(saved, registries, params)


def lost_failure(saved: Saved, lost: LostItem) -> Failure:
    """Return the failure of an input that ended its worker process."""
    return Failure(saved.source, lost.reason, lost.detail)
