"""Read the JSON-LD of pages: repair its usual faults, and separate the article's data from data about other things."""

from __future__ import annotations

import json
import re
from collections import deque
from html import unescape
from typing import TYPE_CHECKING, Any

from espress_build.pages.page_fact import Claim, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]

_MAX_SCRIPT = 2_000_000  # characters; longer scripts hold a page's state, or are an attack
_MAX_NODES = 5_000
_MAX_DEPTH = 12
_WRAPPERS = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|(?://\s*)?\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_ASIDE = words("aside")  # keys whose values are about something else: lists of teasers, comments, pictures
_ARTICLE = re.compile(r"article|posting|report$|^(?:review|opinion|liveblog|recipe|podcastepisode)", re.IGNORECASE)
_KEY = "_aside"  # added to each node: whether it is inside such a value


def _decode(script: str) -> Iterator[Any]:
    """Yield the JSON values of a script, one after the other; raises ValueError if the rest is not JSON."""
    decoder, at = json.JSONDecoder(strict=False), 0
    while at < len(script):
        value, end = decoder.raw_decode(script, at)
        yield value
        at = end + len(script[end:]) - len(script[end:].lstrip(" \t\r\n;,"))


def read_script(script: str) -> list[Any]:
    """Return the JSON values of a script, after the repair of usual faults; empty if it cannot be read."""
    if len(script) > _MAX_SCRIPT:
        return []
    bare = _WRAPPERS.sub("", script.strip()).strip().strip(";")
    mended = _BAD_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub("", bare))
    for form in (bare, mended, unescape(mended)):
        try:
            return list(_decode(form))
        except (ValueError, RecursionError):
            continue
    return []


def nodes_of(scripts: Iterable[str]) -> list[Node]:
    """Return every object of the page's JSON-LD, outer before inner; `_aside` marks those about something else."""
    found: list[Node] = []
    waiting = deque((value, False, 0) for script in scripts for value in read_script(script))
    while waiting and len(found) < _MAX_NODES:
        value, aside, depth = waiting.popleft()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting.extend((part, aside, depth + 1) for part in value)
        elif isinstance(value, dict):
            found.append(value | {_KEY: aside})
            waiting.extend((part, aside or key.casefold() in _ASIDE, depth + 1) for key, part in value.items())
    return found


def types_of(node: Node) -> list[str]:
    """Return a node's types without the vocabulary's address."""
    types = node.get("@type") or node.get("type") or []
    return [str(kind).rsplit("/", 1)[-1] for kind in (types if isinstance(types, list) else [types])]


def is_article(node: Node) -> bool:
    """Return whether a node describes an article of any kind."""
    return any(_ARTICLE.search(kind) for kind in types_of(node))


def is_page(node: Node) -> bool:
    """Return whether a node describes a page with a date, as some systems do instead of an article."""
    return any(kind.endswith("Page") for kind in types_of(node)) and "datePublished" in node


def is_aside(node: Node) -> bool:
    """Return whether a node is inside a list of teasers, comments or pictures."""
    return bool(node.get(_KEY))


def clean(text: Any) -> str:
    """Return a text without markup, doubly escaped entities and runs of white space."""
    once = str(text)
    if "&" in once:
        once = unescape(unescape(once))
    if "<" in once:
        once = re.sub(r"</?[a-zA-Z][^<>]{0,500}>", " ", once)
    return re.sub(r"[\s\u200b\ufeff\u00ad]+", " ", once.replace("\u00ad", "")).strip()


def read_texts(value: Any, index: dict[str, Node] | None = None, depth: int = 0) -> list[str]:
    """Return the texts of a value: of a string, of a list's members, or an object's name, `@value` or reference."""
    if depth > 4:
        return []
    if isinstance(value, list):
        return [text for part in value[:50] for text in read_texts(part, index, depth + 1)]
    if isinstance(value, dict):
        named = value.get("name") or value.get("@value")
        if named is None and index and isinstance(value.get("@id"), str):
            named = index.get(value["@id"], {}).get("name")
        return read_texts(named, index, depth + 1)
    if value is None or isinstance(value, bool):
        return []
    text = clean(value)
    if text.startswith(("{", "[{")):  # an object in quotation marks, by a fault of a template
        return read_texts(next(iter(read_script(text)), None), index, depth + 1)
    return [text] if text else []


def read_claims(node: Node, *keys: str, index: dict[str, Node] | None = None) -> Iterator[Claim]:
    """Yield the texts of a node's keys, in the order of the keys."""
    for key in keys:
        yield from (Claim(text, "json-ld", key) for text in read_texts(node.get(key), index))


def index_of(nodes: list[Node]) -> dict[str, Node]:
    """Return the nodes with a name by id, for references such as `{"@id": "#author"}`."""
    return {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
