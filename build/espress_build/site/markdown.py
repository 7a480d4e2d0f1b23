"""Documents in Markdown as parts of pages: headings with anchors, links to other pages, diagrams as lists."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markupsafe import Markup

_VALUE = re.compile(r"<!-- (?:value: [\w. -]+|/value) -->")  # what `generate` writes around figures
_NO_SLUG = re.compile(r"[^\w\- ]")
_NODE = re.compile(r'(\S+)\["([^"]*)"\]')
_ARROW = re.compile(r"(\S+) (-->|-\. \w+ \.->) (\S+)")
_GROUP = re.compile(r"subgraph (\S+)")
_KEPT_MARKUP = re.compile(r"</?(?:kbd|sub|sup|br|details|summary)(?: open)?>")  # without attributes that could do harm
_BREAK, _BROKEN = re.compile(r"([_./])(?=[a-z])"), r"\1<wbr>"
_LONG = 18  # characters of a name that may need two lines
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """A heading of a document: its level from 1 to 6, its anchor and its words."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Passage:
    """The words below one heading, without markup, for the search."""

    heading: Heading
    text: str


@dataclass(frozen=True)
class Document:
    """A rendered document; its first heading is the title and not part of `html`."""

    title: str
    html: Markup
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]
    links: tuple[tuple[str, str], ...]  # (target as written, words)


def make_slug(text: str) -> str:
    """Return the anchor that GitHub gives to a heading with these words."""
    return _NO_SLUG.sub("", text.strip().lower()).replace(" ", "-")


def _words(token: Token) -> str:
    """Return the words of an inline token, without markup."""
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_words(child))
    return "".join(parts).strip()


def list_arrows(source: str) -> str:
    """Return a Mermaid flow chart as HTML lists: for each node, the nodes to which its arrows lead."""
    names: dict[str, str] = {}
    groups: dict[str, str] = {}  # node -> its subgraph
    group = ""
    for line in source.splitlines():
        if found := _GROUP.search(line):
            group = found[1]
        elif found := _NODE.search(line):
            names[found[1]], groups[found[1]] = found[2], group
    arrows: dict[str, list[str]] = defaultdict(list)
    for start, kind, end in _ARROW.findall(source):
        own, other = groups.setdefault(start, ""), groups.get(end, "")
        name = names.get(end, end)
        shown = name if other in ("", own) else f"{other}.{name}"
        how = "" if kind == "-->" else f" ({kind.split()[1]})"
        arrows[start].append(f"<code>{escape(shown)}</code>{escape(how)}")
    parts = []
    for group in dict.fromkeys(groups.values()):
        rows = [
            f"<dt><code>{escape(names.get(node, node))}</code></dt>"
            f"<dd>{', '.join(arrows.get(node, ['no other package']))}</dd>"
            for node, own in groups.items()
            if own == group
        ]
        title = f"<p><code>{escape(group)}</code>: each package, and what it imports</p>" if group else ""
        parts.append(f'{title}<dl class="arrows">{"".join(rows)}</dl>')
    return "".join(parts)


class Renderer:
    """Renders documents.

    `resolve` returns the address of a link's target, or None if the site has no such page; the words then stay
    without a link.
    """

    def __init__(self, resolve: Callable[[str], str | None]) -> None:
        """Prepare the parser: CommonMark with tables."""
        from markdown_it import MarkdownIt

        self._resolve = resolve
        self._parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        rules = cast("dict[str, Any]", cast("RendererHTML", self._parser.renderer).rules)
        rules |= {
            "html_block": self._render_markup,
            "html_inline": self._render_markup,
            "fence": self._render_fence,
            "code_inline": self._render_code,
            "table_open": self._open_table,
            "table_close": lambda *_: "</table></div>\n",
            "image": self._render_image,
        }

    def _render_markup(self, tokens: list[Token], index: int, *_: Any) -> str:
        content = re.sub(r"<!--.*?-->", "", tokens[index].content, flags=re.DOTALL)
        parts = re.split(f"({_KEPT_MARKUP.pattern})", content)
        return "".join(part if _KEPT_MARKUP.fullmatch(part) else escape(part) for part in parts)

    def _render_code(self, tokens: list[Token], index: int, *_: Any) -> str:
        """Return code that may break after the underscores and dots of long names."""
        shown = escape(tokens[index].content)
        return f"<code>{_BREAK.sub(_BROKEN, shown) if len(shown) > _LONG else shown}</code>"

    def _render_fence(self, tokens: list[Token], index: int, *_: Any) -> str:
        token = tokens[index]
        language = (token.info.split() or [""])[0]
        if language == "mermaid":
            return list_arrows(token.content)
        name = f' class="language-{escape(language)}"' if language else ""
        return f"<pre><code{name}>{escape(token.content)}</code></pre>\n"

    def _open_table(self, _tokens: list[Token], _index: int, _options: Any, env: dict[str, Any]) -> str:
        env["tables"] = env.get("tables", 0) + 1
        return f'<div class="table" role="region" aria-label="Table {env["tables"]}"><table>\n'

    def _render_image(self, tokens: list[Token], index: int, *_: Any) -> str:
        source = self._resolve(str(tokens[index].attrGet("src"))) or ""
        return f'<img class="plot" src="{escape(source)}" alt="{escape(tokens[index].content)}">'

    def _redirect(self, children: list[Token], links: list[tuple[str, str]]) -> list[Token]:
        """Point links to pages of the site; links without a page lose their markup, and keep their words."""
        kept: list[Token] = []
        open_ = False
        for place, child in enumerate(children):
            if child.type == "link_open":
                target = str(child.attrGet("href"))
                words = "".join(one.content for one in children[place + 1 : place + 4] if one.type != "link_close")
                links.append((target, words))
                address = target if _ELSEWHERE.match(target) else self._resolve(target)
                open_ = address is not None
                if address is not None:
                    child.attrSet("href", address)
                    kept.append(child)
            elif child.type != "link_close" or open_:
                kept.append(child)
        return kept

    def render(self, text: str, anchor: Callable[[str, list[str]], str | None] | None = None) -> Document:
        """Render a document.

        Args:
            text: the document; its first heading becomes the title.
            anchor: returns the anchor of a heading from its words and the anchors of the headings above it, or None
                for the usual one.
        """
        from markupsafe import Markup

        tokens = self._parser.parse(_VALUE.sub("", text))
        links: list[tuple[str, str]] = []
        headings: list[Heading] = []
        passages: list[tuple[Heading, list[str]]] = []
        seen: dict[str, int] = {}
        for place, token in enumerate(tokens):
            if token.type != "inline":
                continue
            before = tokens[place - 1]
            if before.type == "heading_open":
                level, words = int(before.tag[1]), _words(token)
                above = [one.anchor for one in headings if one.level < level]
                slug = (anchor(words, above) if anchor else None) or make_slug(words)
                number = seen.get(slug, -1) + 1
                seen[slug] = number
                heading = Heading(level, f"{slug}-{number}" if number else slug, words)
                before.attrSet("id", heading.anchor)
                headings.append(heading)
                passages.append((heading, []))
            elif passages:
                passages[-1][1].append(_words(token))
            token.children = self._redirect(token.children or [], links)
        if headings:
            first = next(place for place, one in enumerate(tokens) if one.type == "heading_open")
            del tokens[first : first + 3]
        html = self._parser.renderer.render(tokens, self._parser.options, {})
        return Document(
            headings[0].text if headings else "",
            Markup(html),  # noqa: S704  markup of documents is escaped above
            tuple(headings),
            tuple(Passage(heading, "\n".join(words)) for heading, words in passages),
            tuple(links),
        )
