"""The body of an article's HTML page: the blocks of its prose, without furniture, and no rule that names an outlet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from espress_build.pages.furniture import mark_teasers, weigh, without_captions, without_furniture
from espress_build.pages.paragraphs import Body, Paragraph, Role, ends_sentence, is_statement, length
from espress_build.pages.tree import Block, ancestors, blocks_of, parse

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEAVES = frozenset(("p", "blockquote", "li", "pre", "td", "dd", *_HEADINGS))
_MARKED = 0.5  # what the page itself marks as its article's body is believed where it holds as much
_STORY = 600  # characters of prose that make an article of its own
_DESCEND = 0.75  # the article's element holds as much of what its parent holds
_SEVERAL = 2  # paragraphs that make a flow of text
_LINKED = 0.5  # what is more than half links leads elsewhere
_CLOSING = 0.3  # the same for what stands behind the last paragraph


def _places(blocks: list[Block]) -> list[Any]:
    """Return for each block the element in which it stands as a paragraph among others."""
    runs = Counter(block.element for block in blocks)
    places = []
    for block in blocks:
        place = block.element
        if runs[place] == 1 or block.tag in _LEAVES:
            place = place.getparent()
        if block.tag == "li" and place is not None:
            place = place.getparent()
        places.append(place)
    return places


def _flowing(blocks: list[Block]) -> set[Any]:
    """Return the elements in which paragraphs of prose stand directly, several of them."""
    held = Counter(place for block, place in zip(blocks, _places(blocks), strict=True) if block.weight)
    return {element for element, count in held.items() if count >= _SEVERAL}


def _container(blocks: list[Block], flowing: set[Any]) -> Any | None:
    """Return the smallest element that holds nearly all prose of its parents."""
    weights = weigh(blocks)
    if not weights:
        return None
    within: dict[Any, list[Any]] = {}
    for element in weights:
        within.setdefault(element.getparent(), []).append(element)
    *_, at = ancestors(next(iter(weights)))
    marked = [one for one in weights if one.get("itemprop") == "articleBody" and weights[one] >= _MARKED * weights[at]]
    if marked:
        return marked[0]
    while inner := within.get(at):
        heaviest = max(inner, key=lambda element: weights[element])
        if weights[heaviest] < _DESCEND * weights[at] or heaviest.tag in _LEAVES or at in flowing:
            break
        at = heaviest
    return _first_article(at, weights)


def _first_article(container: Any, weights: dict[Any, float]) -> Any:
    """Return the first of several articles that stand one below another, else the container itself."""
    stories = [one for one in container.iter("article") if weights.get(one, 0.0) >= _STORY]
    outermost = [one for one in stories if not any(above in stories for above in ancestors(one.getparent()))]
    return outermost[0] if len(outermost) > 1 else container


def _inside(blocks: list[Block], container: Any) -> list[Block]:
    inner = set(container.iter())
    return [block for block in blocks if block.element in inner]


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _worth(block: Block, *, flows: bool) -> bool:
    """Tell whether a block between paragraphs belongs to them; `flows` where it stands among them as they do."""
    if block.weight:
        return True
    if block.link_share > _LINKED or block.teaser:
        return False
    if flows or block.tag in ("p", "blockquote", "li", "pre", "dd") or block.tag in _HEADINGS:
        return True
    return length(block.text) >= 25 and ends_sentence(block.text)


def _role(block: Block) -> Role:
    return "sub-heading" if block.tag in _HEADINGS else "body"


def _closes(block: Block) -> bool:
    """Tell whether a short block may be the first or last of a body: a paragraph that states something, no links."""
    return block.tag == "p" and not block.linked and is_statement(block.text)


def _trimmed(blocks: list[Block], flowing: set[Any]) -> list[Block]:
    """Cut what stands before the first block of prose, and behind the last unless it stands there as prose does."""
    whole = [number for number, block in enumerate(blocks) if block.weight or _closes(block)]
    if not whole:
        return []
    start, end = whole[0], whole[-1] + 1
    places = _places(blocks)
    beside = {place for block, place in zip(blocks, places, strict=True) if block.weight} & flowing
    while end < len(blocks) and blocks[end].link_share <= _CLOSING and places[end] in beside:
        end += 1
    while blocks[end - 1].tag in _HEADINGS:
        end -= 1
    return blocks[start:end]


def body_of_html(html: str, *, title: str | None = None) -> Body:
    """Return the paragraphs of the article on a page, without title, byline, captions and the page's furniture.

    Raises:
        EspressError: the markup is longer than any article's page.
        MissingLibraryError: lxml is not installed.
    """
    root = parse(html)
    if root is None:
        return Body(())
    blocks = blocks_of(root)
    mark_teasers(blocks)
    blocks = without_furniture(without_captions(root, blocks))
    flowing = _flowing(blocks)
    container = _container(blocks, flowing)
    if container is None:
        return Body(())
    inside = _inside(blocks, container)
    worth = [
        block for block, place in zip(inside, _places(inside), strict=True) if _worth(block, flows=place in flowing)
    ]
    heading = _key(title or "")
    kept = [block for block in worth if not heading or _key(block.text) != heading]
    return Body(tuple(Paragraph(block.text, _role(block)) for block in _trimmed(kept, flowing)))
