"""Cut a page into blocks as it was cut when the pages of shipped_judged.json were judged; do not change this code."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_RAW = re.compile(r"<(script|style|noscript|template|svg)\b|<!--", re.IGNORECASE)
_CLOSING = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "noscript", "template", "svg")
}
_CONTROL = bytes(
    32 if code < 32 and code not in b"\t\n\r" else code for code in range(256)
)  # control characters become spaces
_DROPPED = ("head", "nav", "button", "select", "option", "figcaption", "textarea", "iframe", "audio", "video", "object")
_BLOCKS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "dd", "dt", "td", "th", "div", "section",
    "article", "main", "center", "body", "ul", "ol", "dl", "table", "tr", "header", "footer", "aside", "form", "figure",
    "address", "details", "summary", "hr",
))  # fmt: skip
_BREAK = "\u2028"


def _without_raw(html: str) -> str:
    """Cut scripts, styles and comments in one pass, in linear time even if they are many or unclosed."""
    kept, at = [], 0
    while opening := _RAW.search(html, at):
        kept.append(html[at : opening.start()])
        if name := opening[1]:
            closing = _CLOSING[name.lower()].search(html, opening.end())
            end = closing.end() if closing else -1
        else:
            found = html.find("-->", opening.end())
            end = found + 3 if found >= 0 else -1
        if end < 0:  # never closed: the text after the opening is kept
            at = min(len(html), html.find(">", opening.end()) + 1 or len(html))
            kept.append(html[at:])
            return " ".join(kept)
        at = end
    kept.append(html[at:])
    return " ".join(kept)


def _read(root: Any, holders: set[Any]) -> Iterator[str]:
    """Yield the texts of blocks, and those between them, in reading order."""
    work: list[Any] = [root]
    while work:
        one = work.pop()
        if isinstance(one, str):
            yield one
        elif one not in holders:
            yield "".join(one.itertext()) if one.tag in _BLOCKS else ""
        else:
            parts: list[Any] = [one.text or ""]
            for child in one:
                if child in holders or child.tag in _BLOCKS:
                    parts += [child, child.tail or ""]
                else:
                    parts[-1] += "".join(child.itertext()) + (child.tail or "")
            work += reversed(parts)


def cut_blocks(html: str) -> list[str]:
    """Return the texts of a page's blocks in reading order."""
    etree = import_module("lxml.etree")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(_without_raw(html).encode("utf-8", "replace").translate(_CONTROL), parser)
    if root is None:
        return []
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    for line_break in root.iter("br"):
        line_break.tail = _BREAK + (line_break.tail or "")
    holders = {above for one in root.iter(*_BLOCKS) for above in one.iterancestors()}
    pieces = (piece for text in _read(root, holders) for piece in text.split(_BREAK))
    return [text for piece in pieces if (text := " ".join(piece.split()))]
