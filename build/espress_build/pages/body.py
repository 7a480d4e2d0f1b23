"""The body of an article's HTML page: the blocks of its prose, without furniture, and no rule that names an outlet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from espress_build.pages.paragraphs import Body, Paragraph, Role, ends_sentence, is_statement, length
from espress_build.pages.tree import Block, ancestors, blocks_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

# Class names and ids are written in English nearly everywhere, whatever language the page is in; read name
# by name, as those of a theme or a category say nothing of what an element holds.
_REPLIES = re.compile(
    r"comments?(?:$|[-_])|(?:^|[-_])comments?|disqus|^respond$|repl(?:y|ies)$|diskus|komentar", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"^(?:nav|menu|meta|ads?|bio|toc|copyright|disclaimer|legal|print|toolbar|pager|hidden|hide|tags?|credits?|caption)$"
    r"|related|recommend|newsletter|subscri|sign-?up|paywall|^shar|[-_]shar(?:e|ing)|social|^side-?bar|[-_]sidebar$|^footer"
    r"|[-_]footer$|breadcrumb|cookie|consent|gdpr|promo(?!t)|advert|banner|sponsor|outbrain|taboola|popup|modal|overlay"
    r"|[-_]caption|caption[-_]|byline|author(?!ity|iz)|tag-?list|tagcloud|read-?(?:more|next|also)|also-?read|trending"
    r"|popular|most-?read|more-?(?:news|stories|on|from)|teaser|pagination|correlati|souvisej|verwandt|sdilet",
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
_FURNITURE_TAGS = frozenset(("aside", "footer", "header", "form", "figure", "address", "details"))
_FURNITURE_ROLES = frozenset(
    ("navigation", "complementary", "banner", "contentinfo", "dialog", "alertdialog", "search")
)
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEAVES = frozenset(("p", "blockquote", "li", "pre", "td", "dd", *_HEADINGS))
_NEVER = frozenset(("html", "body", "article", "main"))
_LEFT = 0.25  # where names leave less of the prose, they were misread
_WHOLE = 0.45  # what holds as much of a page's prose is its article, whatever it is called
_MARKED = 0.5  # what the page itself marks as its article's body is believed where it holds as much
_STORY = 600  # characters of prose that make an article of its own
_DESCEND = 0.75  # the article's element holds as much of what its parent holds


def _weigh(blocks: Iterable[Block]) -> dict[Any, float]:
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


def _without_furniture(blocks: list[Block], *, by_name: bool = True) -> list[Block]:
    """Drop the blocks inside what its tag, role or name tells to be furniture, unless it holds most of the prose."""
    weights = _weigh(blocks)
    most = max(weights.values(), default=0.0) * _WHOLE
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
            protected = weights.get(element, 0.0) > most
            verdict = verdict or (not protected and _is_furniture(element, by_name=by_name))
            known[element] = verdict
        if not verdict:
            kept.append(block)
    enough = sum(block.weight for block in kept) >= _LEFT * sum(block.weight for block in blocks)
    return kept if enough or not by_name else _without_furniture(blocks, by_name=False)


def _container(blocks: list[Block]) -> Any | None:
    """Return the smallest element that holds nearly all prose of its parents."""
    weights = _weigh(blocks)
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
        if weights[heaviest] < _DESCEND * weights[at] or heaviest.tag in _LEAVES:
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


def _worth(block: Block) -> bool:
    """Tell whether a block between paragraphs belongs to them."""
    if block.weight:
        return True
    if block.link_share > 0.5:
        return False
    if block.tag in ("p", "blockquote", "li", "pre", "dd") or block.tag in _HEADINGS:
        return True
    return length(block.text) >= 25 and ends_sentence(block.text)


def _role(block: Block) -> Role:
    return "sub-heading" if block.tag in _HEADINGS else "body"


def _closes(block: Block) -> bool:
    """Tell whether a short block may be the first or last of a body: a paragraph that states something, no links."""
    return block.tag == "p" and not block.linked and is_statement(block.text)


def _trimmed(blocks: list[Block]) -> list[Block]:
    """Cut what stands before the first and behind the last block that is prose or a statement."""
    whole = [number for number, block in enumerate(blocks) if block.weight or _closes(block)]
    return blocks[whole[0] : whole[-1] + 1] if whole else []


def body_of_html(html: str, *, title: str | None = None) -> Body:
    """Return the paragraphs of the article on a page, without title, byline, captions and the page's furniture.

    Raises:
        EspressError: the markup is longer than any article's page.
        MissingLibraryError: lxml is not installed.
    """
    root = parse(html)
    if root is None:
        return Body(())
    blocks = _without_furniture(blocks_of(root))
    container = _container(blocks)
    if container is None:
        return Body(())
    kept = [block for block in _inside(blocks, container) if _worth(block)]
    heading = _key(title or "")
    kept = [block for block in kept if not heading or _key(block.text) != heading]
    return Body(tuple(Paragraph(block.text, _role(block)) for block in _trimmed(kept)))
