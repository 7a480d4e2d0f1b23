"""Elements of a parsed page: what they say, where they stand, and whether that is in the article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from espress_build.pages.authors import is_person
from espress_build.pages.jsonld import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_ELEMENTS = 400  # of one selector
MAX_CREDIT = 200  # characters; a longer line is prose
_MAX_MARKUP = 8_000  # characters, tags and all, of an element that is a credit
MAX_TEXT = 2_000  # characters, white space and all, of an element that is a heading or a credit
_MAX_READ = 20_000_000  # characters of nested elements that are read before the rest is left
_FOREIGN_ITEM = re.compile(r"comment|video|image|audio|person|organi|product|event|list|breadcrumb", re.IGNORECASE)
_APART = re.compile(
    r"(?:^|[\s_-])comment(?:s|er|ers|list|ary-list)?(?:[\s_-]|$)|disqus|(?<![a-z][_-])(?:related|sidebar)(?!-?(?:wrap|right|left))|"
    r"footer|teaser|recommend|most-?read|popular|(?<!elementor-)widget|promo|caption|(?<!block)quote|newsletter",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:entry|article|post|story)_*-*(?:meta|footer)|byline|(?:^|[\s_-])meta(?:$|\s)", re.IGNORECASE)
_APART_TAGS = {"footer", "aside", "nav", "figure", "figcaption", "blockquote", "dialog"}


def select(node: Any, selector: str, most: int = _MAX_ELEMENTS) -> list[Any]:
    """Return the first elements that a selector finds below a node."""
    found = node.query_selector_all(selector) if node is not None else []
    return list(found[:most])  # one slice: each single access to such a list walks the whole of it


def shown(elements: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield elements with their text; empty where it is long, and once much has been read, as in nests of them."""
    budget = _MAX_READ
    for element in elements:
        raw = element.text if element.tag != "meta" and budget > 0 else ""
        budget -= len(raw)
        yield element, clean(raw) if len(raw) <= MAX_TEXT else ""


def spaced(element: Any) -> str:
    """Return an element's text, parts that only tags part set apart by a bar."""
    markup = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", element.html[:_MAX_MARKUP], flags=re.DOTALL | re.IGNORECASE)
    return clean(re.sub(r"<[^>]*>", " ", re.sub(r"(?<=[^\s>])(?:<[^>]*>)+(?=[^\s<])", " | ", markup))).strip(" |")


def apart_names(element: Any) -> str | None:
    """Return the names of an element whose parts hold one each, parted; None where they are one text."""
    parts = [clean(part.text[:MAX_CREDIT]) for part in select(element, "a, li, [itemprop~=name], [class*=name i]")[:20]]
    names = list(dict.fromkeys(part for part in parts if is_person(part)))
    return "; ".join(names) if len(names) > 1 and not any(a != b and a in b for a in names for b in names) else None


def siblings(one: Any, other: Any) -> bool:
    """Return whether two elements lie side by side, each perhaps in a frame of its own."""
    near, far = one.parent, other.parent
    if near is None or far is None:
        return False
    return bool(near == far or (near.parent is not None and near.parent == far.parent and near.tag == far.tag))


def by_relation(element: Any) -> bool:
    """Return whether an element lacks the relation of author, so that those with it sort first."""
    return "author" not in (element.getattr("rel") or "").split()


def machine(element: Any) -> str:
    """Return what an element says to machines: a date or a content."""
    return clean(element.getattr("datetime") or element.getattr("content") or element.getattr("data-datetime") or "")


def label(element: Any) -> str:
    """Return what an element is and is called, for the ground of a fact."""
    hint = element.getattr("itemprop") or element.getattr("class") or element.getattr("id") or ""
    return f"<{element.tag}> {hint[:40]}".strip()


def scope(element: Any) -> Any:
    """Return the element of the item that an element belongs to; None outside of items."""
    at = element
    for _ in range(60):
        at = at.parent
        if at is None or not hasattr(at, "getattr"):
            return None
        if at.getattr("itemtype") is not None or at.tag == "article":
            return at
    return None


def foreign(element: Any) -> bool:
    """Return whether the item that an element belongs to is no article."""
    item = scope(element)
    kind = item.getattr("itemtype") if item is not None else None
    return bool(kind and _FOREIGN_ITEM.search(kind.rsplit("/", 1)[-1]))


def leads_up(heading: Any, address: str) -> bool:
    """Return whether a heading is one link to the site's front page, or to what lies above the page's address."""
    links = select(heading, "a[href]")
    if len(links) != 1 or clean(links[0].text) != clean(heading.text):
        return False
    href = links[0].getattr("href").strip().partition("#")[0]
    path = re.sub(r"^https?://[^/]*", "", href)
    return path in {"", "/"} or (href.endswith("/") and len(address) > len(href) and address.startswith(href))


def apart(element: Any) -> bool:
    """Return whether an element lies in a part of the page that is not the article: comments, teasers, the foot."""
    at = element
    for _ in range(40):
        if at is None or not hasattr(at, "getattr") or at.tag in {"body", "html", "main"}:
            return False
        own = f"{at.getattr('class') or ''} {at.getattr('id') or ''}"
        foot = at.tag in _APART_TAGS or (at.tag != "article" and _APART.search(own))
        if foot and not (at.tag in {"footer", "aside", "div"} and _OWN.search(own)):
            return True
        at = at.parent
    return False
