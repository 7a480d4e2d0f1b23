"""Who signs a page: persons; a house that signs alone, unless it is the outlet itself; agencies of the registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress_build.pages.authors import Names, byline, name_key, read_names
from espress_build.pages.fact import Claim, Found
from espress_build.pages.jsonld import texts
from espress_build.pages.vocabulary import ordered, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.pages.jsonld import Node
    from espress_build.pages.markup import Markup
    from espress_build.pages.outlet import Site
    from espress_build.pages.outlet_index import Directory

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
_LOGIN = re.compile(r"^\S*[\d_]\S*$|^[\W\d_]*$|^\S+\.[a-z]{2,4}$")  # names of accounts and sites
_SAID = re.compile(r"(?:Authors?|Autor(?:in|en)?|Auteure?s?|Autore|Verfasser(?:in)?)\s*:?\s+(\S.{3,})")
_MACHINE = {"json-ld", "meta", "opengraph", "microdata"}
_LABEL_ALONE = 5  # characters of a line that may be no more than a label
_SHORT = 40  # characters of a byline that is an agency's name and little else
_DATELINE = 160  # characters of a paragraph in which an agency may be credited
_NOBODY = words("nobody")


def _told(page: Markup, node: Node | None) -> Iterator[list[Claim]]:
    """Yield what the page tells machines of its authors, the surest source first, each with all that it says."""
    if node:
        yield [Claim(text, "json-ld", "author.name") for text in texts(node.get("author"), page.named)]
        yield [Claim(text, "json-ld", "creator") for text in texts(node.get("creator"), page.named)]
    for name in (*_METAS, *sorted(name for name in page.metas.keys() - {*_METAS} if _NAMED.search(name))):
        yield list(page.meta(name))
    for number in ("1", "2"):
        if any(_LABELS.search(claim.text) for claim in page.meta(f"twitter:label{number}")):
            yield list(page.meta(f"twitter:data{number}"))
    yield list(page.items("author"))


def _shown(page: Markup, title: str) -> Iterator[list[Claim]]:
    """Yield what the page shows of its authors: marked bylines, lines by the headline, a name given to networks."""
    for claim in page.meta("article:author", "author"):
        if owner := page.text_of_link(claim.text):
            yield [Claim(owner, claim.basis, claim.where)]
    yield from page.bylines[:8]
    lines = page.credits(title)
    for claim, after in zip(lines, [*lines[1:], *lines[:1]], strict=True):
        alone = f"{claim.text} {after.text}" if len(claim.text) < _LABEL_ALONE else claim.text  # `By`, then the name
        if (names := byline(alone)) is not None:
            yield [Claim(names, claim.basis, claim.where)]
    yield list(page.meta("twitter:creator"))
    yield page.signatures[:1]
    for line in page.lines:
        if len(line) < _SHORT and (match := _SAID.match(line)):
            yield [Claim(match[1], "text", "line")]
    yield from ([claim] for claim in page.states("authors|byline|authorName|author_name|articleAuthor"))


def _is_desk(name: str, outlet: frozenset[str]) -> bool:
    """Return whether a name has the outlet's in it: in several words, or as its first; a last one is a surname."""
    keys = [name_key(token) for token in name.split()]
    windows = ((start, end) for start in range(len(keys)) for end in range(start + 1, len(keys) + 1))
    return any("".join(keys[start:end]) in outlet for start, end in windows if end - start > 1 or start == 0)


def _names(group: list[Claim], houses: frozenset[str], outlet: frozenset[str]) -> Names:
    """Read a group's names; what holds the outlet's name is one of its desks."""
    turned = bool(group) and group[0].where in _TURNED
    names = read_names([claim.text for claim in group], houses, turned=turned)
    desks = [one for one in names.persons if _is_desk(one, outlet)]
    return Names(tuple(one for one in names.persons if one not in desks), (*names.houses, *desks)) if desks else names


def _until_agency(read: Iterator[tuple[Names, Claim]], directory: Directory) -> Iterator[tuple[Names, Claim]]:
    """Yield readings up to a byline that names an agency alone: names in captions below it are not the author's."""
    for names, claim in read:
        yield names, claim
        shown = claim.basis in {"markup", "text"}
        if shown and not names.persons and len(claim.text) < _SHORT and directory.agencies_in(claim.text):
            return


def _is_own(name: str, outlet: frozenset[str]) -> bool:
    """Return whether a house is the outlet, the firm behind it or one of its desks."""
    key = name_key(name)
    return any(
        one.startswith(key) or key.startswith(one) for one in outlet if min(len(one), len(key)) > 3 - _is_han(key)
    )


def _is_han(key: str) -> int:
    return 2 * (not key.isascii())


def _house(read: list[tuple[Names, Claim]], outlet: frozenset[str], directory: Directory) -> Found | None:
    """Return the house that signs alone in the page's own data, or the agency in its byline, never the outlet."""
    for names, claim in read:
        machine = claim.basis in _MACHINE or directory.agencies_in(claim.text)
        if not machine or re.search(r"https?:|@", claim.text) or any(_is_own(name, outlet) for name in names.houses):
            continue
        own = [name for name in names.houses if name_key(name) not in _NOBODY and not _LOGIN.search(name)]
        if own:
            return claim.found(own[:1])
    return None


def authors(page: Markup, node: Node | None, title: str, site: Site, directory: Directory) -> dict[str, Found | None]:
    """Return the authors that the surest source names; another that names all of them and more is taken instead.

    The outlet itself, by a key of `site` or as its domain has it, is no author. Houses beside persons are left out.
    """
    outlet, houses = site.keys, site.keys | directory.houses | {site.label}

    def reading(groups: Iterator[list[Claim]]) -> Iterator[tuple[Names, Claim]]:
        return ((_names(group, houses, outlet), group[0]) for group in groups if group)

    told = list(reading(_told(page, node)))
    best = next((one for one in told if one[0].persons), None)
    if best is None:
        shown = []
        for one in _until_agency(reading(_shown(page, title)), directory):
            shown.append(one)
            if one[0].persons:
                break
        best = shown[-1] if shown and shown[-1][0].persons else None
        return {"authors": best[1].found(list(best[0].persons)) if best else _house([*told, *shown], outlet, directory)}
    keys = {name_key(name) for name in best[0].persons}
    fuller = (one for one in told if keys < {name_key(name) for name in one[0].persons} and len(one[0].persons) < 7)
    names, claim = next((one for one in fuller if one[1].basis != "microdata"), best)
    return {"authors": claim.found(list(names.persons))}


def _credited(page: Markup, node: Node | None, directory: Directory) -> Iterator[Claim]:
    for key in ("author", "creator", "sourceOrganization", "provider", "copyrightHolder", "contributor"):
        yield from (Claim(text, "json-ld", key) for text in texts((node or {}).get(key), page.named))
    yield from page.meta(*_METAS, *_AGENCY_META)
    yield from page.credited(directory.agencies_in)
    for line in page.prose:
        if match := re.search(r"\(([^()]{2,40})\)\s*[-–—:]", line[:_DATELINE]):
            yield Claim(match[1], "text", "dateline")


def agency(page: Markup, node: Node | None, directory: Directory) -> dict[str, Found | None]:
    """Return the registered agency that the page credits, by name and id."""
    for claim in _credited(page, node, directory):
        if len(claim.text) <= 200 and (found := directory.agencies_in(claim.text)):
            name = next(spelling for spelling, key in directory.agencies if key == found[0])
            return {"agency": claim.found(name), "agency_id": claim.found(found[0])}
    return {}
