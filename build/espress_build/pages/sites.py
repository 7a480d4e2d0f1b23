"""Whose page it is: names and domains of the registry, and the names that sites give themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.addresses import host_of
from espress_build.pages.headline import names_site, parts_of
from espress_build.pages.people import name_key
from espress_build.pages.vocabulary import words

if TYPE_CHECKING:
    from espress_build.pages.directory import Directory, Row
    from espress_build.pages.found import Claim

_SECOND_LEVEL = words("second_level")
_ENDING = re.compile(r"\.(?:com|org|net|info|com?\.[a-z]{2})$", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$")
_NO_NAME = words("no_site")
_HANDLE = re.compile(r"^@|^https?:|^www\.|^\d+$")


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
    """Return a site's name without its slogan, its domain's ending, or an at sign."""
    label, parts = label_of(host), parts_of(name)
    if len(parts) > 1:
        named = [part for part in parts if names_site(part, frozenset(), label)]
        name = (named or parts)[0].strip()
    short = re.sub(r"^(?:https?://)?(?:www\.)?", "", name).rstrip("/")
    ended = _ENDING.sub("", short)  # a country's ending belongs to many a name
    return (ended if " " not in short and len(ended) > 1 else short).strip().strip("|-–—:").strip()


def choose_name(claims: list[Claim], title: str, site: Site) -> Claim | None:
    """Return the first name that is one: no handle, no headline, nothing that every site calls itself."""
    fit = [
        claim
        for claim in claims
        if claim.text
        and not _HANDLE.search(claim.text)
        and len(claim.text) <= 80
        and name_key(claim.text) not in {*_NO_NAME, name_key(title), ""}
    ]
    spelt = [claim for claim in fit if not _DOMAIN.match(claim.text)]
    fit = spelt or fit
    # A company's or template's name gives way to one that the domain shortens.
    like = [
        claim for claim in fit if site.label and names_site(bare_name(claim.text, site.host), frozenset(), site.label)
    ]
    if fit and like and fit[0] not in like and fit[0].where != "og:site_name":
        return like[0]
    return fit[0] if fit else None
