"""A parsed HTML page: its blocks of text in reading order, and its data for machines.

The parser is lexbor, which follows the HTML standard: a page is read as browsers read it, however broken it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.installation import how_to_install
from espress_build.pages.jsonld import Node, clean, index_of, nodes_of
from espress_build.pages.page_fact import Claim
from espress_build.pages.prose import is_prose, length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
MAX_CREDIT = 200  # characters; a longer line is prose
_MAX_CHARACTERS = 16_000_000  # of a page
_MAX_CONTENT = 10_000  # characters of a meta element or a short text that are read
_MAX_ELEMENTS = 400  # of one selector
_MAX_TEXT = 2_000  # characters, including white space, of an element that may be a heading or a credit
_MAX_READ = 20_000_000  # characters of nested elements that are read
_ORDINARY = (400_000, 200)  # characters and depth of a page that other libraries read without trouble
_CREDITS_BELOW = 12  # lines under the headline that may hold byline and date
_TELLING = 16  # letters of a title with which a line does not begin by chance
_MAX_LINES = 5_000  # of a page; credits are near the top
_UNREAD = frozenset((
    "script", "style", "template", "svg", "head", "nav", "button", "select", "option", "figcaption",
    "textarea", "iframe", "audio", "video", "object", "rt", "rp",
))  # fmt: skip
_BLOCKS = HEADINGS | frozenset((
    "p", "li", "blockquote", "pre", "dd", "dt", "td", "th", "div", "section", "article", "main", "center", "body",
    "ul", "ol", "dl", "table", "tr", "header", "footer", "aside", "form", "figure", "address", "details", "summary",
    "hr",
))  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FOR_SCREEN_READERS = re.compile(r"(?:^|\s)(?:sr-only|screen-reader-text|visually-hidden)(?:\s|$)")
_APART = re.compile(
    r"(?:^|[\s_-])comment(?:s|er|ers|list|ary-list)?(?:[\s_-]|$)|disqus|(?<![a-z][_-])(?:related|sidebar)(?!-?(?:wrap|right|left))|"
    r"footer|teaser|recommend|trending|most-?read|popular|(?<!elementor-)widget|promo|caption|(?<!block)quote|newsletter",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:entry|article|post|story)_*-*(?:meta|footer)|byline|(?:^|[\s_-])meta(?:$|\s)", re.IGNORECASE)
_APART_TAGS = frozenset(("footer", "aside", "nav", "figure", "figcaption", "blockquote", "dialog"))
_STATED = (
    'meta, h1, link[rel], script[type*="ld+json" i], [itemprop], [property], [class*="standfirst" i], '
    '[class*="perex" i]'
)
# Properties of an article in microdata and RDFa.
_OWN_ITEMS = frozenset(("alternativeHeadline", "author", "articleSection", "datePublished", "dateModified", "dc:date"))
_FOREIGN_ITEM = re.compile(r"comment|video|image|audio|person|organi|product|event|list|breadcrumb", re.IGNORECASE)
_LEADS = re.compile(r"standfirst|perex", re.IGNORECASE)
_BYLINES = (
    '[rel~="author"], [itemprop~="author"], [property="author"], [class*="byline" i], [class*="author" i], '
    '[class*="autor" i], [class*="auteur" i], [class*="writer" i], [data-testid*="byline" i], [class*="firma" i], '
    '[class*="journalist" i], [class*="reporter" i], [class*="contributor" i], [class*="signature" i], '
    '[class~="vcard"] [class~="fn"], [class*="penulis" i], [class*="szerzo" i], [class*="skribent" i], '
    '[class*="forfatter" i], [class*="yazar" i], [class*="muhabir" i], [class*="toimittaja" i]'
)
_NO_BYLINE = re.compile(r"authori[sz]|avatar|ima?ge?[-_]|photo|picture", re.IGNORECASE)
_SIGNS = (
    '[class*="logo" i], [class*="logo" i] img[alt], header img[alt], [id*="logo" i] img[alt], a[href="/"], '
    '[rel~="home"], [itemprop~="logo"]'
)
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)[\s\d–,-]*(?:by\s+)?([^\W\d_][^,.;|©()\d]{1,39})", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """A run of text in a box of its own: number and tag of its element, characters inside links, amount of prose."""

    at: int
    tag: str
    text: str
    linked: int
    weight: float = 0.0
    teaser: bool = False

    @property
    def link_share(self) -> float:
        """The share of characters inside links."""
        return self.linked / max(1, len(self.text))


@dataclass(frozen=True)
class Layout:
    """The elements of a page in their order, the number of the parent of each (-1 for the root), and the blocks."""

    elements: list[Any]
    tags: list[str]
    parents: list[int]
    blocks: list[Block]

    def depth(self) -> int:
        """Return the depth of the deepest element, itself included."""
        depths = [0]
        for parent in self.parents:
            depths.append(depths[parent + 1] + 1)
        return max(depths)

    def inside(self, chosen: set[int]) -> list[bool]:
        """Return for each element whether it is a chosen one or inside one."""
        inner = [False] * len(self.parents)
        for at, parent in enumerate(self.parents):
            inner[at] = at in chosen or (parent >= 0 and inner[parent])
        return inner

    def sums(self, blocks: list[Block], value: Callable[[Block], float]) -> list[float]:
        """Return for each element the sum of a value over the blocks in it."""
        totals = [0.0] * len(self.parents)
        for block in blocks:
            totals[block.at] += value(block)
        for at in range(len(totals) - 1, 0, -1):
            totals[self.parents[at]] += totals[at]
        return totals

    def weights(self, blocks: list[Block]) -> list[float]:
        """Return for each element how much prose is in it."""
        return self.sums(blocks, lambda block: block.weight)


class _Reader:
    """Reads a tree into a layout without recursion, since pages may be nested as deeply as they like."""

    def __init__(self, *, noscript: bool) -> None:
        self.layout = Layout([], [], [], [])
        self._unread = _UNREAD if noscript else _UNREAD | {"noscript"}
        self._open: list[int] = []
        self._owners = [0]
        self._holders: set[int] = set()  # blocks that hold blocks
        self._links: list[int] = []
        self._text: list[str] = []
        self._linked = 0

    def read(self, root: Any) -> Layout:
        """Walk the tree in reading order."""
        node = root
        while True:
            child = self._enter(node)
            if child is not None:
                node = child
                continue
            while (after := node.next) is None:
                if not self._open:
                    self._flush()
                    return self._finished()
                node = node.parent
                self._leave()
            node = after

    def _finished(self) -> Layout:
        for block in self.layout.blocks:
            if block.at in self._holders and block.tag != "p":
                block.tag = "div"  # text next to blocks is not a paragraph, item or heading as a whole
            block.weight = _weight(block)
        return self.layout

    def _enter(self, node: Any) -> Any | None:
        """Read a node; return its first child if its children are to be read."""
        tag, layout = node.tag, self.layout
        if tag == "-text":
            text = node.text_content
            self._text.append(text)
            self._linked += len(text) if self._links else 0
            return None
        if tag == "br":
            self._break(node)
        if tag[0] in "-!" or tag in self._unread or tag == "br":
            return None
        is_block = tag in _BLOCKS
        child = node.first_child
        if not is_block and tag != "img" and (child is None or _is_hidden(node)):
            return None
        at = len(layout.tags)
        layout.elements.append(node)
        layout.tags.append(tag)
        layout.parents.append(self._open[-1] if self._open else -1)
        if is_block:
            self._flush()
            self._holders.add(self._owners[-1])
        if child is None:
            return None
        self._open.append(at)
        if is_block:
            self._owners.append(at)
        elif tag == "a" and node.attributes.get("href"):
            self._links.append(at)
        return child

    def _leave(self) -> None:
        at = self._open.pop()
        if self.layout.tags[at] in _BLOCKS:
            self._flush()
            self._owners.pop()
        elif self._links and self._links[-1] == at:
            self._links.pop()

    def _break(self, node: Any) -> None:
        """End a block at a line break, unless the sentence goes on after it."""
        above, after = "".join(self._text).rstrip(), node.next
        goes_on = after is not None and after.tag == "-text" and after.text_content.lstrip()[:1].islower()
        if goes_on and above[-1:].isalnum() and not self._links:
            self._text.append(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        """End a block; preformatted text is split at its blank lines."""
        if not self._text:
            return
        at, whole = self._owners[-1], "".join(self._text)
        tag = self.layout.tags[at]
        for piece in _BLANK_LINE.split(whole) if tag == "pre" else [whole]:
            if text := " ".join(piece.split()):
                linked = min(1.0, self._linked / len(whole))
                self.layout.blocks.append(Block(at, tag, text, round(linked * len(text))))
        self._text.clear()
        self._linked = 0


def _is_hidden(node: Any) -> bool:
    """Return whether an inline element is not shown."""
    attributes = node.attributes
    style, names = attributes.get("style") or "", attributes.get("class") or ""
    return bool("hidden" in attributes or HIDDEN.search(style) or _FOR_SCREEN_READERS.search(names))


def _weight(block: Block) -> float:
    if len(block.text) < 20 or block.link_share > 0.5 or not is_prose(block.text):
        return 0.0
    return length(block.text) * (1 - block.link_share)


def name_key(name: str) -> str:
    """Return the letters and digits of a name without case, so that spellings of one name are equal."""
    return "".join(filter(str.isalnum, name.casefold()))


def _machine_text(element: Any) -> str:
    """Return the value of an element for machines: its date or content."""
    attributes = element.attributes
    return clean(attributes.get("datetime") or attributes.get("content") or "")


def _label(element: Any) -> str:
    """Return tag and name of an element, as the place of a fact."""
    attributes = element.attributes
    hint = attributes.get("itemprop") or attributes.get("class") or attributes.get("id") or ""
    return f"<{element.tag}> {hint[:40]}".strip()


def _scope(element: Any) -> Any:
    """Return the element of the microdata item or article that an element belongs to; None outside of them."""
    at = element
    for _ in range(60):
        at = at.parent
        if at is None or "itemtype" in at.attributes or at.tag == "article":
            return at
    return None


def _is_foreign(element: Any) -> bool:
    """Return whether an element belongs to an item that is not an article."""
    item = _scope(element)
    kind = item.attributes.get("itemtype") if item is not None else None
    return bool(kind and _FOREIGN_ITEM.search(kind.rsplit("/", 1)[-1]))


def _is_apart(element: Any) -> bool:
    """Return whether an element is in a part of the page outside the article: comments, teasers, the footer."""
    at = element
    for _ in range(40):
        if at is None or at.tag in {"body", "html", "main"}:
            return False
        own = f"{at.attributes.get('class') or ''} {at.attributes.get('id') or ''}"
        foot = at.tag in _APART_TAGS or (at.tag != "article" and _APART.search(own))
        if foot and not (at.tag in {"footer", "aside", "div"} and _OWN.search(own)):
            return True
        at = at.parent
    return False


def _are_siblings(one: Any, other: Any) -> bool:
    """Return whether two elements or their parents are siblings."""
    near, far = one.parent, other.parent
    if near is None or far is None:
        return False
    return bool(near == far or (near.parent is not None and near.parent == far.parent and near.tag == far.tag))


def _with_texts(elements: list[Any], between: str = "") -> Iterator[tuple[Any, str]]:
    """Yield elements with their text; "" if it is too long, or after `_MAX_READ` characters, as in nested elements."""
    budget = _MAX_READ
    for element in elements:
        raw = element.text(separator=between) if element.tag != "meta" and budget > 0 else ""
        budget -= len(raw)
        yield element, clean(raw) if len(raw) <= _MAX_TEXT else ""


@dataclass(frozen=True)
class Document:
    """A parsed page; each property is computed when it is first used."""

    html: str

    @cached_property
    def _tree(self) -> Any:
        return _parse(self.html)

    @cached_property
    def layout(self) -> Layout:
        """The elements and blocks of the page, as browsers show them."""
        return _Reader(noscript=False).read(self._tree.root)

    @cached_property
    def full_layout(self) -> Layout:
        """The elements and blocks of the page, with those that only browsers without scripts show."""
        return _Reader(noscript=True).read(self._tree.root)

    @cached_property
    def is_ordinary(self) -> bool:
        """Whether other libraries read the page in reasonable time: it is neither huge nor deeply nested."""
        return len(self.html) <= _ORDINARY[0] and self.layout.depth() <= _ORDINARY[1]

    def select(self, selector: str, most: int = _MAX_ELEMENTS) -> list[Any]:
        """Return the first elements that match a selector."""
        return list(self._tree.css(selector)[:most])

    @cached_property
    def _stated(self) -> dict[str, list[Any]]:
        """Elements with data for machines, by tag; also microdata under `item`, and standfirsts under `lead`."""
        found: dict[str, list[Any]] = {}
        for element in self.select(_STATED, 1500):
            attributes = element.attributes
            found.setdefault(element.tag, []).append(element)
            if attributes.get("itemprop") or (element.tag != "meta" and attributes.get("property")):
                found.setdefault("item", []).append(element)
            if _LEADS.search(attributes.get("class") or ""):
                found.setdefault("lead", []).append(element)
        return found

    @cached_property
    def metas(self) -> dict[str, tuple[str, ...]]:
        """Contents of the meta elements by their name, property, itemprop or http-equiv, in lower case."""
        found: dict[str, list[str]] = {}
        for meta in self._stated.get("meta", ()):
            attributes = meta.attributes
            content = clean((attributes.get("content") or attributes.get("value") or "")[:_MAX_CONTENT])
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                for name in (attributes.get(attribute) or "").casefold().split():
                    if content and content not in found.setdefault(name, []):
                        found[name].append(content)
        return {name: tuple(contents) for name, contents in found.items()}

    def meta(self, *names: str) -> Iterator[Claim]:
        """Yield the contents of the meta elements of these names, in the order of the names."""
        for name in names:
            basis = "opengraph" if name.startswith(("og:", "article:")) else "meta"
            yield from (Claim(content, basis, name) for content in self.metas.get(name.casefold(), ()))

    @cached_property
    def nodes(self) -> list[Node]:
        """Every object of the page's JSON-LD."""
        scripts = self._stated.get("script", ())
        return nodes_of(one.text() for one in scripts if "ld+json" in (one.attributes.get("type") or "").casefold())

    @cached_property
    def named(self) -> dict[str, Node]:
        """The JSON-LD objects that others refer to by id."""
        return index_of(self.nodes)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The texts of the first headings of the first level."""
        return tuple(text for _, text in _with_texts(self._stated.get("h1", [])[:20]) if text)

    @cached_property
    def heading_parts(self) -> tuple[str, ...]:
        """The texts of the elements inside the first headings, such as a kicker and the headline."""
        parts = (child for one in self._stated.get("h1", [])[:3] for child in one.iter())
        return tuple(text for _, text in _with_texts(list(islice(parts, 10))) if text)

    @cached_property
    def page_title(self) -> str:
        """The text of `<title>`, but not that of an SVG image."""
        title = self._tree.css_first("head title, title")
        return clean(title.text()) if title else ""

    @cached_property
    def lines(self) -> list[str]:
        """The page's blocks of text, each a line."""
        return [block.text.lstrip("•").strip() for block in self.layout.blocks[:_MAX_LINES]]

    @cached_property
    def prose(self) -> list[str]:
        """The first lines that are long enough to hold a sentence."""
        return list(islice((line for line in self.lines if len(line.encode()) > 75), 8))

    def linked(self, relation: str) -> str | None:
        """Return the address of the first `<link>` of a relation."""
        links = [link.attributes for link in self._stated.get("link", ())]
        fit = (link for link in links if relation in (link.get("rel") or "").casefold().split())
        return next((at.strip() for link in fit if (at := link.get("href"))), None)

    def attribute(self, name: str) -> str | None:
        """Return an attribute of `<html>`."""
        value: str | None = self._tree.root.attributes.get(name)
        return value

    @cached_property
    def _items(self) -> list[tuple[frozenset[str], Any]]:
        """The elements of microdata and RDFa of the article, each with its properties."""
        found = []
        for element in self._stated.get("item", ()):
            attributes = element.attributes
            props = f"{attributes.get('itemprop') or ''} {attributes.get('property') or ''}".replace("schema:", "")
            if _OWN_ITEMS & {*props.split()} and not _is_foreign(element):
                found.append((frozenset(props.split()), element))
        return found

    def items(self, *names: str) -> Iterator[Claim]:
        """Yield the microdata and RDFa values of properties of the article, in order; all authors are from one item."""
        for name in names:
            own = [element for props, element in self._items if name in props][:20]
            first = _scope(own[0]) if own else None
            own = [element for element in own if name != "author" or _scope(element) == first]
            named = [inner for element in own for inner in element.css('[itemprop~="name"]')[:5] or [element]]
            for element, text in _with_texts(named):
                if value := _machine_text(element) or text:
                    yield Claim(value, "microdata", name)

    @cached_property
    def bylines(self) -> list[list[Claim]]:
        """Short texts of elements that are marked as bylines, `rel=author` first; siblings are one group."""
        marked = [one for one in self.select(_BYLINES, 60) if not _NO_BYLINE.search(one.attributes.get("class") or "")]
        marked.sort(key=lambda one: "author" not in (one.attributes.get("rel") or "").split())
        groups: list[list[Claim]] = []
        last: Any = None
        for element, text in _with_texts([one for one in marked if not _is_apart(one)], between=" "):
            if 0 < len(text) <= MAX_CREDIT:
                claim = Claim(text, "markup", _label(element))
                if last is not None and groups[-1][-1].where == claim.where and _are_siblings(last, element):
                    groups[-1].append(claim)
                else:
                    groups.append([claim])
                last = element
        return groups

    @cached_property
    def signs(self) -> list[Claim]:
        """Texts that may name the site: of logos, links to the front page, short lines and copyright notices."""
        names = ("alt", "title", "aria-label", "content")
        said = [one.attributes.get(name) or "" for one in self.select(_SIGNS, 60) for name in names]
        said += [line for line in self.lines if len(line) <= 40]
        said += [match[1] for line in self.lines[-60:] for match in _RIGHTS.finditer(line[:MAX_CREDIT])]
        return [Claim(text, "markup", "sign") for text in map(clean, said) if 1 < len(text) <= 40]

    def leads(self, title: str) -> Iterator[Claim]:
        """Yield the texts of elements that are marked as the standfirst."""
        subtitles = [element for props, element in self._items if "alternativeHeadline" in props]
        marked = self._stated.get("lead", []) + subtitles
        for element, text in _with_texts(marked[:20]):
            if text and text != title and not _is_apart(element):
                yield Claim(text, "markup", _label(element))

    def _line_of(self, title: str) -> int | None:
        """Return the number of the first line that is a title, or begins with it and is little longer."""
        wanted, most = name_key(title), 2 * len(title) + 20
        like = (n for n, line in enumerate(self.lines) if len(wanted) <= len(line) <= most)
        if len(wanted) < _TELLING:
            return next((n for n in like if name_key(self.lines[n]) == wanted), None) if wanted else None
        return next((n for n in like if name_key(self.lines[n]).startswith(wanted)), None)

    def credits(self, title: str) -> list[Claim]:
        """Return the short lines from the headline to the first prose, then the two above the headline."""
        at = next((at for shown in (title, *self.headings[:3]) if (at := self._line_of(shown)) is not None), None)
        if at is None or not title:
            return []
        below = self.lines[at + 1 : at + 1 + _CREDITS_BELOW]
        prose = next((n for n, line in enumerate(below) if len(line) > MAX_CREDIT), len(below))
        near = [*below[:prose], *self.lines[max(at - 2, 0) : at][::-1]]
        return [Claim(line, "text", "line by the headline") for line in near if len(line) <= MAX_CREDIT]


def _parse(html: str) -> Any:
    """Parse a page; lone surrogates become question marks."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise MissingLibraryError("selectolax", "Reading HTML", how_to_install("grow")) from error
    html = _CONTROL.sub(" ", html)  # the build reads frozen spans in the same way
    return LexborHTMLParser(html[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8"))
