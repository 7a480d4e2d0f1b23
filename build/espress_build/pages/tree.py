"""From HTML to blocks: the runs of text that a browser sets apart, in their order, with what tells prose from links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError, MissingLibraryError
from espress_build.pages.paragraphs import is_prose, length

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 20_000_000  # of markup without scripts and styles; no article comes near
_NEAR = 4  # ancestors among which a link around a whole block is looked for
_DEEPEST = 400  # ancestors that are looked at; deeper nesting is no layout
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
    """A run of text: the element that it stands in, its tag, how many characters are links, its weight as prose."""

    element: Any
    tag: str
    text: str
    linked: int
    weight: float = 0.0
    teaser: bool = False

    @property
    def link_share(self) -> float:
        """The share of characters inside links."""
        return self.linked / max(1, len(self.text))


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


def parse(html: str) -> Any | None:
    """Return the root element of a page, without what never holds prose; null where there is none.

    Raises:
        EspressError: the markup is longer than any article's page.
        MissingLibraryError: lxml is not installed.
    """
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


def ancestors(element: Any) -> Iterator[Any]:
    """Yield an element and those above it, up to a depth that no layout reaches."""
    for _ in range(_DEEPEST):
        if element is None:
            return
        yield element
        element = element.getparent()


def _holders(found: list[Any]) -> set[Any]:
    """Return all elements that hold one of these, each visited once."""
    holders: set[Any] = set()
    for element in found:
        above = element.getparent()
        while above is not None and above not in holders:
            holders.add(above)
            above = above.getparent()
    return holders


def _runs(element: Any, holders: set[Any]) -> Iterator[tuple[str, int, Any]]:
    """Yield the texts directly in an element that also holds blocks, their linked length, what they stand behind."""
    text, linked, behind = element.text or "", 0, element
    for child in element:
        if child in holders or child.tag in _BLOCK_TAGS:
            if text and not text.isspace():
                yield text, linked, behind
            text, linked, behind = "", 0, child
        else:
            inside = "".join(child.itertext()) if len(child) else child.text or ""
            text += inside
            linked += _linked(child, inside) if inside else 0
        if child.tail:
            text += child.tail
    if text and not text.isspace():
        yield text, linked, behind


def _linked(element: Any, text: str) -> int:
    if element.tag == "a":
        return len(text)
    if not len(element):
        return 0
    return sum(len("".join(link.itertext())) for link in element.iter("a"))


def _pieces(element: Any, tag: str, text: str, linked: int) -> Iterator[Block]:
    """Yield a run of text as blocks, cut at line breaks, links shared out by length."""
    whole = max(1, len(text))
    for piece in text.split(_BREAK) if _BREAK in text else (text,):
        squeezed = " ".join(piece.split())
        if squeezed:
            yield Block(element, tag, squeezed, round(linked * len(piece) / whole))


def _last_inside(element: Any) -> Any:
    while len(element):
        element = element[-1]
    return element


def _in_order(elements: list[Any]) -> list[Block]:
    """Return the blocks of these elements in the order in which a reader meets them."""
    order = {element: number for number, element in enumerate(elements)}
    holders = _holders([element for element in elements if element.tag in _BLOCK_TAGS])
    placed: list[tuple[int, int, Block]] = []
    for element, number in order.items():
        if element in holders:
            for text, linked, behind in _runs(element, holders):
                place = number if behind is element else order[_last_inside(behind)]
                tag = "div" if element.tag != "p" else "p"
                placed += ((place, 1, block) for block in _pieces(element, tag, text, linked))
        elif element.tag in _BLOCK_TAGS:
            text = "".join(element.itertext()) if len(element) else element.text or ""
            placed += ((number, 0, block) for block in _pieces(element, element.tag, text, _linked(element, text)))
    placed.sort(key=lambda one: one[:2])
    return [block for _, _, block in placed]


def blocks_of(root: Any) -> list[Block]:
    """Return the blocks of a page in their order, each weighed as prose."""
    blocks = _in_order(list(root.iter()))
    for block in blocks:
        if block.linked < len(block.text) and any(
            above.tag == "a" for above in islice(ancestors(block.element), _NEAR)
        ):
            block.linked = len(block.text)
        block.weight = _weight(block)
    return blocks


def _weight(block: Block) -> float:
    if len(block.text) < 20 or block.link_share > 0.5 or not is_prose(block.text):
        return 0.0
    return length(block.text) * (1 - block.link_share)
