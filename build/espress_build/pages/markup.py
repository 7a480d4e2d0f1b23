"""What a page says of itself, parsed once: meta elements, JSON-LD, microdata, headings, credit lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress_build.pages.found import Claim
from espress_build.pages.linked import Node, clean, index_of, nodes_of
from espress_build.pages.people import is_person, name_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHARACTERS = 8_000_000  # of a page; a credit that stands later is not looked for
_MAX_ELEMENTS = 400  # of one selector
_MAX_CREDIT = 200  # characters; a longer line is prose
_MAX_TEXT = 2_000  # characters, white space and all, of an element that is a heading or a credit
_MAX_CONTENT = 10_000  # characters of a meta element that are read
_MAX_READ = 20_000_000  # characters of nested elements that are read before the rest is left
_CREDITS_BELOW = 12  # lines under the headline that may hold byline and date
_FOREIGN_ITEM = re.compile(r"comment|video|image|audio|person|organi|product|event|list|breadcrumb", re.IGNORECASE)
_APART = re.compile(
    r"(?:^|[\s_-])comment(?:s|er|ers|list|ary-list)?(?:[\s_-]|$)|disqus|related|sidebar|footer|teaser|recommend|most-?read|"
    r"popular|widget|promo|caption|(?<!block)quote|newsletter",
    re.IGNORECASE,
)
_APART_TAGS = {"footer", "aside", "nav", "figure", "figcaption", "blockquote", "dialog"}
_NO_BYLINE = re.compile(r"authori[sz]|avatar|ima?ge?[-_]|photo|picture", re.IGNORECASE)
_BYLINES = (
    '[rel~="author"], [itemprop~="author"], [property="author"], [class*="byline" i], [class*="author" i], '
    '[class*="autor" i], [class*="auteur" i], [class*="writer" i], [data-testid*="byline" i], [class*="firma" i], '
    '[class*="journalist" i], [class*="reporter" i], [class*="contributor" i]'
)
_SIGNS = (
    '[class*="logo" i], [class*="logo" i] img[alt], header img[alt], [id*="logo" i] img[alt], a[href="/"], '
    '[rel~="home"], [itemprop~="logo"]'
)
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)[\s\d–,-]*(?:by\s+)?([^\W\d_][^,.;|©()\d]{1,39})", re.IGNORECASE)
_TIMES = (
    'h1, time, [itemprop*="datePublished"], [class*="date" i], [class*="datum" i], [class*="publish" i], '
    '[class*="time" i], [class*="posted" i], [class*="fecha" i], [class*="info" i], [id*="date" i], [id*="time" i], '
    '[id*="datum" i]'
)


@dataclass(frozen=True)
class Markup:
    """A parsed page; every part is read when it is first asked for."""

    tree: Any

    @cached_property
    def metas(self) -> dict[str, tuple[str, ...]]:
        """Contents of the meta elements by their name, property, itemprop or http-equiv, in lower case."""
        found: dict[str, list[str]] = {}
        for meta in _select(self.tree.document, "meta"):
            content = clean((meta.getattr("content") or meta.getattr("value") or "")[:_MAX_CONTENT])
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                for name in (meta.getattr(attribute) or "").casefold().split():
                    if content and content not in found.setdefault(name, []):
                        found[name].append(content)
        return {name: tuple(contents) for name, contents in found.items()}

    @cached_property
    def nodes(self) -> list[Node]:
        """Every object of the page's JSON-LD."""
        scripts = _select(self.tree.document, 'script[type*="ld+json" i]')
        return nodes_of(script.text for script in scripts)

    @cached_property
    def named(self) -> dict[str, Node]:
        """The JSON-LD objects that others refer to by id."""
        return index_of(self.nodes)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The texts of the first headings of the first level."""
        return tuple(text for _, text in _shown(_select(self.tree.document, "h1")[:20]) if text)

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
        return [line.strip().lstrip("•").strip() for line in re.split(r"[\n\t]", text) if line.strip()]

    def meta(self, *names: str) -> Iterator[Claim]:
        """Yield what meta elements of these names say, in the order of the names."""
        for name in names:
            basis = "opengraph" if name.startswith(("og:", "article:")) else "meta"
            yield from (Claim(content, basis, name) for content in self.metas.get(name.casefold(), ()))

    def linked(self, href: str) -> str | None:
        """Return the address of the first `<link>` of a relation."""
        link = self.tree.document.query_selector(f'link[rel~="{href}" i][href]')
        return link.getattr("href").strip() if link else None

    def attribute(self, name: str) -> str | None:
        """Return an attribute of `<html>`."""
        root = self.tree.document.query_selector("html")
        return root.getattr(name) if root else None

    def items(self, prop: str) -> Iterator[Claim]:
        """Yield the microdata and RDFa values of a property of the article, in order, each text once."""
        selector = f'[itemprop~="{prop}"], [property~="{prop}"], [property~="schema:{prop}"]'
        own = [element for element in _select(self.tree.document, selector)[:20] if not _foreign(element)]
        named = [name for element in own for name in _select(element, '[itemprop~="name"]')[:5] or [element]]
        for element, text in _shown(named):
            if value := _machine(element) or text:
                yield Claim(value, "microdata", prop)

    @cached_property
    def bylines(self) -> list[list[Claim]]:
        """Short texts of elements that are marked as the author's, those most surely so first; siblings together."""
        marked = [element for element in _select(self.tree.document, _BYLINES)[:60] if not _apart(element)]
        marked = [element for element in marked if not _NO_BYLINE.search(element.getattr("class") or "")]
        groups: list[list[Claim]] = []
        last: Any = None
        for element, text in _shown(sorted(marked, key=_by_relation)):
            if 0 < len(text) <= _MAX_CREDIT:
                claim = Claim(_apart_names(element) or text, "markup", _label(element))
                if last is not None and groups[-1][-1].where == claim.where and _siblings(last, element):
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
            for element in _select(self.tree.document, _SIGNS)[:60]
            for name in ("alt", "title", "aria-label", "content")
        ]
        said += [match[1] for line in self.lines[-60:] for match in _RIGHTS.finditer(line[:_MAX_CREDIT])]
        return [Claim(text, "markup", "sign") for text in map(clean, said) if 1 < len(text) <= 40]

    def marked(self, selector: str, title: str) -> Iterator[Claim]:
        """Yield the texts of elements that a selector finds in the article, as they are, but for the headline's."""
        for element, text in _shown(_select(self.tree.document, selector)[:20]):
            if text and text != title and not _apart(element):
                yield Claim(text, "markup", _label(element))

    def states(self, keys: str) -> Iterator[Claim]:
        """Yield the texts under these keys, parted by bars, in the page's scripts."""
        for script in _select(self.tree.document, "script:not([src])")[:60]:
            for match in islice(re.finditer(rf'\\?"({keys})\\?"\s*:\s*\\?"?([^"\\,}}]{{8,40}})', script.text), 5):
                yield Claim(match[2], "markup", f"script {match[1]}")

    def times(self, title: str) -> Iterator[Claim]:
        """Yield texts of elements marked as dates: those from the headline on first, then those before it."""
        before: list[Claim] = []
        after: list[Claim] = []
        seen = not title
        for element, text in _shown(_select(self.tree.document, _TIMES)):
            if element.tag == "h1":
                seen = seen or name_key(title) in name_key(text)
            elif not _apart(element) and (stamp := _machine(element) or text) and len(stamp) <= _MAX_CREDIT:
                (after if seen else before).append(Claim(stamp, "markup", _label(element)))
        yield from after[:20] + before[:10]

    def credits(self, title: str) -> list[Claim]:
        """Return the short lines from the headline to the first prose, then the two above it; none without it."""
        wanted = name_key(title)
        at = next((n for n, line in enumerate(self.lines) if wanted and name_key(line) == wanted), None)
        if at is None:
            return []
        below = self.lines[at + 1 : at + 1 + _CREDITS_BELOW]
        prose = next((n for n, line in enumerate(below) if len(line) > _MAX_CREDIT), len(below))
        near = [*below[:prose], *self.lines[max(at - 2, 0) : at][::-1]]
        return [Claim(line, "text", "line by the headline") for line in near if len(line) <= _MAX_CREDIT]


def _select(node: Any, selector: str) -> list[Any]:
    found = node.query_selector_all(selector) if node is not None else []
    return list(found[:_MAX_ELEMENTS])  # one slice: each single access to such a list walks the whole of it


def _shown(elements: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield elements with their text; empty where it is long, and once much has been read, as in nests of them."""
    budget = _MAX_READ
    for element in elements:
        raw = element.text if element.tag != "meta" and budget > 0 else ""
        budget -= len(raw)
        yield element, clean(raw) if len(raw) <= _MAX_TEXT else ""


def _apart_names(element: Any) -> str | None:
    """Return the names of an element whose parts hold one each, parted; None where they are one text."""
    parts = [
        clean(part.text[:_MAX_CREDIT]) for part in _select(element, "a, li, [itemprop~=name], [class*=name i]")[:20]
    ]
    names = list(dict.fromkeys(part for part in parts if is_person(part)))
    return "; ".join(names) if len(names) > 1 and not any(a != b and a in b for a in names for b in names) else None


def _siblings(one: Any, other: Any) -> bool:
    """Return whether two elements lie side by side, each perhaps in a frame of its own."""
    near, far = one.parent, other.parent
    if near is None or far is None:
        return False
    return bool(near == far or (near.parent is not None and near.parent == far.parent and near.tag == far.tag))


def _by_relation(element: Any) -> bool:
    return "author" not in (element.getattr("rel") or "").split()


def _machine(element: Any) -> str:
    """Return what an element says to machines: a date or a content."""
    return clean(element.getattr("datetime") or element.getattr("content") or element.getattr("data-datetime") or "")


def _label(element: Any) -> str:
    hint = element.getattr("itemprop") or element.getattr("class") or element.getattr("id") or ""
    return f"<{element.tag}> {hint[:40]}".strip()


def _foreign(element: Any) -> bool:
    """Return whether the item that an element belongs to is no article."""
    at, scoped = element, 0
    for _ in range(60):
        at = at.parent
        if at is None or not hasattr(at, "getattr"):
            return False
        kind = at.getattr("itemtype")
        if kind is not None:
            scoped += 1
            return bool(_FOREIGN_ITEM.search(kind.rsplit("/", 1)[-1]))
    return False


def _apart(element: Any) -> bool:
    """Return whether an element lies in a part of the page that is not the article: comments, teasers, the foot."""
    at = element
    for _ in range(40):
        if at is None or not hasattr(at, "getattr") or at.tag in {"body", "html", "main"}:
            return False
        own = f"{at.getattr('class') or ''} {at.getattr('id') or ''}"
        if at.tag in _APART_TAGS or (at.tag != "article" and _APART.search(own)):
            return True
        at = at.parent
    return False


def parse(html: str) -> Markup:
    """Parse a page of any size and depth; what no encoding holds becomes a replacement mark."""
    from resiliparse.parse.html import HTMLTree

    return Markup(HTMLTree.parse(html[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")))
