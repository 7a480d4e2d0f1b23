"""What stands around an article on its page: told by tag, role and name, and by how it is built, never by outlet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from espress_build.pages.tree import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress_build.pages.tree import Block

# Class names and ids are written in English nearly everywhere, whatever language the page is in; read name
# by name, as those of a theme or a category say nothing of what an element holds.
_REPLIES = re.compile(
    r"comments?(?:$|[-_])|(?:^|[-_])comments?|disqus|^respond$|^forum|repl(?:y|ies)$|diskus|komentar", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"^(?:nav|menu|meta|bio|toc|copyright|disclaimer|legal|print|toolbar|pager|hidden|hide|tags?|credits?|caption)$"
    r"|related|recommend|newsletter|subscri|sign-?up|paywall|^shar|[-_]shar(?:e|ing)|social|^side-?bar|[-_]sidebar$|^footer"
    r"|[-_]footer$|breadcrumb|cookie|consent|gdpr|promo(?!t)|advert|banner|sponsor|outbrain|taboola|popup|modal|overlay"
    r"|[-_]caption|caption[-_]|byline|author(?!ity|iz)|tag-?list|tagcloud|read-?(?:more|next|also)|also-?read|trending"
    r"|popular|most-?read|more-?(?:news|stories|on|from)|teaser|pagination|correlati|souvisej|verwandt|sdilet"
    r"|(?:^|[-_])ads?(?:$|[-_])|^widget_|^textwidget$|^sr-only$|screen-?reader|visually-?hidden|(?:info|fact)-?box|rating|^instagram-media$",
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
_LEAST_OWN = 0.3  # where less of the prose is left without teasers, they were misread
_BESIDE = 0.2  # where captions hold more of the prose, they are paragraphs beside pictures
_CAPTION = 200  # characters beside a picture that are no more than its caption
_LINK = 12  # characters of the shortest linked headline of a teaser


def weigh(blocks: Iterable[Block]) -> dict[Any, float]:
    """Return for each element how much prose stands in it."""
    weights: dict[Any, float] = {}
    for block in blocks:
        if block.weight:
            for element in ancestors(block.element):
                weights[element] = weights.get(element, 0.0) + block.weight
    return weights


@lru_cache(maxsize=4096)
def _named(names: str) -> tuple[bool, bool]:
    """Tell from an element's names whether it holds replies, and whether it holds other furniture."""
    if _ARTICLE.search(names):
        return False, False
    ours = [name for name in names.split() if not _THEME.search(name)]
    return any(map(_REPLIES.search, ours)), any(map(_FURNITURE.search, ours))


def _is_furniture(element: Any, *, by_name: bool) -> bool:
    """Tell from tag, role, style and names whether it is furniture; of names, replies alone unless `by_name`."""
    tag = element.tag
    if tag in _FURNITURE_TAGS:
        return True
    attributes = element.attrib
    if not attributes or tag in _NEVER:
        return False
    if attributes.get("role") in _FURNITURE_ROLES or "hidden" in attributes:
        return True
    replies, furniture = _named(f"{attributes.get('class', '')} {attributes.get('id', '')}")
    if replies or (furniture and by_name):
        return True
    style = attributes.get("style")
    return bool(style and _UNSEEN.search(style))


def without_furniture(blocks: list[Block], *, by_name: bool = True) -> list[Block]:
    """Drop the blocks inside what its tag, role or name tells to be furniture, unless it holds most of the prose."""
    weights = weigh(blocks)
    whole = max(weights.values(), default=0.0)
    known: dict[Any, bool] = {}
    kept = []
    for block in blocks:
        passed, verdict = [], False
        for element in ancestors(block.element):
            if element in known:
                verdict = known[element]
                break
            passed.append(element)
        for element in reversed(passed):
            share = _NEARLY_ALL if element.tag in _ROOTS else _WHOLE
            protected = weights.get(element, 0.0) > whole * share
            verdict = verdict or (not protected and _is_furniture(element, by_name=by_name))
            known[element] = verdict
        if not verdict:
            kept.append(block)
    enough = sum(block.weight for block in kept) >= _LEFT * sum(block.weight for block in blocks)
    return kept if enough or not by_name else without_furniture(blocks, by_name=False)


def _alone(block: Block, counts: dict[Any, int]) -> Iterable[Any]:
    """Yield the elements around a block of prose that hold no other prose."""
    for element in ancestors(block.element):
        if counts.get(element, 0) > 1:
            return
        yield element


def mark_teasers(blocks: list[Block]) -> None:
    """Take the weight from prose that stands alone beside a linked headline, unless most of a page's prose does so."""
    counts: dict[Any, int] = {}
    linking: set[Any] = set()
    for block in blocks:
        if block.weight:
            for element in ancestors(block.element):
                counts[element] = counts.get(element, 0) + 1
        elif block.link_share > 0.5 and len(block.text) >= _LINK:
            linking.update(ancestors(block.element))
    prose = [block for block in blocks if block.weight]
    teasers = [block for block in prose if any(element in linking for element in _alone(block, counts))]
    if sum(block.weight for block in teasers) <= (1 - _LEAST_OWN) * sum(block.weight for block in prose):
        for block in teasers:
            block.weight, block.teaser = 0.0, True


def without_captions(root: Any, blocks: list[Block]) -> list[Block]:
    """Drop what stands in elements that hold a picture and no more than its caption, unless it is much of the prose."""
    characters: dict[Any, float] = {}
    for block in blocks:
        size = len(block.text) if block.tag not in _HEADINGS else _CAPTION + 1
        for element in ancestors(block.element):
            characters[element] = characters.get(element, 0) + size
    found = set()
    for picture in root.iter("img"):
        top = None
        for element in ancestors(picture.getparent()):
            if characters.get(element, 0) > _CAPTION or element.tag in _NEVER:
                break
            top = element
        if top is not None and top in characters and top.tag != "p":
            found.add(top)
    kept = [block for block in blocks if not any(element in found for element in ancestors(block.element))]
    whole = sum(block.weight for block in blocks)
    return kept if sum(block.weight for block in kept) >= (1 - _BESIDE) * whole else blocks
