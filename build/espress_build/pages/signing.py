"""Who signs a page: persons; a house that signs alone, unless it is the outlet itself; agencies of the registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress_build.pages.found import Claim, Found
from espress_build.pages.linked import texts
from espress_build.pages.people import Names, byline, name_key, read_names
from espress_build.pages.vocabulary import ordered, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.pages.directory import Directory
    from espress_build.pages.linked import Node
    from espress_build.pages.markup import Markup

_METAS = ordered("authors")
_TURNED = {"dc.creator", "citation_author", "dcterms.creator"}
_LABELS = re.compile(
    r"writ|author|autor|by$|von$|verfass|geschrieben|escrito|écrit|auteur|napsal|автор|作者", re.IGNORECASE
)
_AGENCY_META = (
    "article:source",
    "source",
    "copyright",
    "dc.source",
    "dc.rights",
    "news_keywords_source",
    "syndication-source",
)
_NAMED = re.compile(r"(?:^|[._:-])(?:author|by-?line|reporter|writer|journalist)s?(?:[._:-]?names?)?$")
_SHORT = 40  # characters of a byline that is an agency's name and little else
_DATELINE = 160  # characters of a paragraph in which an agency may be credited
_NOBODY = words("nobody")


def _groups(page: Markup, node: Node | None, title: str) -> Iterator[list[Claim]]:
    """Yield the sources of authors, the surest first, each with all that it says."""
    if node:
        yield [Claim(text, "json-ld", "author.name") for text in texts(node.get("author"), page.named)]
        yield [Claim(text, "json-ld", "creator") for text in texts(node.get("creator"), page.named)]
    for name in (*_METAS, *sorted(name for name in page.metas.keys() - {*_METAS} if _NAMED.search(name))):
        yield list(page.meta(name))
    for number in ("1", "2"):
        if any(_LABELS.search(claim.text) for claim in page.meta(f"twitter:label{number}")):
            yield list(page.meta(f"twitter:data{number}"))
    yield list(page.items("author"))
    yield from page.bylines[:8]
    for claim in page.credits(title):
        if (names := byline(claim.text)) is not None:
            yield [Claim(names, claim.basis, claim.where)]
    yield list(page.meta("twitter:creator"))


def _names(group: list[Claim], houses: frozenset[str], outlet: frozenset[str]) -> Names:
    """Read a group's names; what holds the outlet's name is one of its desks."""
    turned = bool(group) and group[0].where in _TURNED
    names = read_names([claim.text for claim in group], houses, turned=turned)
    desks = [one for one in names.persons if any(len(key) > 4 and key in name_key(one) for key in outlet)]
    return Names(tuple(one for one in names.persons if one not in desks), (*names.houses, *desks)) if desks else names


def _until_agency(read: Iterator[tuple[Names, Claim]], directory: Directory) -> Iterator[tuple[Names, Claim]]:
    """Yield readings up to a byline that names an agency alone: names in captions below it are not the author's."""
    for names, claim in read:
        yield names, claim
        shown = claim.basis in {"markup", "text"}
        if shown and not names.persons and len(claim.text) < _SHORT and directory.agencies_in(claim.text):
            return


def _house(read: list[tuple[Names, Claim]], outlet: frozenset[str], directory: Directory) -> Found | None:
    """Return the house that signs alone in the page's own data, or the agency in its byline, never the outlet."""
    for names, claim in read:
        machine = claim.basis in {"json-ld", "meta", "opengraph", "microdata"}
        if (
            not (machine or directory.agencies_in(claim.text))
            or re.search(r"https?:|@", claim.text)
            or outlet & {name_key(name) for name in names.houses}
        ):
            continue
        own = [name for name in names.houses if name_key(name) not in _NOBODY and re.search(r"[^\W\d_]", name)]
        if own:
            return claim.found(own[:1])
    return None


def authors(
    page: Markup, node: Node | None, title: str, outlet: frozenset[str], directory: Directory
) -> dict[str, Found | None]:
    """Return the authors that the surest source names; another that names all of them and more is taken instead.

    `outlet` holds keys of the outlet's names: no author. Houses beside persons are left out.
    """
    houses = outlet | directory.houses
    groups = (group for group in _groups(page, node, title) if group)
    read = list(_until_agency(((_names(group, houses, outlet), group[0]) for group in groups), directory))
    signed = [(names.persons, claim) for names, claim in read if names.persons]
    if not signed:
        return {"authors": _house(read, outlet, directory)}
    best, claim = signed[0]
    keys = {name_key(name) for name in best}
    for names, other in signed[1:]:
        if (
            other.basis in {"meta", "opengraph", "json-ld"}
            and keys < {name_key(name) for name in names}
            and len(names) < 7
        ):
            return {"authors": other.found(list(names))}
    return {"authors": claim.found(list(best))}


def _credited(page: Markup, node: Node | None, title: str) -> Iterator[Claim]:
    for key in ("author", "creator", "sourceOrganization", "provider", "copyrightHolder", "contributor"):
        yield from (Claim(text, "json-ld", key) for text in texts((node or {}).get(key), page.named))
    yield from page.meta(*_METAS, *_AGENCY_META)
    yield from (claim for group in page.bylines for claim in group)
    yield from page.credits(title)
    for line in page.lines:
        if len(line) > _DATELINE and (match := re.search(r"\(([^()]{2,40})\)\s*[-–—:]", line[:_DATELINE])):
            yield Claim(match[1], "text", "dateline")


def agency(page: Markup, node: Node | None, title: str, directory: Directory) -> dict[str, Found | None]:
    """Return the registered agency that the page credits, by name and id."""
    for claim in _credited(page, node, title):
        if len(claim.text) <= 200 and (found := directory.agencies_in(claim.text)):
            name = next(spelling for spelling, key in directory.agencies if key == found[0])
            return {"agency": claim.found(name), "agency_id": claim.found(found[0])}
    return {}
