"""From HTML to blocks: the runs of text that a browser sets apart, in their order, with what tells prose from links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError, MissingLibraryError
from espress_build.pages.paragraphs import is_prose, length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_CHARACTERS = 20_000_000  # of markup without scripts and styles; no article comes near
_NEAR = 4  # ancestors among which a link around a whole block is looked for
_RAW = re.compile(r"<(script|style|noscript|template|svg)\b|<!--", re.IGNORECASE)
_CLOSING = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "noscript", "template", "svg")
}
_CONTROL = bytes(32 if code < 32 and code not in b"\t\n\r" else code for code in range(256))  # made spaces
_DROPPED = ("head", "nav", "button", "select", "option", "figcaption", "textarea", "iframe", "audio", "video", "object")
_BLOCKS = (
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "dd", "dt", "td", "th", "div", "section",
    "article", "main", "center", "body", "ul", "ol", "dl", "table", "tr", "header", "footer", "aside", "form", "figure",
    "address", "details", "summary", "hr",
)  # fmt: skip
_BLOCK_TAGS = frozenset(_BLOCKS)
_BREAK = "\u2028"


@dataclass(slots=True)
class Block:
    """A run of text: the number of its element, its tag, how many characters are links, its weight as prose."""

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
class Page:
    """A parsed page: its elements in their order, the number of each one's parent (the root's is -1), its blocks."""

    elements: list[Any]
    tags: list[str]
    parents: list[int]
    blocks: list[Block]

    @property
    def depth(self) -> int:
        """How many elements the deepest one stands in, itself included."""
        depths = [1]
        for parent in self.parents[1:]:
            depths.append(depths[parent] + 1)
        return max(depths)

    def within(self, chosen: set[int]) -> list[bool]:
        """Tell of each element whether it is one of the chosen or stands in one."""
        inner = [False] * len(self.elements)
        for at, parent in enumerate(self.parents):
            inner[at] = at in chosen or (parent >= 0 and inner[parent])
        return inner

    def sums(self, blocks: list[Block], value: Callable[[Block], float]) -> list[float]:
        """Return for each element the sum of a value over the blocks in it."""
        totals = [0.0] * len(self.elements)
        for block in blocks:
            totals[block.at] += value(block)
        parents = self.parents
        for at in range(len(totals) - 1, 0, -1):
            if total := totals[at]:
                totals[parents[at]] += total
        return totals

    def weights(self, blocks: list[Block]) -> list[float]:
        """Return for each element how much prose stands in it."""
        return self.sums(blocks, lambda block: block.weight)


def _without_raw(html: str) -> str:
    """Cut scripts, styles and comments in one pass; many of them, or unclosed ones, cost no more than their length."""
    kept, at = [], 0
    while opening := _RAW.search(html, at):
        kept.append(html[at : opening.start()])
        if name := opening[1]:
            closing = _CLOSING[name.lower()].search(html, opening.end())
            end = closing.end() if closing else -1
        else:
            found = html.find("-->", opening.end())
            end = found + 3 if found >= 0 else -1
        if end < 0:  # never closed: what stands behind the opening is kept as text
            at = min(len(html), html.find(">", opening.end()) + 1 or len(html))
            kept.append(html[at:])
            return " ".join(kept)
        at = end
    kept.append(html[at:])
    return " ".join(kept)


def _root(html: str) -> Any | None:
    """Return the root element of a page, without what never holds prose; null where there is none."""
    try:
        etree = import_module("lxml.etree")
    except ImportError as error:
        raise MissingLibraryError("lxml", "Reading HTML", "pip install 'espress[grow]'") from error
    markup = _without_raw(html)
    if len(markup) > MOST_CHARACTERS:
        raise EspressError(
            f"the page has {len(markup):,} characters of markup, more than {MOST_CHARACTERS:,}: no article is as long. "
            "Save the article's own page"
        )
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace").translate(_CONTROL), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    for line_break in root.iter("br"):
        line_break.tail = _BREAK + (line_break.tail or "")
    return root


@dataclass(frozen=True)
class _Frame:
    """What is known of each element by its number: the last element in it, whether it holds blocks, links over it."""

    order: dict[Any, int]
    last: list[int]
    holds: list[bool]
    under_link: set[int]  # few steps below one
    linked: list[int]  # characters of the links in a block
    lengths: list[int]  # characters of a link


def _length(element: Any) -> int:
    return len("".join(element.itertext()) if len(element) else element.text or "")


def _frame(elements: list[Any], tags: list[str], parents: list[int], order: dict[Any, int]) -> _Frame:
    """Walk up once for what is in each element, and over the links; one in another is read with it."""
    size = len(elements)
    last, holds, linked, lengths = list(range(size)), [False] * size, [0] * size, [0] * size
    for at in range(size - 1, 0, -1):
        parent = parents[at]
        last[parent] = max(last[parent], last[at])
        if holds[at] or tags[at] in _BLOCK_TAGS:
            holds[parent] = True
    under_link, end = set[int](), -1
    for at, tag in enumerate(tags):
        if tag == "a" and at > end:
            end, owner = last[at], at
            while tags[owner] not in _BLOCK_TAGS and parents[owner] >= 0:
                owner = parents[owner]
            lengths[at] = _length(elements[at])
            linked[owner] += lengths[at]
            if holds[at]:
                under_link.update(_near(at, end, parents))
    return _Frame(order, last, holds, under_link, linked, lengths)


def _near(link: int, end: int, parents: list[int]) -> Iterator[int]:
    """Yield the elements in a link that stand few steps below it."""
    steps = {link: 0}
    for at in range(link + 1, end + 1):
        below = steps.get(parents[at], _NEAR) + 1
        if below < _NEAR:
            steps[at] = below
            yield at


def _runs(element: Any, at: int, frame: _Frame) -> Iterator[tuple[str, int, int]]:
    """Yield the texts directly in an element that also holds blocks, their linked length, what they stand behind."""
    text, linked, behind = element.text or "", 0, at
    for child in element:
        number = frame.order[child]
        if frame.holds[number] or child.tag in _BLOCK_TAGS:
            if text and not text.isspace():
                yield text, linked, behind
            text, linked, behind = "", 0, frame.last[number]
        else:
            inside = "".join(child.itertext()) if len(child) else child.text or ""
            text += inside
            if inside:
                linked += len(inside) if child.tag == "a" else _linked(child, frame)
        if child.tail:
            text += child.tail
    if text and not text.isspace():
        yield text, linked, behind


def _linked(element: Any, frame: _Frame) -> int:
    return sum(frame.lengths[frame.order[link]] for link in element.iter("a")) if len(element) else 0


def _pieces(at: int, tag: str, text: str, linked: int) -> list[Block]:
    """Return a run of text as blocks, cut at line breaks, links shared out by length."""
    if _BREAK not in text:
        squeezed = " ".join(text.split())
        return [Block(at, tag, squeezed, linked)] if squeezed else []
    whole = max(1, len(text))
    pieces = [(" ".join(piece.split()), len(piece)) for piece in text.split(_BREAK)]
    return [Block(at, tag, piece, round(linked * size / whole)) for piece, size in pieces if piece]


def _in_order(elements: list[Any], tags: list[str], frame: _Frame) -> list[Block]:
    """Return the blocks of these elements in the order in which a reader meets them."""
    own: dict[int, list[Block]] = {}
    behind: dict[int, list[Block]] = {}
    for at, (element, tag) in enumerate(zip(elements, tags, strict=True)):
        if frame.holds[at]:
            for text, linked, place in _runs(element, at, frame):
                pieces = _pieces(at, "p" if tag == "p" else "div", text, linked)
                behind[place] = pieces + behind.get(place, [])  # what an inner element ends with comes first
        elif tag in _BLOCK_TAGS and (text := "".join(element.itertext()) if len(element) else element.text):
            own[at] = _pieces(at, tag, text, frame.linked[at])
    places = sorted({*own, *behind})
    return [block for at in places for block in (*own.get(at, ()), *behind.get(at, ()))]


def parse(html: str) -> Page | None:
    """Return a page with its blocks in their order, each weighed as prose; null where there is no markup.

    Raises:
        EspressError: the markup is longer than any article's page.
        MissingLibraryError: lxml is not installed.
    """
    root = _root(html)
    if root is None:
        return None
    elements = list(root.iter())
    tags = [element.tag for element in elements]
    order = {element: at for at, element in enumerate(elements)}
    parents = [-1, *(order[element.getparent()] for element in elements[1:])]
    frame = _frame(elements, tags, parents, order)
    blocks = _in_order(elements, tags, frame)
    for block in blocks:
        if block.at in frame.under_link:
            block.linked = len(block.text)
        block.weight = _weight(block)
    return Page(elements, tags, parents, blocks)


def _weight(block: Block) -> float:
    if len(block.text) < 20 or block.link_share > 0.5 or not is_prose(block.text):
        return 0.0
    return length(block.text) * (1 - block.link_share)
