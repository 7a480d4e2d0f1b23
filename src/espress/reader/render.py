"""Render an article as HTML: a fragment for the site, or a page with everything that it needs."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from espress.reader.article import SMALLEST_GAP
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from espress.reader.article import Article
    from espress.reader.segments import Segment

GENERATOR = "ESPRESS article reader"
# Characters that change the writing direction of the text after them. Each is put into its own <bdi> element, which
# limits its effect to itself, and a label shows where it is.
_DIRECTION_CONTROLS = {
    "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO",
    "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI",
}  # fmt: skip
_CONTROL = re.compile(f"([{''.join(_DIRECTION_CONTROLS)}])")
_UNIT_OF_PASS = re.compile(r"\bA\d+\.(\d+)")  # a unit as passes name it: A1.02 is unit 2 of the first article


class Links(Protocol):
    """Addresses of other pages, or None where there is no page."""

    rejoin: str  # a sentence: how to get the text of the open edition back

    def rule(self, field: str, term: str | None) -> str | None:
        """Return the address of the rule for a class of a label."""

    def source(self, source_id: str) -> str | None:
        """Return the address of a source."""

    def event(self, event_id: str) -> str | None:
        """Return the address of an event."""

    def compare(self, event_id: str) -> str | None:
        """Return the address of the page that compares the outlets that report an event."""


class InPage:
    """Links of a self-contained page, which has the rules of the codebook at its end."""

    rejoin = "`espress rejoin` restores it from a copy that you obtained lawfully."

    def rule(self, field: str, term: str | None) -> str | None:
        """Return the address of the rule in the same page."""
        classes = schema().codebook.get(field, {}).get("classes", {})
        return f"#rule-{field}-{term}" if term in classes else None

    def event(self, event_id: str) -> str | None:  # noqa: ARG002 - required by `Links`
        """Return None: the page has no list of events or sources, and no other article."""
        return None

    source = compare = event


def show_words(text: str) -> Markup:
    """Return a text as HTML with the same text content; its direction controls have no effect on other text."""
    parts = _CONTROL.split(text)
    return Markup("").join(
        Markup('<bdi class="control" data-name="{}">{}</bdi>').format(_DIRECTION_CONTROLS[part], part)
        if number % 2
        else escape(part)
        for number, part in enumerate(parts)
    )


def show_segments(segments: Iterable[Segment], *, marked: bool = True) -> Markup:
    """Return the text of a unit as HTML, with placeholders for masks and, if `marked`, an element for each mark."""
    shown = []
    for one in segments:
        if one.masked:
            person = Markup('<span class="person" title="name of a private person">{}</span>')
            shown.append(person.format(one.text))
        elif one.marks and marked:
            mark = Markup('<mark class="{}" data-entry="{}">{}</mark>')
            shown.append(
                mark.format(" ".join(f"{kind}-words" for kind in one.kinds), " ".join(one.keys), show_words(one.text))
            )
        else:
            shown.append(show_words(one.text))
    return Markup("").join(shown)


def _link_devices(text: str, article: Article) -> Markup:
    """Return a pass's list of devices as HTML, with links to the units that it names."""
    parts, last = [], 0
    for match in _UNIT_OF_PASS.finditer(text):
        mark = article.units_by_number.get(int(match[1]))
        if mark is None:
            continue
        parts += [show_words(text[last : match.start()]), Markup('<a href="#{0}">{0}</a>').format(mark)]
        last = match.end()
    return Markup("").join([*parts, show_words(text[last:])])


def _explain(field: str, term: str) -> str:
    return schema().vocabularies[field][term]


@cache
def environment() -> Environment:
    """Return the templates; every value that they print is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"words": show_words, "segments": show_segments, "devices": _link_devices}
    made.globals |= {"meaning": _explain, "smallest_gap": SMALLEST_GAP}
    return made


def render_fragment(article: Article, link: Links) -> Markup:
    """Return one article as an HTML fragment, which needs tokens.css, reader.css and, for highlights, reader.js."""
    page = environment().get_template("article.html.j2").render(article=article, link=link)
    return Markup(page)  # noqa: S704 - rendered with escaping


def read_asset(name: str) -> str:
    """Return a style sheet or script of the reader: tokens.css, reader.css or reader.js."""
    return resources.files("espress.reader").joinpath(name).read_text(encoding="utf-8")


def _hash_inline(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _list_rules() -> list[dict[str, Any]]:
    rules = [{"field": name, "classes": {}, **rule} for name, rule in schema().codebook.items()]
    opened = [{"field": one["name"], "question": "", "classes": {}, **one} for one in schema().guidance["open_field"]]
    return rules + opened


def render_page(article: Article, version: str) -> str:
    """Return one article as a page that needs no other file and no network, and runs no script but its own."""
    style, script = read_asset("tokens.css") + read_asset("reader.css"), read_asset("reader.js")
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            article=article,
            fragment=render_fragment(article, InPage()),
            generator=GENERATOR,
            version=version,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_hash_inline(style),
            script_hash=_hash_inline(script),
            rules=_list_rules() if article.is_labelled else [],
        )
    )
