"""The body of an article's HTML page: the blocks of its prose, without furniture, and no rule that names an outlet."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from espress_build.pages.boilerplate import mark_teasers, without_captions, without_furniture
from espress_build.pages.dom import parse
from espress_build.pages.paragraphs import Body, Paragraph, Role, ends_sentence, is_statement, length
from espress_build.pages.second_opinion import reconsidered

if TYPE_CHECKING:
    from espress_build.pages.dom import Block, Page

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEAVES = frozenset(("p", "blockquote", "li", "pre", "td", "dd", *_HEADINGS))
_MARKED = 0.5  # what the page itself marks as its article's body is believed where it holds as much
_STORY = 600  # characters of prose that make an article of its own
_DESCEND = 0.75  # the article's element holds as much of what its parent holds
_SEVERAL = 2  # paragraphs that make a flow of text
_LINKED = 0.5  # what is more than half links leads elsewhere
_CLOSING = 0.3  # the same for what stands behind the last paragraph
_FEW = 0.1  # the same for a short paragraph that begins or ends a body
_SHORTEST = 25  # characters of a block that may be a paragraph
# fmt: off
_ADVERTISEMENTS = frozenset((  # the word over an advertisement, where nothing else tells it
    "advertisement", "advertisements", "advertising", "anzeige", "werbung", "annonce", "annons", "mainos", "publicité",
    "publicidad", "publicidade", "pubblicità", "advertentie", "reklama", "reklame", "reklam", "inzerce", "hirdetés",
    "реклама", "διαφήμιση", "إعلان", "פרסומת", "广告", "廣告", "広告", "광고",
))
# fmt: on
_LABEL = re.compile(r"[^:：]{2,20}[:：].{0,60}$")  # who edited, where it is from


def _places(page: Page, blocks: list[Block]) -> list[int]:
    """Return for each block the element in which it stands as a paragraph among others."""
    runs = Counter(block.at for block in blocks)
    places = []
    for block in blocks:
        place = block.at
        if runs[place] == 1 or block.tag in _LEAVES:
            place = page.parents[place]
        if block.tag == "li" and place >= 0:
            place = page.parents[place]
        places.append(place)
    return places


def _flowing(page: Page, blocks: list[Block]) -> set[int]:
    """Return the elements in which paragraphs of prose stand directly, several of them."""
    held = Counter(place for block, place in zip(blocks, _places(page, blocks), strict=True) if block.weight)
    return {place for place, count in held.items() if count >= _SEVERAL}


def _container(page: Page, blocks: list[Block], flowing: set[int]) -> int | None:
    """Return the smallest element that holds nearly all prose of its parents."""
    weights = page.weights(blocks)
    if not weights or not weights[0]:
        return None
    heaviest = [-1] * len(weights)
    for at in range(1, len(weights)):
        parent = page.parents[at]
        if weights[at] > (weights[heaviest[parent]] if heaviest[parent] >= 0 else 0.0):
            heaviest[parent] = at
    for at, weight in enumerate(weights):
        if weight >= _MARKED * weights[0] and page.elements[at].get("itemprop") == "articleBody":
            return at
    at = 0
    while (inner := heaviest[at]) >= 0 and at not in flowing:
        if weights[inner] < _DESCEND * weights[at] or page.tags[inner] in _LEAVES:
            break
        at = inner
    return _first_article(page, at, weights)


def _first_article(page: Page, container: int, weights: list[float]) -> int:
    """Return the first of several articles that stand one below another, else the container itself."""
    inner = page.within({container})
    stories = {at for at, weight in enumerate(weights) if weight >= _STORY and inner[at] and page.tags[at] == "article"}
    told = page.within(stories)
    outermost = [at for at in sorted(stories) if page.parents[at] < 0 or not told[page.parents[at]]]
    return outermost[0] if len(outermost) > 1 else container


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _same(text: str, title: str) -> bool:
    """Tell whether a text is the title, whatever marks and spaces stand in them."""
    return len(text) <= 2 * len(title) and _key(text) == _key(title)


def _worth(block: Block, *, flows: bool) -> bool:
    """Tell whether a block between paragraphs belongs to them; `flows` where it stands among them as they do."""
    if block.weight:
        return True
    if block.link_share > _LINKED or block.teaser or block.text.casefold().rstrip(": ") in _ADVERTISEMENTS:
        return False
    if block.tag in ("p", "blockquote", "li", "pre", "dd") or block.tag in _HEADINGS:
        return True
    return flows or (length(block.text) >= _SHORTEST and ends_sentence(block.text))


def _role(block: Block) -> Role:
    return "sub-heading" if block.tag in _HEADINGS else "body"


def _closes(block: Block, *, flows: bool) -> bool:
    """Tell whether a short block may be the first or last of a body: a paragraph that states something, no links."""
    if block.tag != "p" or block.link_share > _FEW:
        return False
    return is_statement(block.text) or (flows and length(block.text) >= _SHORTEST and ends_sentence(block.text))


def _follows(block: Block) -> bool:
    """Tell whether what stands behind the last paragraph as paragraphs do is one: neither links nor a label."""
    if block.link_share > _CLOSING or (block.tag == "div" and not ends_sentence(block.text)):
        return False
    return ends_sentence(block.text) or not _LABEL.match(block.text)


def _trimmed(page: Page, blocks: list[Block], flowing: set[int]) -> list[Block]:
    """Cut what stands before the first block of prose, and behind the last unless it stands there as prose does."""
    places = _places(page, blocks)
    beside = {place for block, place in zip(blocks, places, strict=True) if block.weight} & flowing
    ends = [
        number for number, block in enumerate(blocks) if block.weight or _closes(block, flows=places[number] in beside)
    ]
    if not ends:
        return []
    start, end = ends[0], ends[-1] + 1
    while end < len(blocks) and places[end] in beside and _follows(blocks[end]):
        end += 1
    while end > start and blocks[end - 1].tag in _HEADINGS:
        end -= 1
    return blocks[start:end]


def body_of_html(html: str, *, title: str | None = None) -> Body:
    """Return the paragraphs of the article on a page, without title, byline, captions and the page's furniture.

    Raises:
        EspressError: the markup is longer than any article's page.
        MissingLibraryError: lxml is not installed.
    """
    page = parse(html)
    if page is None:
        return Body(())
    mark_teasers(page)
    blocks = without_furniture(page, without_captions(page))
    flowing = _flowing(page, blocks)
    container = _container(page, blocks, flowing)
    if container is None:
        return reconsidered(Body(()), html, page)
    inner = page.within({container})
    inside = [block for block in blocks if inner[block.at]]
    kept = [
        block
        for block, place in zip(inside, _places(page, inside), strict=True)
        if _worth(block, flows=place in flowing) and not _same(block.text, title or "")
    ]
    trimmed = _trimmed(page, kept, flowing)
    return reconsidered(Body(tuple(Paragraph(block.text, _role(block)) for block in trimmed)), html, page)
