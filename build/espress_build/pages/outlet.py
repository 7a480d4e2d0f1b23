"""Whose page it is: names and domains of the registry, and the names that sites give themselves."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.urls import host_of
from espress_build.pages.authors import folded, name_key
from espress_build.pages.title import names_site, parts_of
from espress_build.pages.vocabulary import words

if TYPE_CHECKING:
    from espress_build.pages.fact import Claim
    from espress_build.pages.outlet_index import Directory, Row

_SECOND_LEVEL = words("second_level")
_ENDING = re.compile(r"\.(?:com|org|net|info|news|com?\.[a-z]{2}|[a-z]{2})$", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$")
_MANY = 20  # links to one domain that make it the page's own
_BESIDE = re.compile(r"\s*\([^()]*\)$|(?<=[\u4e00-\u9fff])[-–—]\s?[A-Za-z][A-Za-z ]*$")  # the name in other words
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})  # in addresses
_COMPANY = re.compile(r"(?<=[\w-]{3})\.com$", re.IGNORECASE)  # other endings are said as a part of the name
_WEIGHTS = {
    "og:site_name": 2.0, "publisher.name": 2.0, "NewsMediaOrganization.name": 1.5, "WebSite.name": 1.0,
    "Organization.name": 1.0, "application-name": 1.0, "apple-mobile-web-app-title": 1.0, "title": 1.0, "sign": 1.0,
}  # fmt: skip
_NO_NAME = words("no_site")
_HANDLE = re.compile(r"^@|^https?:|^\d+$")


@dataclass(frozen=True)
class Site:
    """What is known of the page's site before its own words are read: host, registry entry, all keys of its names."""

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


def site_of(url: str | None, names: list[str], directory: Directory) -> Site:
    """Gather what an address and the names on a page say of its site."""
    host = host_of(url or "")
    row = directory.by_host(host)
    own = [str(row["name"]), *row["aliases"], *row["domains"]] if row else []
    keys = {name_key(form) for name in (*names, *own) for form in (name, bare_name(name, host))}
    return Site(host, label_of(host), row, frozenset(keys - {""} | ({name_key(host)} - {""})))


def bare_name(name: str, host: str) -> str:
    """Return a site's name without its slogan, what stands in brackets, and the address around it."""
    label, parts = label_of(host), parts_of(_BESIDE.sub("", name)) or [name]
    if len(parts) > 1:
        named = [part for part in parts if names_site(part, frozenset(), label)]
        parts = named or parts
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", parts[0].strip()).rstrip("/").strip("|-–—: ")


def _key(name: str) -> str:
    """Return what spellings of one name share: no ending of a domain, no article, no accents."""
    return name_key(re.sub(r"^the\s+", "", folded(_ENDING.sub("", name)), flags=re.IGNORECASE)) or name_key(name)


def is_like(name: str, site: Site) -> bool:
    """Return whether a name is one that the registry has for the site, or that its domain shortens."""
    own = (str(site.row["name"]), *site.row["aliases"]) if site.row else ()
    known = any(_key(name) == _key(one) for one in own)
    return known or (
        bool(site.label)
        and not _DOMAIN.match(name)
        and any(names_site(one, frozenset(), site.label) for one in (folded(name), folded(name.translate(_GERMAN))))
    )


def is_sign(name: str, site: Site) -> bool:
    """Return whether a text is the name that the domain has, in letters and spaces."""
    return bool(site.label) and not _DOMAIN.match(name) and _key(name) in {site.label, site.label.removeprefix("the")}


def own_host(hosts: list[str]) -> str:
    """Return the domain that most of a page's links lead to: its own, where nothing else names that; empty if none."""
    domains = Counter(host[max(host.rfind(label_of(host)), 0) :] for host in hosts if label_of(host) in host)
    domain, times = next(iter(domains.most_common(1)), ("", 0))
    return domain if times >= _MANY and times > 0.6 * domains.total() else ""


def _spelling(name: str) -> tuple[bool, bool, int]:
    """Return how a spelling ranks among those of one name: without a domain's ending, with a capital, in most words."""
    return bool(_ENDING.search(name)), name[:1].islower(), -len(name.split())


def _is_foreign(name: str, claim: Claim) -> bool:
    """Return whether a site calls itself by letters that no address has, so that none can be like it."""
    return claim.where == "og:site_name" and not re.search(r"[a-zß-ž]", folded(name))


def choose_name(claims: list[Claim], title: str, site: Site) -> tuple[str, Claim] | None:
    """Return the name that most of a page's places agree on, as it is best spelt; None where there is none.

    A name that the domain shortens weighs more than a company's or a template's; handles, the headline and what every
    site calls itself are none.
    """
    groups: dict[str, list[tuple[str, Claim]]] = {}
    for claim in claims:
        name = bare_name(claim.text, site.host)
        if (
            name
            and len(claim.text) <= 80
            and not _HANDLE.search(name)
            and name_key(name) not in {*_NO_NAME, name_key(title)}
        ):
            groups.setdefault(_key(name), []).append((name, claim))
    best: tuple[float, list[tuple[str, Claim]]] | None = None
    for members in groups.values():
        weight = sum({claim.where: _WEIGHTS.get(claim.where, 0.5) for _, claim in members}.values())
        weight *= 0.5 if all(_DOMAIN.match(name) for name, _ in members) else 1
        weight += 1.5 * any(is_like(name, site) or _is_foreign(name, claim) for name, claim in members)
        if best is None or weight > best[0]:
            best = (weight, members)
    if best is None:
        return None
    name, claim = min(best[1], key=lambda member: _spelling(member[0]))
    return _COMPANY.sub("", name), claim
