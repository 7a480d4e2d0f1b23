"""Facts in a plain-text copy of a page: headline, day, authors and outlet, as its lines show them in any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress.text import long_words
from espress_build.pages.authors import byline, read_names
from espress_build.pages.dates import Manner, read_moment
from espress_build.pages.fact import Found
from espress_build.pages.plaintext import has_boilerplate_word, is_technical
from espress_build.pages.plaintext_roles import propose_roles
from espress_build.pages.prose import ends_sentence, is_prose, length
from espress_build.pipeline.extract import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.registries import Registries
    from espress_build.pages.prose import Body
    from espress_build.pages.read import Page

_DATED = re.compile(r"(?:19|20)\d\d\b|\d{1,2}[:.]\d{2}(?!\d)")
_LENGTH = (12, 180)
_LONG = 110  # length from which a line is rather a standfirst
_STANDFIRST = 70  # length of the shortest standfirst
_NEAR = 10  # lines above the body after which its nearness is halved
_FULL = 40  # length from which a headline is long enough to be sure
_CREDIT = 120  # length of the longest line of byline and date
_BELOW = 3  # lines below a headline that may hold byline and date
_SHARED = 0.4  # share of its words that a headline above its standfirst has in common with the body
_LEAST = 0.55  # what a headline has to reach
_READ = 400  # lines of the body that are read for its words
_LONGEST = 160  # characters of a line of byline and date
_LINES_ABOVE = 3  # lines above the headline that may hold them
_LABEL = 12  # characters of a line that may be no more than a label
_CHANGE = re.compile(r"updat|aktualis|aktualiz|modif|mis à jour|更新|edit", re.IGNORECASE)
_STANDFIRSTS = 4  # lines, blank ones with them, from a headline to the end of its standfirst


def _words(text: str) -> set[str]:
    """Return the longer words of a text; pairs of characters where a script has no spaces."""
    folded = text.casefold()
    return {word for start in (folded, folded[1:]) for word in long_words(start)}


def _share(text: str, common: set[str]) -> float:
    own = _words(text)
    return len(own & common) / len(own) if own else 0.0


def _value(text: str, away: int, common: set[str], below: list[str]) -> float:
    """Return how much a line looks like the headline; `below` are the next lines, which may hold byline and date."""
    value = _share(text, common) * min(1.0, length(text) / _FULL) + 0.5 * _NEAR / (_NEAR + away)
    value += 0.3 * any(_DATED.search(line) and length(line) < _CREDIT for line in below)
    value -= 0.3 * (ends_sentence(text) and text[-1] not in "?!？！") + 0.4 * has_boilerplate_word(text)
    value -= 0.4 * (_DATED.search(text) is not None) + 0.2 * (length(text) > _LONG)
    return value - 0.4 * (text[0] in "([（【" or text[-1] in ":：")


def _fits(text: str) -> bool:
    """Return whether a line has the form of a headline."""
    standfirst = is_prose(text) and ends_sentence(text) and length(text) > 2 * _FULL
    return _LENGTH[0] <= length(text) <= _LENGTH[1] and not is_technical(text) and not standfirst


def headline(lines: list[str], first: int, taken: set[int]) -> int | None:
    """Return the number of the line, from 1, that is the headline of a body whose first line is `first`.

    Lines in `taken` (bylines, dates) are none; None if no line is likely.
    """
    common = _words(" ".join(lines[first - 1 : first - 1 + _READ]))
    filled = [(number, text) for number, line in enumerate(lines[: first - 1], 1) if (text := line.strip())]
    found = [
        (_value(text, len(filled) - at, common, [line for _, line in filled[at + 1 : at + 1 + _BELOW]]), at)
        for at, (number, text) in enumerate(filled)
        if number not in taken and _fits(text)
    ]
    value, best = max(found, default=(0.0, 0))
    if value < _LEAST:
        return None
    number, text = filled[max(0, best - 1)]  # what is taken may be the standfirst, and the line above it the headline
    above = number not in taken and _fits(text) and not _DATED.search(text) and not has_boilerplate_word(text)
    is_standfirst = _STANDFIRST <= length(filled[best][1]) > length(text) and _share(text, common) >= _SHARED
    return number if above and is_standfirst else filled[best][0]


def _near(lines: list[str], title: int, first: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines between headline and body, then of those right above the headline."""
    for number in (*range(title + 1, first), *range(title - 1, max(0, title - 1 - _LINES_ABOVE), -1)):
        text = lines[number - 1].strip()
        if text and len(text) <= _LONGEST:
            yield number, text


def _published(near: list[tuple[int, str]], manner: Manner) -> Found | None:
    """Return the first date that no word calls a change, else the first date."""
    found = [(number, text, moment) for number, text in near if (moment := read_moment(text, manner))]
    for number, _, moment in sorted(found, key=lambda one: _CHANGE.match(one[1]) is not None):
        return Found(moment.day, "text", f"line {number}")
    return None


def _authors(near: list[tuple[int, str]]) -> Found | None:
    for at, (number, text) in enumerate(near):
        after = near[at + 1][1] if at + 1 < len(near) else ""
        named = byline(f"{text} {after}" if len(text) < _LABEL else text)
        persons = read_names([named]).persons if named else ()
        if persons:
            return Found(list(persons), "text", f"line {number}")
    return None


def credits_by(lines: list[str], title: int, first: int, language: str | None) -> dict[str, Found]:
    """Return `published` (a day) and `authors` as the lines about the headline show them; what they do not is left out.

    `title` and `first` are the numbers, from 1, of the headline and of the first line of the body.
    """
    near = list(_near(lines, title, first))
    found = {"published": _published(near, Manner(language)), "authors": _authors(near)}
    return {name: value for name, value in found.items() if value is not None}


def _about_headline(lines: list[str], title: int, first: int, facts: dict[str, Found]) -> dict[str, Found]:
    """Return day and authors as the lines about the headline show them; a time that is known of that day stays."""
    shown = credits_by(lines, title, first, None)
    day, known = shown.get("published"), facts.get("published")
    if day and known and str(known.value).startswith(str(day.value)):
        shown["published"] = known
    return shown


def find_text_facts(page: Page, registries: Registries, body: Body) -> dict[str, Found]:
    """Return what the lines of a plain-text copy show."""
    lines = [line.text for line in split_lines(page.text, 0)]
    at = [part.lines for part in body.paragraphs if part.lines is not None]
    proposal = propose_roles(lines, registries, (at[0][0], at[-1][1]) if at else None)
    facts = {
        name: Found(fact.value, fact.basis, fact.note or "")
        for name, fact in proposal.facts.items()
        if fact.value is not None
    }
    for span in proposal.spans:
        if span.role in ("title", "standfirst", "section"):
            shown = Found(lines[span.line - 1][span.start : span.end], "text", f"line {span.line}")
            facts.setdefault(span.role, shown)
    taken = {span.line for span in proposal.spans if span.role in ("byline", "date", "masthead", "agency")}
    if at and (number := headline(lines, at[0][0], taken)):
        first = next((span.line for span in proposal.spans if span.role == "title"), number)
        if 0 < number - first <= _STANDFIRSTS:  # only a standfirst is between them
            number = first
        facts["title"] = Found(lines[number - 1].strip(), "text", f"line {number}")
        facts |= _about_headline(lines, number, at[0][0], facts)
    for key, name in (("outlet_id", "outlet"), ("agency_id", "agency")):
        if (fact := facts.get(key)) and name not in facts and isinstance(fact.value, str):
            facts[name] = Found(registries.outlets[fact.value]["name"], fact.basis, fact.where)
    return facts
