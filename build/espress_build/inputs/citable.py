"""Decide which addresses a registry may cite. The header of `schema/registries/outlets.toml` states the rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = re.compile(r"https?://[^\s;,()\"]+")
_NUMERIC_HOST = re.compile(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*")

# Hosts of pages that are not cited, with their subdomains, by kind.
_ENCYCLOPEDIAS = (
    "alchetron.com", "baike.baidu.com", "baike.com", "dbpedia.org", "encyclopedia.com", "everybodywiki.com",
    "fandom.com", "infogalactic.com", "kiddle.co", "metapedia.org", "profilbaru.com", "profilpelajar.com", "wikia.com",
    "wikidata.org", "wikimili.com", "wikipedia.com", "wikipedia.org", "wikiwand.com", "wikizero.com",
)  # fmt: skip
_TRANSLATIONS = ("deepl.com", "global-regulation.com", "translate.goog", "translate.google.com")
_COPIES = ("bit.ly", "daily8.com", "eldar.cz", "goodhumans.co", "is.gd", "ow.ly", "pr.report", "t.co", "tinyurl.com")
NOT_CITED = {
    "an encyclopedia or a mirror of one": _ENCYCLOPEDIAS,
    "a machine translation": _TRANSLATIONS,
    "a copy or a short form of another page": _COPIES,
}


def find_addresses(text: str) -> list[str]:
    """Return the web addresses in a text."""
    return [match.rstrip(".:") for match in _ADDRESS.findall(text)]


def list_citation_problems(address: str) -> Iterator[str]:
    """Yield why an address cannot be cited; nothing if it can."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        yield f"{address} is not a web address"
        return
    if _NUMERIC_HOST.fullmatch(host):
        yield f"{address} has a number as its host: it does not say whose page it is"
    if parts.path in ("", "/") and not parts.query:
        yield f"{address} is a host without a path: name the page"
    for kind, domains in NOT_CITED.items():
        if any(host == domain or host.endswith(f".{domain}") for domain in domains):
            yield f"{address} is {kind}: cite a primary or archived page, or leave the field out"
