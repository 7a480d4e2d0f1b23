"""Invented source files, which hold a story and the boilerplate of a page, and their records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.speed.stories import fill, phrases

if TYPE_CHECKING:
    from random import Random

    from benchmarks.speed.stories import Story

OUTLETS = {f"outlet-{number:02d}": f"The Daily {name}" for number, name in enumerate(phrases()["persons"], 1)}
EVENTS = tuple(f"case-{year}-{number}" for year in range(2015, 2025) for number in range(1, 4))


@dataclass(frozen=True)
class Imprint:
    """The outlet, author, date and event of a story."""

    outlet: str
    author: str
    day: str  # ISO
    zone: str  # as +01:00
    event: str


@dataclass
class Page:
    """The lines of a source file, and the spans that give the roles of its parts."""

    lines: list[str] = field(default_factory=list)
    spans: list[tuple[int, int, int, str]] = field(default_factory=list)

    def add(self, *parts: tuple[str, str]) -> None:
        """Add a line of (role, text) parts, which are separated by spaces, and an empty line."""
        line, at = " ".join(text for _, text in parts), 0
        for role, text in parts:
            self.spans.append((len(self.lines) + 1, at, at + len(text), role))
            at += len(text) + 1
        self.lines += [line, ""]

    @property
    def source(self) -> bytes:
        """The page's bytes."""
        return "\n".join(self.lines).encode()


def page(story: Story, imprint: Imprint, rng: Random) -> Page:
    """Return an outlet's page of a story."""
    own, made = phrases()[story.language], Page()
    made.add(("masthead", OUTLETS[imprint.outlet]), ("section", rng.choice(["World", "Politics", "Security"])))
    made.add(("title", story.title))
    if story.standfirst:
        made.add(("standfirst", story.standfirst))
    shown = own["date_line"].format(day=imprint.day, number=rng.randint(1, 9))
    made.add(("byline", own["byline"].format(person=imprint.author)), ("date", shown))
    for number, sentences in enumerate(story.paragraphs):
        if number in story.headings:
            made.add(("sub-heading", story.headings[number]))
        if number and rng.random() < 1 / 8:
            made.add(("boilerplate", fill(rng.choice(own["heads"]), story.language, rng)))
        body = ("body", own["space"].join(sentences))
        opening = [("dateline", f"{story.dateline} –")] if story.dateline and number == 0 else []
        made.add(*opening, body)
    made.add(("boilerplate", own["foot"]))
    return made


def _fact(name: str, value: str | list[str], basis: str, note: str) -> list[str]:
    written = json.dumps(value, ensure_ascii=False)
    lines = [f"[facts.{name}]", f"value = {written}", f'basis = "{basis}"', 'confidence = "high"']
    return [*lines, f'note = "{note}"', ""]


def sidecar(made: Page, imprint: Imprint) -> tuple[str, str]:
    """Return the article's id and its record.toml."""
    digest = hashlib.sha256(made.source).hexdigest()
    outlet, day = imprint.outlet, imprint.day
    article = f"{outlet}-{day.replace('-', '')}-{digest[:8]}"
    spans = [
        f'  {{ line = {line}, start = {start}, end = {end}, role = "{role}" }},'
        for line, start, end, role in made.spans
    ]
    lines = [f'article_id = "{article}"', f'sha256 = "{digest}"', "", "spans = [", *spans, "]", ""]
    lines += _fact("outlet_id", outlet, "text", "the masthead in the first line")
    lines += _fact("authors", [imprint.author], "text", "the line of author and date")
    lines += _fact("section", "World", "text", "beside the masthead")
    lines += _fact("published", f"{day}T08:30:00", "text", "the line of author and date")
    lines += _fact("published_zone", imprint.zone, "inferred", "where the outlet is")
    lines += _fact("updated", day, "text", "the line of author and date")
    lines += _fact("event_ids", [imprint.event], "text", "the first paragraph")
    lines += _fact("event_country", "NZ", "inferred", "the first paragraph")
    lines += _fact("url", f"https://{outlet}.example/{digest[:12]}", "look-up", "the page's own address")
    lines += _fact("url_kind", "original", "look-up", "the outlet's own page")
    lines += _fact("rights_tier", "open", "inferred", "invented, so that anybody may have it")
    return article, "\n".join(lines)


def registries() -> dict[str, str]:
    """Return the registry files that the pages refer to, by name."""
    outlets = [
        f'[{key}]\nname = "{name}"\noutlet_kind = "outlet"\naliases = []\ndomains = ["{key}.example"]\n\n'
        f'[[{key}.fact]]\nfield = "country"\nvalue = "NZ"\nbasis = "look-up"\nconfidence = "high"\n'
        f'source = "https://{key}.example/about"\n'
        for key, name in OUTLETS.items()
    ]
    events = [
        f'[{key}]\nevent_kind = "{"bucket" if key.endswith("-3") else "event"}"\ndescription = "An invented case."\n'
        f'outcome = "alleged"\nbasis = "text"\nsource = "https://outlet-01.example/about"\n'
        for key in EVENTS
    ]
    return {
        "outlets.toml": "\n".join(outlets), "events.toml": "\n".join(events), "propositions.toml": "",
        "sources.toml": "",
    }  # fmt: skip
