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
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
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
    markup = _CONTROL.sub(" ", _without_raw(html))
    if len(markup) > MOST_CHARACTERS:
        raise EspressError(
            f"the page has {len(markup):,} characters of markup, more than {MOST_CHARACTERS:,}: no article is as long. "
            "Save the article's own page"
        )
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
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
    under_link: list[bool]
    linked: list[int]  # characters of the links in a block
    lengths: list[int]  # characters of a link


def _length(element: Any) -> int:
    return len("".join(element.itertext()) if len(element) else element.text or "")


def _frame(elements: list[Any], tags: list[str], parents: list[int], order: dict[Any, int]) -> _Frame:
    """Walk down and up again once: what is above an element, and what is in it."""
    size = len(elements)
    last, holds, owner, lengths, linked = list(range(size)), [False] * size, [0] * size, [0] * size, [0] * size
    steps, inside = [_NEAR] * size, [False] * size  # from the nearest link above; whether there is one at all
    for at, tag in enumerate(tags):
        parent = parents[at]
        owner[at] = at if tag in _BLOCK_TAGS or parent < 0 else owner[parent]
        steps[at] = 0 if tag == "a" else _NEAR if parent < 0 else min(_NEAR, steps[parent] + 1)
        inside[at] = parent >= 0 and (inside[parent] or tags[parent] == "a")
        if tag == "a" and not inside[at]:  # a link in a link is read once, however deep they nest
            lengths[at] = _length(elements[at])
            linked[owner[at]] += lengths[at]
    for at in range(size - 1, 0, -1):
        parent = parents[at]
        last[parent] = max(last[parent], last[at])
        if holds[at] or tags[at] in _BLOCK_TAGS:
            holds[parent] = True
    return _Frame(order, last, holds, [count < _NEAR for count in steps], linked, lengths)


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


def _pieces(at: int, tag: str, text: str, linked: int) -> Iterator[Block]:
    """Yield a run of text as blocks, cut at line breaks, links shared out by length."""
    whole = max(1, len(text))
    for piece in text.split(_BREAK) if _BREAK in text else (text,):
        squeezed = " ".join(piece.split())
        if squeezed:
            yield Block(at, tag, squeezed, round(linked * len(piece) / whole))


def _in_order(elements: list[Any], tags: list[str], frame: _Frame) -> list[Block]:
    """Return the blocks of these elements in the order in which a reader meets them."""
    placed: list[tuple[int, int, Block]] = []
    for at, (element, tag) in enumerate(zip(elements, tags, strict=True)):
        if frame.holds[at]:
            for text, linked, behind in _runs(element, at, frame):
                shown = "p" if tag == "p" else "div"
                placed += ((behind, 1, block) for block in _pieces(at, shown, text, linked))
        elif tag in _BLOCK_TAGS:
            text = "".join(element.itertext()) if len(element) else element.text or ""
            placed += ((at, 0, block) for block in _pieces(at, tag, text, frame.linked[at]))
    placed.sort(key=lambda one: one[:2])
    return [block for _, _, block in placed]


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
        if frame.under_link[block.at]:
            block.linked = len(block.text)
        block.weight = _weight(block)
    return Page(elements, tags, parents, blocks)


def _weight(block: Block) -> float:
    if len(block.text) < 20 or block.link_share > 0.5 or not is_prose(block.text):
        return 0.0
    return length(block.text) * (1 - block.link_share)
