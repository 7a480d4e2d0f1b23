"""What a page says of itself, parsed once: meta elements, JSON-LD, microdata, headings, credit lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.urls import host_of
from espress_build.pages.authors import folded, is_person, name_key
from espress_build.pages.elements import (
    MAX_CREDIT,
    MAX_TEXT,
    apart,
    apart_names,
    by_relation,
    foreign,
    label,
    leads_up,
    machine,
    scope,
    select,
    shown,
    siblings,
    spaced,
)
from espress_build.pages.fact import Claim
from espress_build.pages.jsonld import Node, clean, index_of, nodes_of
from espress_build.pages.selectors import BYLINES, OWN_ITEMS, PROFILES, SIGNS, TIMES, TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_CHARACTERS = 8_000_000  # of a page; a credit that stands later is not looked for
_MAX_STAMPS = 60  # dates marked on a page; lists of teasers hold more
_DIGIT = re.compile(r"\d")
_MAX_CONTENT = 10_000  # characters of a meta element that are read
_MAX_LINES = 5_000  # of a page; what stands below is no article's credit
_TELLING = 16  # letters of a title that no other line begins with by chance
_CREDITS_BELOW = 12  # lines under the headline that may hold byline and date
_NO_BYLINE = re.compile(r"authori[sz]|avatar|ima?ge?[-_]|photo|picture", re.IGNORECASE)
_LEADS = re.compile(r"standfirst|perex", re.IGNORECASE)
_MAX_TOLD = 1500  # elements
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)[\s\d–,-]*(?:by\s+)?([^\W\d_][^,.;|©()\d]{1,39})", re.IGNORECASE)


@dataclass(frozen=True)
class Markup:
    """A parsed page; every part is read when it is first asked for."""

    tree: Any

    @cached_property
    def _told(self) -> dict[str, list[Any]]:
        """The elements that tell machines of the page, by tag; those of microdata besides under `item`."""
        found: dict[str, list[Any]] = {}
        for element in select(self.tree.document, TOLD, _MAX_TOLD):
            found.setdefault(element.tag, []).append(element)
            if element.getattr("itemprop") or (element.tag != "meta" and element.getattr("property")):
                found.setdefault("item", []).append(element)
            if _LEADS.search(element.getattr("class") or ""):
                found.setdefault("lead", []).append(element)
        return found

    @cached_property
    def metas(self) -> dict[str, tuple[str, ...]]:
        """Contents of the meta elements by their name, property, itemprop or http-equiv, in lower case."""
        found: dict[str, list[str]] = {}
        for meta in self._told.get("meta", ()):
            content = clean((meta.getattr("content") or meta.getattr("value") or "")[:_MAX_CONTENT])
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                for name in (meta.getattr(attribute) or "").casefold().split():
                    if content and content not in found.setdefault(name, []):
                        found[name].append(content)
        return {name: tuple(contents) for name, contents in found.items()}

    @cached_property
    def nodes(self) -> list[Node]:
        """Every object of the page's JSON-LD."""
        scripts = self._told.get("script", ())
        return nodes_of(one.text for one in scripts if "ld+json" in (one.getattr("type") or "").casefold())

    @cached_property
    def named(self) -> dict[str, Node]:
        """The JSON-LD objects that others refer to by id."""
        return index_of(self.nodes)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The texts of the first headings of the first level, without one that leads to the site's front page."""
        found = shown(self._told.get("h1", [])[:20])
        return tuple(text for element, text in found if text and not leads_up(element, self.linked("canonical") or ""))

    @cached_property
    def page_title(self) -> str:
        """What stands in `<title>`; not that of a drawing."""
        title = self.tree.document.query_selector("head title, title")
        return clean(title.text) if title else ""

    @cached_property
    def lines(self) -> list[str]:
        """The page's visible lines; the cells of a table are lines of their own."""
        from resiliparse.extract.html2text import extract_plain_text

        text = extract_plain_text(self.tree, main_content=False, alt_texts=False, links=False)
        lines = islice((line for line in re.split(r"[\n\t]", text) if line.strip()), _MAX_LINES)
        return [line.strip().lstrip("•").strip() for line in lines]

    @cached_property
    def prose(self) -> list[str]:
        """The first paragraphs that hold a sentence or so; lines of the page, where it has no paragraphs."""
        texts = (clean(element.text[:MAX_TEXT]) for element in select(self.tree.document, "p")[:80])
        long = list(islice((text for text in texts if len(text.encode()) > 75), 8))
        return long or [line for line in self.lines if len(line.encode()) > 75][:8]

    def meta(self, *names: str) -> Iterator[Claim]:
        """Yield what meta elements of these names say, in the order of the names."""
        for name in names:
            basis = "opengraph" if name.startswith(("og:", "article:")) else "meta"
            yield from (Claim(content, basis, name) for content in self.metas.get(name.casefold(), ()))

    def text_of_link(self, address: str) -> str | None:
        """Return the text of the first link to a profile, which is its owner's name; None for a network's."""
        path = re.sub(r"^https?://[^/]+", "", address).rstrip("/")
        if path.count("/") < 2 or re.search(r"[\s\"'\\]", address):
            return None
        same = f'a[href="{address}"], a[href="{path}"], a[href="{path}/"]'
        texts = (clean(link.text[:MAX_CREDIT]) for link in select(self.tree.document, same)[:5])
        return next((text for text in texts if is_person(text)), None)

    @cached_property
    def signatures(self) -> list[Claim]:
        """Names in links to authors' pages whose addresses spell them."""
        links = [link for link in select(self.tree.document, PROFILES)[:60] if not apart(link)]
        named = ((link.getattr("href").casefold(), clean(link.text[:MAX_CREDIT])) for link in links)
        return [
            Claim(text, "markup", "link to an author's page")
            for href, text in named
            if is_person(text) and any(len(token) > 2 and folded(token) in href for token in text.split())
        ]

    @cached_property
    def hosts(self) -> list[str]:
        """The hosts that the page's whole addresses lead to, one for each address."""
        links = select(self.tree.document, 'a[href^="http"], link[href^="http"]')[:300]
        return [host for link in links if (host := host_of(link.getattr("href")))]

    def linked(self, href: str) -> str | None:
        """Return the address of the first `<link>` of a relation."""
        links = (link for link in self._told.get("link", ()) if href in (link.getattr("rel") or "").casefold().split())
        return next((at.strip() for link in links if (at := link.getattr("href"))), None)

    def attribute(self, name: str) -> str | None:
        """Return an attribute of `<html>`."""
        root = self.tree.document.query_selector("html")
        return root.getattr(name) if root else None

    @cached_property
    def _marked_items(self) -> list[tuple[frozenset[str], Any]]:
        """Elements of microdata and RDFa that are the article's, each with its properties."""
        found = []
        for element in self._told.get("item", ()):
            props = f"{element.getattr('itemprop') or ''} {element.getattr('property') or ''}".replace("schema:", "")
            if OWN_ITEMS & {*props.split()} and not foreign(element):
                found.append((frozenset(props.split()), element))
        return found

    def items(self, prop: str) -> Iterator[Claim]:
        """Yield the microdata and RDFa values of a property of the article, in order, each text once."""
        own = [element for props, element in self._marked_items if prop in props][:20]
        first = scope(own[0]) if own else None
        own = [element for element in own if prop != "author" or scope(element) == first]
        named = [name for element in own for name in select(element, '[itemprop~="name"]')[:5] or [element]]
        for element, text in shown(named):
            if value := machine(element) or text:
                yield Claim(value, "microdata", prop)

    @cached_property
    def _signed(self) -> list[Any]:
        """Elements that are marked as the author's, wherever they stand."""
        marked = select(self.tree.document, BYLINES)[:60]
        return [element for element in marked if not _NO_BYLINE.search(element.getattr("class") or "")]

    def credited(self, names: Callable[[str], list[str]]) -> Iterator[Claim]:
        """Yield short texts of elements marked as the author's in which `names` finds any."""
        for element, text in shown(self._signed):
            if 0 < len(text) <= MAX_CREDIT and names(text) and not apart(element):
                yield Claim(text, "markup", label(element))

    @cached_property
    def bylines(self) -> list[list[Claim]]:
        """Short texts of elements that are marked as the author's, those most surely so first; siblings together."""
        marked = [element for element in self._signed if not apart(element)]
        groups: list[list[Claim]] = []
        last: Any = None
        for element, text in shown(sorted(marked, key=by_relation)):
            if 0 < len(text) <= MAX_CREDIT:
                claim = Claim(apart_names(element) or spaced(element), "markup", label(element))
                if last is not None and groups[-1][-1].where == claim.where and siblings(last, element):
                    groups[-1].append(claim)
                else:
                    groups.append([claim])
                last = element
        return groups

    @cached_property
    def signs(self) -> list[Claim]:
        """What logos and links home are called, and who claims the rights: among them the name over the page."""
        said = [
            element.getattr(name) or ""
            for element in select(self.tree.document, SIGNS)[:60]
            for name in ("alt", "title", "aria-label", "content")
        ]
        said += [line for line in self.lines if len(line) <= 40]
        said += [match[1] for line in self.lines[-60:] for match in _RIGHTS.finditer(line[:MAX_CREDIT])]
        return [Claim(text, "markup", "sign") for text in map(clean, said) if 1 < len(text) <= 40]

    def leads(self, title: str) -> Iterator[Claim]:
        """Yield what stands under the headline as its account of the article."""
        marked = [*self._told.get("lead", ())]
        marked += [element for props, element in self._marked_items if "alternativeHeadline" in props]
        for element, text in shown(marked[:20]):
            if text and text != title and not apart(element):
                yield Claim(text, "markup", label(element))

    def marked(self, selector: str, title: str) -> Iterator[Claim]:
        """Yield the texts of elements that a selector finds in the article, as they are, but for the headline's."""
        for element, text in shown(select(self.tree.document, selector)[:20]):
            if text and text != title and not apart(element):
                yield Claim(text, "markup", label(element))

    def states(self, keys: str) -> Iterator[Claim]:
        """Yield the texts under these keys, parted by bars, in the page's scripts, or the names that stand there."""
        within = r'(?:\[\s*)?(?:\{[^{}]{0,80}?\\?"name\\?"\s*:\s*)?'
        wanted = re.compile(rf'\\?"({keys})\\?"\s*:\s*{within}\\?"?([^"\\,\[\]{{}}]{{8,40}})')
        for script in select(self.tree.document, "script:not([src])")[:60]:
            for match in islice(wanted.finditer(script.text), 5):
                yield Claim(match[2], "markup", f"script {match[1]}")

    @cached_property
    def _stamps(self) -> list[tuple[str, Claim | None]]:
        """The first headings, by their keys, and between them what is marked as a date."""
        found: list[tuple[str, Claim | None]] = []
        for element, text in shown(select(self.tree.document, TIMES)):
            if element.tag == "h1":
                found.append((name_key(text), None))
                continue
            stamp = machine(element) or text
            if len(stamp) <= MAX_CREDIT and _DIGIT.search(stamp) and not apart(element):
                found.append(("", Claim(stamp, "markup", label(element))))
            if len(found) > _MAX_STAMPS:
                break
        return found

    def times(self, title: str) -> list[Claim]:
        """Return texts of elements marked as dates: those from the headline on first, then those before it."""
        wanted = name_key(title)
        at = next((n for n, (key, claim) in enumerate(self._stamps) if not claim and wanted in key), None)
        start = 0 if not title else at if at is not None else len(self._stamps)
        after = [claim for _, claim in self._stamps[start:] if claim]
        return after[:20] + [claim for _, claim in self._stamps[:start] if claim][:10]

    def _line_of(self, title: str) -> int | None:
        """Return the first line that is a title, or begins with it and says little more."""
        wanted = name_key(title)
        most = 2 * len(title) + 20
        like = (n for n, line in enumerate(self.lines) if len(wanted) <= len(line) <= most)
        if len(wanted) < _TELLING:
            return next((n for n in like if name_key(self.lines[n]) == wanted), None) if wanted else None
        return next((n for n in like if name_key(self.lines[n]).startswith(wanted)), None)

    def credits(self, title: str) -> list[Claim]:
        """Return the short lines from the headline to the first prose, then the two above it; none without it."""
        at = next((at for shown in (title, *self.headings[:3]) if (at := self._line_of(shown)) is not None), None)
        if at is None or not title:
            return []
        below = self.lines[at + 1 : at + 1 + _CREDITS_BELOW]
        prose = next((n for n, line in enumerate(below) if len(line) > MAX_CREDIT), len(below))
        near = [*below[:prose], *self.lines[max(at - 2, 0) : at][::-1]]
        return [Claim(line, "text", "line by the headline") for line in near if len(line) <= MAX_CREDIT]


def parse(html: str) -> Markup:
    """Parse a page of any size and depth; what no encoding holds becomes a replacement mark."""
    from resiliparse.parse.html import HTMLTree

    return Markup(HTMLTree.parse(html[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")))
