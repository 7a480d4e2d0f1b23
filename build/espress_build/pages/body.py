"""Find the body of an article on its HTML page: the blocks of prose, without the boilerplate around them.

The rules use form, tags, roles, class names and ids of elements, and are the same for all outlets. If they find hardly
any prose, trafilatura's result is used.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from espress_build.pages.dom import HEADINGS, HIDDEN, name_key
from espress_build.pages.prose import Body, Paragraph, ends_sentence, is_statement, length

if TYPE_CHECKING:
    from espress_build.pages.dom import Block, Document, Layout

# Class names and ids are English on nearly all pages. Each name is matched alone, because names of a theme or a
# category (`_THEME`) do not say what an element holds.
_REPLIES = re.compile(
    r"comments?(?:$|[-_])|(?:^|[-_])comments?|disqus|^respond$|^forum|repl(?:y|ies)$|diskus|komentar", re.IGNORECASE
)
_BOILERPLATE = re.compile(
    r"^(?:nav|menu|bio|toc|copyright|disclaimer|legal|print|toolbar|pager|hidden|hide|tags?|credits?)$"
    r"|related|recommend|newsletter|subscri(?!bers?[-_]?(?:only|content|preview|body|text))|sign-?up|^shar|[-_]shar(?:e|ing)"
    r"|paywall[-_]?(?:banner|prompt|message|offer|box|barrier|notice|promo)|social|^side-?bar|[-_]sidebar$|^footer|[-_]footer$"
    r"|breadcrumb|cookie|consent|gdpr|promo(?!t)|advert|banner|sponsor|outbrain|taboola|popup|modal|overlay|caption|byline"
    r"|author(?!ity|iz)|tag-?list|tagcloud|read-?(?:more|next|also)|also-?read|trending|popular|most-?read"
    r"|more-?(?:news|stories|on|from)|teaser|pagination|correlati|souvisej|verwandt|sdilet"
    r"|(?:^|[-_])(?:ads?|(?:sub)?meta)(?:$|[-_])|^widget_|^textwidget$|^sr-only$|screen-?reader|visually-?hidden"
    r"|(?:info|fact)-?box|(?:^|[-_])ai-?summary|(?:^|[-_])ratings?(?:$|[-_])|^instagram-media$",
    re.IGNORECASE,
)
_THEME = re.compile(
    r"^(?:tag|category|has|with|no|is|type|format|post|field|label|js|theme|layout|col|content|main|page|site)[-_]",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"(?:article|entry|post|story|news)-?_?(?:body|content|text)|^(?:hentry|h-entry|type-post|status-publish)$",
    re.IGNORECASE,
)
_ROOTS = frozenset(("aside", "footer"))
_BOILERPLATE_TAGS = frozenset(("aside", "footer", "header", "form", "figure", "address", "details"))
_BOILERPLATE_ROLES = frozenset((
    "navigation", "complementary", "banner", "contentinfo", "dialog", "alertdialog", "search"
))  # fmt: skip
_NEVER = frozenset(("html", "body", "article", "main"))
_LEFT = 0.25  # if dropping elements by name leaves less than this share of the prose, the names were misread
_WHOLE = 0.45  # an element that holds at least this share of a page's prose is the article, whatever its name
_NEARLY_ALL = 0.8  # the same for an element whose tag says that it is not an article
_ALL = 0.97  # the same for an element whose name says that it holds replies, which may be longer than the article
_LEAST_OWN = 0.3  # if less than this share of the prose is left when teasers are dropped, they were not teasers
_BESIDE = 0.2  # if supposed captions hold more than this share of the prose, they are paragraphs next to pictures
_CAPTION = 200  # characters beside a picture that are no more than its caption
_TEASER = 500  # characters of the longest teaser
_LINKED = 0.5  # a block with a larger share of link text counts as a link
_LINK = 20  # characters of the shortest linked headline of a teaser
_LEAVES = frozenset(("p", "blockquote", "li", "pre", "td", "dd", *HEADINGS))
_MARKED = 0.5  # the element that the page marks as the article's body counts if it holds this share of the prose
_STORY = 600  # characters of prose that make an article of its own
_DESCEND = 0.75  # the search goes down to a child that holds at least this share of its parent's prose
_SEVERAL = 2  # paragraphs that make a flow of text
_CLOSING = 0.3  # largest share of links in a block after the last paragraph
_FEW = 0.1  # the same for a short paragraph that begins or ends a body
_SHORTEST = 25  # characters of a block that may be a paragraph
_LABEL = re.compile(r"[^:：]{2,20}[:：].{0,60}$")  # a label such as the editor's name or the source
_LITTLE = 200  # if a body has fewer characters than this, trafilatura is tried


@lru_cache(maxsize=4096)
def _read_names(names: str) -> tuple[bool, bool]:
    """Return whether an element holds replies, and whether it holds other boilerplate, by its names."""
    if _ARTICLE.search(names):
        return False, False
    ours = [name for name in names.split() if not _THEME.search(name)]
    return any(map(_REPLIES.search, ours)), any(map(_BOILERPLATE.search, ours))


def _needed_share(element: Any, *, by_name: bool) -> float:
    """Return the share of a page's prose above which an element is not boilerplate.

    An element that holds more than this share is kept, whatever its tag, role or name says. The share is 0 if they say
    nothing. Names of boilerplate other than replies count only if `by_name` is set.
    """
    tag = element.tag
    if tag in _BOILERPLATE_TAGS:
        return _NEARLY_ALL if tag in _ROOTS else _WHOLE
    attributes = dict(element.attributes.items())
    if not attributes or tag in _NEVER:
        return 0.0
    named = "" if tag in HEADINGS else attributes.get("id") or ""  # a heading's id is made of its words
    replies, boilerplate = _read_names(f"{attributes.get('class') or ''} {named}")
    if replies:
        return _ALL
    unseen = "hidden" in attributes or HIDDEN.search(attributes.get("style") or "")
    return _WHOLE if unseen or attributes.get("role") in _BOILERPLATE_ROLES or (boilerplate and by_name) else 0.0


def drop_boilerplate(page: Layout, blocks: list[Block], *, by_name: bool = True) -> list[Block]:
    """Drop the blocks inside an element that its tag, role or name identifies as boilerplate.

    An element that holds most of the prose is kept.
    """
    weights = page.weights(blocks)
    held = page.sums(blocks, lambda _: 1)
    verdicts = [False] * len(held)
    for at, element in enumerate(page.elements):
        if held[at]:
            inherited = at > 0 and verdicts[page.parents[at]]
            least = 0.0 if inherited else _needed_share(element, by_name=by_name)
            verdicts[at] = inherited or (least > 0 and weights[at] <= weights[0] * least)
    kept = [block for block in blocks if not verdicts[block.at]]
    enough = sum(block.weight for block in kept) >= _LEFT * weights[0] if weights else True
    return kept if enough or not by_name else drop_boilerplate(page, blocks, by_name=False)


def mark_teasers(page: Layout) -> None:
    """Set the weight of prose to 0 if it is the only prose next to a linked headline.

    Nothing changes if this holds for most of the page's prose.
    """
    prose = [block for block in page.blocks if block.weight]
    counts = page.sums(prose, lambda _: 1)
    links = page.sums(page.blocks, lambda block: block.link_share > _LINKED and length(block.text) >= _LINK)
    teasers = []
    for block in prose:
        alone = block.at
        while (above := page.parents[alone]) >= 0 and counts[above] == 1:
            alone = above
        if counts[alone] == 1 and links[alone] and block.weight <= _TEASER:
            teasers.append(block)
    if sum(block.weight for block in teasers) <= (1 - _LEAST_OWN) * sum(block.weight for block in prose):
        for block in teasers:
            block.weight, block.teaser = 0.0, True


def drop_captions(page: Layout) -> list[Block]:
    """Drop elements that hold a picture and no more than its caption.

    They are kept if these captions make up much of the prose.
    """
    characters = page.sums(page.blocks, lambda one: len(one.text) if one.tag not in HEADINGS else _CAPTION + 1)
    tops: list[int] = []  # for each element, the outermost one around it as short as a caption, or -1
    found: set[int] = set()
    for at, (tag, above) in enumerate(zip(page.tags, page.parents, strict=True)):
        outer = tops[above] if above >= 0 else -1
        little = characters[at] <= _CAPTION and tag not in _NEVER
        tops.append((outer if outer >= 0 else at) if little else -1)
        if tag == "img" and outer >= 0 and characters[outer] and page.tags[outer] != "p":
            found.add(outer)
    inside = page.inside(found)
    kept = [block for block in page.blocks if not inside[block.at]]
    whole = sum(block.weight for block in page.blocks)
    return kept if sum(block.weight for block in kept) >= (1 - _BESIDE) * whole else page.blocks


def _places(page: Layout, blocks: list[Block]) -> list[int]:
    """Return for each block the element that would also hold its neighbouring paragraphs."""
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


def _find_flows(page: Layout, blocks: list[Block]) -> set[int]:
    """Return the elements that have several paragraphs of prose directly in them."""
    held = Counter(place for block, place in zip(blocks, _places(page, blocks), strict=True) if block.weight)
    return {place for place, count in held.items() if count >= _SEVERAL}


def _find_container(page: Layout, blocks: list[Block], flowing: set[int]) -> int | None:
    """Return the element that holds the article, or None if there is no prose.

    If the page marks an element as the article's body and this holds enough of the prose, it is this element. Otherwise
    the search goes down from the root to the child with the most prose, as long as this child holds nearly all prose of
    its parent and the parent does not have several paragraphs directly in it.
    """
    weights = page.weights(blocks)
    if not weights or not weights[0]:
        return None
    heaviest = [-1] * len(weights)
    for at in range(1, len(weights)):
        parent = page.parents[at]
        if weights[at] > (weights[heaviest[parent]] if heaviest[parent] >= 0 else 0.0):
            heaviest[parent] = at
    for at, weight in enumerate(weights):
        if weight >= _MARKED * weights[0] and page.elements[at].attributes.get("itemprop") == "articleBody":
            return at
    at = 0
    while (inner := heaviest[at]) >= 0 and at not in flowing:
        if weights[inner] < _DESCEND * weights[at] or page.tags[inner] in _LEAVES:
            break
        at = inner
    return _choose_article(page, at, weights)


def _choose_article(page: Layout, container: int, weights: list[float]) -> int:
    """Return the first `article` element of a container that has several, or else the container itself.

    Only elements with enough prose count, and only those that are not inside another one.
    """
    inner = page.inside({container})
    stories = {at for at, weight in enumerate(weights) if weight >= _STORY and inner[at] and page.tags[at] == "article"}
    nested = page.inside(stories)
    outermost = [at for at in sorted(stories) if page.parents[at] < 0 or not nested[page.parents[at]]]
    return outermost[0] if len(outermost) > 1 else container


def _is_title(text: str, title: str) -> bool:
    """Return whether a text has the letters and digits of the title."""
    return len(text) <= 2 * len(title) and name_key(text) == name_key(title)


def _belongs(block: Block, *, flows: bool) -> bool:
    """Return whether a block between paragraphs belongs to them; `flows` is true if its parent has several."""
    if block.weight:
        return True
    if block.link_share > _LINKED or block.teaser:
        return False
    if block.tag in ("p", "blockquote", "li", "pre", "dd") or block.tag in HEADINGS:
        return True
    return flows or (length(block.text) >= _SHORTEST and ends_sentence(block.text))


def _may_close(block: Block, *, flows: bool) -> bool:
    """Return whether a short block may be the first or last of a body: a paragraph that states something, no links."""
    if block.tag != "p" or block.link_share > _FEW:
        return False
    return is_statement(block.text) or (flows and length(block.text) >= _SHORTEST and ends_sentence(block.text))


def _may_follow(block: Block) -> bool:
    """Return whether a block after the last prose is a paragraph: neither links nor a label."""
    if block.link_share > _CLOSING or (block.tag == "div" and not ends_sentence(block.text)):
        return False
    return ends_sentence(block.text) or not _LABEL.match(block.text)


def _may_open(block: Block) -> bool:
    """Return whether a short block above the first prose is the first paragraph."""
    return block.tag == "p" and not block.linked and ends_sentence(block.text)


def _trim(page: Layout, blocks: list[Block], flowing: set[int]) -> list[Block]:
    """Cut the blocks before the first prose, and after the last prose.

    Paragraphs that have the same parent as the prose are kept.
    """
    places = _places(page, blocks)
    beside = {place for block, place in zip(blocks, places, strict=True) if block.weight} & flowing
    pairs = enumerate(zip(blocks, places, strict=True))
    ends = [at for at, (block, place) in pairs if block.weight or _may_close(block, flows=place in beside)]
    if not ends:
        return []
    start, end = ends[0], ends[-1] + 1
    while end < len(blocks) and places[end] in beside and _may_follow(blocks[end]):
        end += 1
    while start and places[start - 1] in beside and _may_open(blocks[start - 1]):
        start -= 1
    while end > start and blocks[end - 1].tag in HEADINGS:
        end -= 1
    return blocks[start:end]


def _select(page: Layout, title: str | None) -> Body:
    """Return the paragraphs of a page's article."""
    mark_teasers(page)
    blocks = drop_boilerplate(page, drop_captions(page))
    flowing = _find_flows(page, blocks)
    container = _find_container(page, blocks, flowing)
    if container is None:
        return Body(())
    inner = page.inside({container})
    inside = [block for block in blocks if inner[block.at]]
    kept = [
        block
        for block, place in zip(inside, _places(page, inside), strict=True)
        if _belongs(block, flows=place in flowing) and not _is_title(block.text, title or "")
    ]
    return Body(
        tuple(
            Paragraph(block.text, "sub-heading" if block.tag in HEADINGS else "body")
            for block in _trim(page, kept, flowing)
        )
    )


def _by_trafilatura(html: str) -> Body:
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    text = extract(html.encode("utf-8", "replace").decode("utf-8"), include_comments=False, fast=True) or ""
    return Body(tuple(Paragraph(line.strip(), "body") for line in text.splitlines() if line.strip()))


def find_body(page: Document, *, title: str | None = None) -> Body:
    """Return the paragraphs of the article on a page, without title, byline, captions and boilerplate.

    Raises:
        MissingLibraryError: selectolax is not installed.
    """
    body = _select(page.layout, title)
    if not body.paragraphs and "<noscript" in page.html:
        body = _select(page.full_layout, title)
    if length(body.text) >= _LITTLE or not page.is_ordinary:
        return body
    other = _by_trafilatura(page.html)
    links = {block.text for block in page.layout.blocks if block.link_share > _LINKED}
    own = sum(length(part.text) for part in other.paragraphs if part.text.removeprefix("- ") not in links)
    return other if own >= _LITTLE else body
