"""Facts that a saved HTML page gives of its article, each with its basis: the one place that orders the sources."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from espress.urls import host_of, page_key
from espress_build.pages.authors import name_key
from espress_build.pages.dates import Manner
from espress_build.pages.fact import Claim, Found
from espress_build.pages.jsonld import Node, is_article, is_aside, is_page, texts, types_of
from espress_build.pages.language import language
from espress_build.pages.markup import Markup, parse
from espress_build.pages.outlet import Site, bare_name, choose_name, is_sign, own_host, site_of
from espress_build.pages.outlet_index import Directory, directory_of
from espress_build.pages.publication_date import published, updated
from espress_build.pages.signature import agency, authors
from espress_build.pages.title import choose, names_site, parts_of, shown_part, without_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.registries import Registries

_MAX_TITLE = 500  # characters; a longer one is no headline
_TITLES = ("twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "citation_title", "title")
_HEADLINES = '[class*="entry-title" i], [class*="headline" i], [class*="article-title" i], [class*="post-title" i]'
_STANDFIRSTS = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
_SECTIONS = ("article:section", "parsely-section", "section", "cxenseparse:section", "category", "dc.subject.section")
_DOMAIN_LIKE = re.compile(r"^\S+\.[a-z]{2,4}$")
_SITE_NAMES = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "dc.publisher",
    "publisher",
    "al:android:app_name",
)


def _addresses(page: Markup, node: Node | None, url: str | None) -> Iterator[Claim]:
    """Yield what may be the page's own address, the canonical one first."""
    if canonical := page.linked("canonical"):
        yield Claim(canonical, "markup", "link canonical")
    yield from page.meta("og:url", "twitter:url")
    for key in ("mainEntityOfPage", "url", "@id"):
        value = (node or {}).get(key)
        at = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(at, str):
            yield Claim(at.strip(), "json-ld", key)
    if url:
        yield Claim(url, "address", "as given")


def _own_address(page: Markup, node: Node | None, url: str | None) -> Found | None:
    """Return the article's address; a canonical one that is only the site's front page is a slip of its template."""
    fit = []
    for claim in _addresses(page, node, url):
        try:
            whole = urljoin(url or "", claim.text)
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname:
            fit.append((bool(parts.path.strip("/") or parts.query), Claim(whole, claim.basis, claim.where)))
    best = next((claim for deep, claim in fit if deep), fit[0][1] if fit else None)
    return best.found(best.text.split("#")[0]) if best else None


def _article(page: Markup, url: str | None) -> Node | None:
    """Return the JSON-LD object of the page's own article: of several, the one that page's titles and address match."""
    near = {name_key(text) for text in (*page.headings, *page.metas.get("og:title", ()))}
    addresses = {page_key(one) for one in (url, page.linked("canonical"), *page.metas.get("og:url", ())) if one}
    best: tuple[float, Node] | None = None
    for node in page.nodes:
        if not is_article(node) and not is_page(node):
            continue
        heads = texts(node.get("headline")) or texts(node.get("name"))
        own = [node.get("url"), node.get("@id"), *_ids(node.get("mainEntityOfPage"))]
        weight = 3.0 * any(name_key(head) in near for head in heads)
        weight += 3.0 * any(isinstance(one, str) and page_key(one.split("#")[0]) in addresses for one in own)
        weight += bool(node.get("datePublished")) + bool(node.get("author")) + bool(node.get("mainEntityOfPage"))
        weight -= 4.0 * is_aside(node) + 2.5 * is_page(node)
        if best is None or weight > best[0]:
            best = (weight, node)
    return best[1] if best and best[0] >= 0 else None


def _ids(value: Any) -> list[Any]:
    return [value.get("@id"), value.get("url")] if isinstance(value, dict) else [value]


def _site_names(page: Markup, node: Node | None) -> Iterator[Claim]:
    """Yield what the page calls its site."""
    yield from page.meta("og:site_name")
    for name in texts((node or {}).get("publisher"), page.named):
        yield Claim(name, "json-ld", "publisher.name")
    for other in page.nodes:
        if {"NewsMediaOrganization", "WebSite", "Organization", "Newspaper"} & set(types_of(other)) and not is_aside(
            other
        ):
            yield from (Claim(name, "json-ld", f"{types_of(other)[0]}.name") for name in texts(other.get("name")))
    yield from page.meta(*_SITE_NAMES[1:])
    yield from page.items("publisher")


def _title(page: Markup, node: Node | None, site: Site) -> Found | None:
    """Return the headline that the page's places agree on, without the site's name."""
    linked = [Claim(text, "json-ld", key) for key in ("headline", "name") for text in texts((node or {}).get(key))]
    claims = [*(Claim(text, "markup", "h1") for text in page.headings), *linked[:2], *page.meta("og:title")]
    claims += [*page.meta(*_TITLES), *page.items("headline"), Claim(page.page_title, "markup", "title")]
    claims = [one for one in claims if len(one.text) <= _MAX_TITLE]
    if not page.headings:
        lines = frozenset(name_key(line) for line in page.lines[:200])
        whole = next((one.text for one in claims if one.where in {"og:title", "title"}), "")
        claims.insert(0, Claim(shown_part(whole, lines) or "", "text", "line"))
    shown = {name_key(claim.text) for claim in claims if claim.where in {"h1", "line"}}
    solid = shown | {name_key(claim.text) for claim in claims if claim.where == "headline"}
    others = {one: frozenset(solid - ({name_key(one.text)} - shown)) for one in claims}
    stripped = [
        Claim(without_site(one.text, site.keys, site.label, others[one]), one.basis, one.where) for one in claims
    ]
    best = choose(stripped, site.keys, site.label) or next(page.marked(_HEADLINES, ""), None)
    return best.found() if best else None


def _tails(page_title: str, title: str, site: Site) -> Iterator[Claim]:
    """Yield the parts of `<title>` beside the headline that name the site, and the last ones, if they are short."""
    led = page_title.startswith(title)
    rest = re.sub(r"^\W+|\]$", "", page_title[len(title) :]) if led and title else page_title
    said = parts_of(title)
    beside = [part.strip() for part in reversed(parts_of(rest)) if name_key(part) not in map(name_key, (title, *said))]
    named = [part for part in beside if names_site(bare_name(part, site.host), site.keys, site.label)]
    last = (
        beside[: 2 if _DOMAIN_LIKE.search(beside[0]) else 1]
        if led and beside and (not named or "." in named[0])
        else []
    )
    yield from (Claim(part, "markup", "title") for part in (*named, *(one for one in last if len(one) <= 30)))


def _shown_name(page: Markup, node: Node | None, title: str, site: Site) -> Found | None:
    """Return the site's name as the page's data and title have it; where they have none, as the sign over it does."""
    best = choose_name([*_site_names(page, node), *_tails(page.page_title, title, site)], title, site)
    if site.label and (best is None or best[0] == site.host.removeprefix("www.")):
        best = choose_name([claim for claim in page.signs if is_sign(claim.text, site)], title, site) or best
    return best[1].found(best[0]) if best else None


def _outlet(page: Markup, node: Node | None, title: str, site: Site, directory: Directory) -> dict[str, Found]:
    """Return the outlet as the page names it, and the registry's entry by domain or name.

    An entry of the kind republisher is the page's republisher; the outlet is then whom the page's own data name, if
    anybody else.
    """
    name = _shown_name(page, node, title, site)
    if name is None and not site.label:
        site = site_of(f"http://{own_host(page.hosts)}/", [], directory)
    row = site.row
    by = Found(str(row["outlet_id"]), "registry", f"domain {site.host}") if row else None
    if row is None and name and (row := directory.by_name(str(name.value))):
        by = Found(str(row["outlet_id"]), "registry", f"name {name.value}")
    if row and by and row["kind"] == "republisher":
        return {"republisher": Found(str(row["name"]), by.basis, by.where), "republisher_id": by}
    if row and by:
        name = name or Found(str(row["name"]), "registry", by.where)
    elif name is None and site.label:
        name = Found(site.host.removeprefix("www."), "address", "host")
    return {field: one for field, one in (("outlet", name), ("outlet_id", by)) if one}


def _first(claims: Iterator[Claim], not_: str, longest: int) -> Found | None:
    fit = (claim for claim in claims if claim.text and name_key(claim.text) not in {name_key(not_), ""})
    return next((claim.found() for claim in fit if len(claim.text) <= longest), None)


def _standfirst(page: Markup, node: Node | None, title: str) -> Found | None:
    """Return the page's short account of itself: what it shows under the headline, or tells machines."""

    def claims() -> Iterator[Claim]:
        yield from page.leads(title)
        yield from (Claim(text, "json-ld", "description") for text in texts((node or {}).get("description")))
        yield from page.meta(*_STANDFIRSTS)

    return _first(claims(), title, 1000)


def _section(page: Markup, node: Node | None, title: str) -> Found | None:
    def claims() -> Iterator[Claim]:
        yield from (Claim(text, "json-ld", "articleSection") for text in texts((node or {}).get("articleSection")))
        yield from page.meta(*_SECTIONS)
        yield from page.items("articleSection")

    return _first((claim for claim in claims() if not re.match(r"https?:|\d+$", claim.text)), title, 80)


def metadata(html: str, url: str | None, registries: Registries) -> dict[str, Found]:
    """Return what a page gives for title, standfirst, authors, dates, outlet, agency, section, language and address.

    Keys: title, standfirst, authors (a list), published (`YYYY-MM-DD`, with `THH:MM` or `THH:MM:SS` where given),
    published_zone (`+02:00`), published_date, updated (a day), outlet, outlet_id, republisher, republisher_id, agency,
    agency_id, section, language (ISO 639-1), url. What a page does not give is absent; nothing is guessed. Any string
    is a page: a broken or hostile one yields little, and raises nothing.
    """
    page, directory = parse(html), directory_of(registries)
    node = _article(page, url)
    address = _own_address(page, node, url)
    at = str(address.value) if address else url
    home = at if at and urlsplit(at).hostname else url
    site = site_of(home, [one.text for one in page.meta("og:site_name")], directory)
    title = _title(page, node, site)
    shown = str(title.value) if title else ""
    found = {"title": title, "url": address, "language": language(page, node, host_of(at or ""))}
    tongue = found["language"]
    manner = Manner(str(tongue.value) if tongue else None, site.host)
    found |= _outlet(page, node, shown, site, directory)
    found |= {"standfirst": _standfirst(page, node, shown), "section": _section(page, node, shown)}
    found |= published(page, node, at, shown, manner) | updated(page, node, manner)
    own = replace(site, keys=site.keys | {name_key(str(one.value)) for one in (found.get("outlet"),) if one})
    found |= authors(page, node, shown, own, directory) | agency(page, node, directory)
    return {field: one for field, one in found.items() if one is not None}
