"""Find the outlet of a page: by the domains and names of the registry, and by the name that the site gives itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.urls import host_of
from espress_build.pages.authors import folded
from espress_build.pages.dom import name_key
from espress_build.pages.jsonld import is_aside, read_texts, types_of
from espress_build.pages.page_fact import Claim, Found, words
from espress_build.pages.title import names_site, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.registries import Registries
    from espress_build.pages.dom import Document
    from espress_build.pages.jsonld import Node

Row = dict[str, Any]

_SECOND_LEVEL = words("second_level")
_ENDING = re.compile(r"\.(?:com|org|net|info|news|com?\.[a-z]{2}|[a-z]{2})$", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$")
_BESIDE = re.compile(r"\s*\([^()]*\)$|(?<=[\u4e00-\u9fff])[-–—]\s?[A-Za-z][A-Za-z ]*$")  # name in brackets or English
_COMPANY = re.compile(r"(?<=[\w-]{3})\.com$", re.IGNORECASE)  # other endings are part of a name
_WEIGHTS = {
    "og:site_name": 2.0, "publisher.name": 2.0, "NewsMediaOrganization.name": 1.5, "WebSite.name": 1.0,
    "Organization.name": 1.0, "application-name": 1.0, "apple-mobile-web-app-title": 1.0, "title": 1.0, "sign": 1.0,
}  # fmt: skip
_NO_NAME = words("no_site")
_HANDLE = re.compile(r"^@|^https?:|^\d+$")
_DOMAIN_LIKE = re.compile(r"^\S+\.[a-z]{2,4}$")
_SITE_NAMES = ("application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher", "al:android:app_name")
_SITE_NODES = {"NewsMediaOrganization", "WebSite", "Organization", "Newspaper"}


@dataclass(frozen=True)
class OutletIndex:
    """Entries by domain and by key of name or alias; `agencies` pairs each spelling with its entry's id."""

    domains: dict[str, Row]
    named: dict[str, tuple[tuple[str, Row], ...]]
    agencies: tuple[tuple[str, str], ...]
    names: frozenset[str]

    def by_host(self, host: str) -> Row | None:
        """Return the entry with the longest domain that a host lies in."""
        labels = host.split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self.domains[suffix] for suffix in suffixes if suffix in self.domains), None)

    def by_name(self, name: str) -> Row | None:
        """Return the one entry with a name; a short name, such as initials, must be spelt exactly so."""
        key = name_key(name)
        rows = {row["outlet_id"]: row for spelling, row in self.named.get(key, ()) if len(key) > 4 or name == spelling}
        return next(iter(rows.values())) if len(rows) == 1 else None

    def agencies_in(self, line: str) -> list[str]:
        """Return the ids of agencies whose names are whole words of a line, in the same case."""
        return [key for spelling, key in self.agencies if spelling in line and _is_whole_word(spelling, line)]


def _is_whole_word(name: str, line: str) -> bool:
    han = re.search(r"[\u3040-\u9fff]", name) is not None  # its words are not separated by spaces
    return han or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) is not None


_made: list[tuple[Registries, OutletIndex]] = []  # at most one


def index_outlets(registries: Registries) -> OutletIndex:
    """Return the index of these registries; the last one is kept."""
    if not _made or _made[0][0] is not registries:
        _made[:] = [(registries, _index(registries))]
    return _made[0][1]


def _index(registries: Registries) -> OutletIndex:
    rows = list(registries.outlets.values())
    spelt = [(name, row) for row in rows for name in (row["name"], *row["aliases"])]
    named: dict[str, list[tuple[str, Row]]] = {}
    for name, row in spelt:
        named.setdefault(name_key(name), []).append((name, row))
    return OutletIndex(
        {domain.removeprefix("www."): row for row in rows for domain in row["domains"]},
        {key: tuple(pairs) for key, pairs in named.items()},
        tuple((name, row["outlet_id"]) for name, row in spelt if row["outlet_kind"] == "agency"),
        frozenset(named),
    )


@dataclass(frozen=True)
class Site:
    """A site by its host: the label of the domain, the registry entry, and the keys of all its names."""

    host: str
    label: str
    row: Row | None
    keys: frozenset[str]


def label_of(host: str) -> str:
    """Return the part of a host that names the site: `example` of `www.example.co.uk`."""
    parts = [part for part in host.split(".") if part]
    if len(parts) > 1:
        parts.pop()
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts.pop()
    return name_key(parts[-1]) if parts else ""


def site_of(url: str | None, names: list[str], index: OutletIndex) -> Site:
    """Return the site of an address, with the names that the page gives it."""
    host = host_of(url or "")
    row = index.by_host(host)
    own = [str(row["name"]), *row["aliases"], *row["domains"]] if row else []
    keys = {name_key(form) for name in (*names, *own) for form in (name, bare_name(name, host))}
    return Site(host, label_of(host), row, frozenset((keys | {name_key(host)}) - {""}))


def bare_name(name: str, host: str) -> str:
    """Return a site's name without its slogan, brackets and the address around it."""
    label, parts = label_of(host), parts_of(_BESIDE.sub("", name)) or [name]
    if len(parts) > 1:
        named = [part for part in parts if names_site(part, frozenset(), label)]
        parts = named or parts
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", parts[0].strip()).rstrip("/").strip("|-–—: ")


def _spelling_key(name: str) -> str:
    """Return what spellings of one name share: no ending of a domain, no article, no accents."""
    return name_key(re.sub(r"^the\s+", "", folded(_ENDING.sub("", name)), flags=re.IGNORECASE)) or name_key(name)


def is_like(name: str, site: Site) -> bool:
    """Return whether a name is the site's in the registry, or is abbreviated by the site's domain."""
    own = (str(site.row["name"]), *site.row["aliases"]) if site.row else ()
    known = any(_spelling_key(name) == _spelling_key(one) for one in own)
    return known or (bool(site.label) and not _DOMAIN.match(name) and names_site(folded(name), frozenset(), site.label))


def is_sign(name: str, site: Site) -> bool:
    """Return whether a text, without spaces and case, is the name in the site's domain."""
    keys = {site.label, site.label.removeprefix("the")}
    return bool(site.label) and not _DOMAIN.match(name) and _spelling_key(name) in keys


def _rank_spelling(name: str) -> tuple[bool, bool, int]:
    """Return the rank of a spelling; the lowest has no domain ending, begins with a capital, and has most words."""
    return bool(_ENDING.search(name)), name[:1].islower(), -len(name.split())


def choose_name(claims: list[Claim], title: str, site: Site) -> tuple[str, Claim] | None:
    """Return the name on which most places of a page agree, in its best spelling; None if no place gives one.

    A name that the domain abbreviates weighs more than others. Handles, the headline and words such as `home` are no
    names.
    """
    groups: dict[str, list[tuple[str, Claim]]] = {}
    for claim in claims:
        name = bare_name(claim.text, site.host)
        is_name = name and not _HANDLE.search(name) and name_key(name) not in {*_NO_NAME, name_key(title)}
        if is_name and len(claim.text) <= 80:
            groups.setdefault(_spelling_key(name), []).append((name, claim))

    def weigh(members: list[tuple[str, Claim]]) -> float:
        weight = sum(_WEIGHTS.get(where, 0.5) for where in {claim.where for _, claim in members})
        weight *= 0.5 if all(_DOMAIN.match(name) for name, _ in members) else 1
        return weight + 1.5 * any(is_like(name, site) for name, _ in members)

    if not groups:
        return None
    heaviest = max(groups.values(), key=weigh)
    name, claim = min(heaviest, key=lambda member: _rank_spelling(member[0]))
    return _COMPANY.sub("", name), claim


def _read_site_names(page: Document, node: Node) -> Iterator[Claim]:
    """Yield the names that the page gives its site."""
    yield from page.meta("og:site_name")
    for name in read_texts(node.get("publisher"), page.named):
        yield Claim(name, "json-ld", "publisher.name")
    for other in page.nodes:
        if _SITE_NODES & set(types_of(other)) and not is_aside(other):
            yield from (Claim(name, "json-ld", f"{types_of(other)[0]}.name") for name in read_texts(other.get("name")))
    yield from page.meta(*_SITE_NAMES)


def _read_title_ends(page_title: str, title: str, site: Site) -> Iterator[Claim]:
    """Yield the parts of `<title>` beside the headline that name the site; if none does, the last, if it is short."""
    led = page_title.startswith(title)
    rest = re.sub(r"^\W+|\]$", "", page_title[len(title) :]) if led and title else page_title
    said = parts_of(title)
    beside = [part.strip() for part in reversed(parts_of(rest)) if name_key(part) not in map(name_key, (title, *said))]
    named = [part for part in beside if names_site(bare_name(part, site.host), site.keys, site.label)]
    if led and beside and (not named or "." in named[0]):
        named += [part for part in beside[: 2 if _DOMAIN_LIKE.search(beside[0]) else 1] if len(part) <= 30]
    yield from (Claim(part, "markup", "title") for part in named)


def _choose_shown_name(page: Document, node: Node, title: str, site: Site) -> Found | None:
    """Return the site's name in the page's data and title; if there is none, the one in its logo."""
    best = choose_name([*_read_site_names(page, node), *_read_title_ends(page.page_title, title, site)], title, site)
    if site.label and (best is None or best[0] == site.host.removeprefix("www.")):
        best = choose_name([claim for claim in page.signs if is_sign(claim.text, site)], title, site) or best
    return best[1].found(best[0]) if best else None


def find_outlet(page: Document, node: Node, title: str, site: Site, index: OutletIndex) -> dict[str, Found]:
    """Return the name of the outlet on the page, and the id of the registry's entry by domain or name.

    If the entry is a republisher, only the republisher is returned: the outlet is not known then.
    """
    name = _choose_shown_name(page, node, title, site)
    row = site.row
    by = Found(str(row["outlet_id"]), "registry", f"domain {site.host}") if row else None
    if row is None and name and (row := index.by_name(str(name.value))):
        by = Found(str(row["outlet_id"]), "registry", f"name {name.value}")
    if row and by and row["outlet_kind"] == "republisher":
        return {"republisher": Found(str(row["name"]), by.basis, by.where), "republisher_id": by}
    if row and by:
        name = name or Found(str(row["name"]), "registry", by.where)
    elif name is None and site.label:
        name = Found(site.host.removeprefix("www."), "address", "host")
    return {field: one for field, one in (("outlet", name), ("outlet_id", by)) if one}
