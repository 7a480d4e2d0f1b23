"""What stands around an article on its page: told by tag, role and name, and by how it is built, never by outlet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from espress_build.pages.paragraphs import length

if TYPE_CHECKING:
    from espress_build.pages.dom import Block, Page

# Class names and ids are written in English nearly everywhere, whatever language the page is in; read name
# by name, as those of a theme or a category say nothing of what an element holds.
_REPLIES = re.compile(
    r"comments?(?:$|[-_])|(?:^|[-_])comments?|disqus|^respond$|^forum|repl(?:y|ies)$|diskus|komentar", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"^(?:nav|menu|bio|toc|copyright|disclaimer|legal|print|toolbar|pager|hidden|hide|tags?|credits?)$"
    r"|related|recommend|newsletter|subscri(?!bers?[-_]?(?:only|content|preview|body|text))|sign-?up|^shar|[-_]shar(?:e|ing)"
    r"|paywall[-_]?(?:banner|prompt|message|offer|box|barrier|notice|promo)|social|^side-?bar|[-_]sidebar$|^footer|[-_]footer$"
    r"|breadcrumb|cookie|consent|gdpr|promo(?!t)|advert|banner|sponsor|outbrain|taboola|popup|modal|overlay|caption|byline"
    r"|author(?!ity|iz)|tag-?list|tagcloud|read-?(?:more|next|also)|also-?read|trending|popular|most-?read"
    r"|more-?(?:news|stories|on|from)|teaser|pagination|correlati|souvisej|verwandt|sdilet"
    r"|(?:^|[-_])(?:ads?|(?:sub)?meta)(?:$|[-_])|^widget_|^textwidget$|^sr-only$|screen-?reader|visually-?hidden"
    r"|(?:info|fact)-?box|(?:^|[-_])ratings?(?:$|[-_])|^instagram-media$",
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
_FURNITURE_TAGS = frozenset(("aside", "footer", "header", "form", "figure", "address", "details"))
_FURNITURE_ROLES = frozenset(
    ("navigation", "complementary", "banner", "contentinfo", "dialog", "alertdialog", "search")
)
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NEVER = frozenset(("html", "body", "article", "main"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEFT = 0.25  # where names leave less of the prose, they were misread
_WHOLE = 0.45  # what holds as much of a page's prose is its article, whatever it is called
_NEARLY_ALL = 0.8  # the same for what by its tag cannot be an article
_ALL = 0.97  # the same for what by its name holds replies: they may well be longer than the article
_LEAST_OWN = 0.3  # where less of the prose is left without teasers, they were misread
_BESIDE = 0.2  # where captions hold more of the prose, they are paragraphs beside pictures
_CAPTION = 200  # characters beside a picture that are no more than its caption
_TEASER = 500  # characters of the longest teaser
_LINKED = 0.5  # what is more than half links is one
_LINK = 20  # characters of the shortest linked headline of a teaser


@lru_cache(maxsize=4096)
def _named(names: str) -> tuple[bool, bool]:
    """Tell from an element's names whether it holds replies, and whether it holds other furniture."""
    if _ARTICLE.search(names):
        return False, False
    ours = [name for name in names.split() if not _THEME.search(name)]
    return any(map(_REPLIES.search, ours)), any(map(_FURNITURE.search, ours))


def _least(element: Any, *, by_name: bool) -> float:
    """Return the share of a page's prose from which on an element is no furniture, whatever tag, role or name say.

    None of it, if they say nothing; names of other furniture than replies are heard if `by_name`.
    """
    tag = element.tag
    if tag in _FURNITURE_TAGS:
        return _NEARLY_ALL if tag in _ROOTS else _WHOLE
    attributes = dict(element.items())
    if not attributes or tag in _NEVER:
        return 0.0
    named = "" if tag in _HEADINGS else attributes.get("id", "")  # a heading's id is made of its words
    replies, furniture = _named(f"{attributes.get('class', '')} {named}")
    if replies:
        return _ALL
    unseen = "hidden" in attributes or _UNSEEN.search(attributes.get("style", ""))
    return _WHOLE if unseen or attributes.get("role") in _FURNITURE_ROLES or (furniture and by_name) else 0.0


def without_furniture(page: Page, blocks: list[Block], *, by_name: bool = True) -> list[Block]:
    """Drop the blocks inside what its tag, role or name tells to be furniture, unless it holds most of the prose."""
    weights = page.weights(blocks)
    held = page.sums(blocks, lambda _: 1)
    verdicts = [False] * len(held)
    for at, element in enumerate(page.elements):
        if held[at]:
            inherited = at > 0 and verdicts[page.parents[at]]
            least = 0.0 if inherited else _least(element, by_name=by_name)
            verdicts[at] = inherited or (least > 0 and weights[at] <= weights[0] * least)
    kept = [block for block in blocks if not verdicts[block.at]]
    enough = sum(block.weight for block in kept) >= _LEFT * weights[0] if weights else True
    return kept if enough or not by_name else without_furniture(page, blocks, by_name=False)


def mark_teasers(page: Page) -> None:
    """Take the weight from prose that stands alone beside a linked headline, unless most of a page's prose does so."""
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


def without_captions(page: Page) -> list[Block]:
    """Drop what stands in elements that hold a picture and no more than its caption, unless it is much of the prose."""
    characters = page.sums(page.blocks, lambda one: len(one.text) if one.tag not in _HEADINGS else _CAPTION + 1)
    tops: list[int] = []  # the outermost element around each one that holds so little; -1 for none
    found: set[int] = set()
    for at, (tag, above) in enumerate(zip(page.tags, page.parents, strict=True)):
        outer = tops[above] if above >= 0 else -1
        little = characters[at] <= _CAPTION and tag not in _NEVER
        tops.append((outer if outer >= 0 else at) if little else -1)
        if tag == "img" and outer >= 0 and characters[outer] and page.tags[outer] != "p":
            found.add(outer)
    if not found:
        return page.blocks
    inside = page.within(found)
    kept = [block for block in page.blocks if not inside[block.at]]
    whole = sum(block.weight for block in page.blocks)
    return kept if sum(block.weight for block in kept) >= (1 - _BESIDE) * whole else page.blocks
