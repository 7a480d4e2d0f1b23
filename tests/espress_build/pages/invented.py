"""Invented pages for the tests of metadata: one outlet's names, a registry, and the parts of a page."""

from __future__ import annotations

import json
from typing import Any

from espress_build.inputs.registries import Registries
from espress_build.pages.dom import Document
from espress_build.pages.propose import find_facts

OUTLET = {"aliases": [], "domains": [], "outlet_kind": "outlet"}
ROWS: dict[str, dict[str, Any]] = {
    "morning-post": OUTLET | {"name": "Morning Example", "aliases": ["ME Online"], "domains": ["morning.example"]},
    "morning-post-radio": OUTLET | {"name": "Example Radio", "domains": ["radio.morning.example"]},
    "copies": OUTLET | {"name": "Copy House", "domains": ["copies.example"], "outlet_kind": "republisher"},
    "exa": OUTLET
    | {"name": "Example Press Agency", "aliases": ["EXA", "ЭКА"], "domains": ["exa.example"], "outlet_kind": "agency"},
}
REGISTRIES = Registries(
    {key: row | {"outlet_id": key} for key, row in ROWS.items()}, events={}, propositions={}, sources={}, claims={}
)
PROSE = (
    "<p>" + "The service said on Tuesday that somebody had read the letters of the ministry for years. " * 3 + "</p>"
)
HEADLINE = "Spies read the ministry's letters, service says"


def read(body: str, head: str = "", url: str | None = None, lang: str = "en") -> dict[str, Any]:
    page = f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'
    return {field: one.value for field, one in find_facts(Document(page), url, REGISTRIES).items()}


def embedded(script: str) -> str:
    return f'<script type="application/ld+json">{script}</script>'


def linked(**facts: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": HEADLINE} | facts
    return embedded(json.dumps(node))


def meta(**contents: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{text}">' for name, text in contents.items())
