"""Propose roles for the lines of a plain-text page, and facts from them; a curator confirms or corrects both.

The rules use form (length, end marks, words shared with the body) and names of the registry, so that they hold in any
language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from espress.text import long_words, words
from espress_build.inputs.record import Fact, Span
from espress_build.pages.authors import byline, read_names
from espress_build.pages.dates import CHANGED, DateStyle, find_dates, read_moment
from espress_build.pages.page_fact import Found
from espress_build.pages.plaintext import has_boilerplate_word, is_technical
from espress_build.pages.prose import ends_sentence, is_prose, length
from espress_build.pipeline.extract import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from espress_build.inputs.registries import Registries
    from espress_build.pages.prose import Body
    from espress_build.pages.read import Page

_PARAGRAPH_WORDS = 12  # a line that ends like a sentence and has at least this many words is prose
_TITLE_WORDS = (3, 40)
_SHARED = 0.5  # share of a headline's longer words that its body repeats
_BYLINE = re.compile(
    r"^(?:(?:By|Von|Par|Por|Di|Autor:?|Author:?)\s+|作者(?:\s*[:：]\s*|\s+))"
    r"(?P<names>[^\d|:：\s](?:[^\d|:：]*?[^\d|:：\s])?)(?=\s+\w+[:：]|\s*[|]|\s*$)"
)
_DATELINE = re.compile(r"^[^\W\d_][\w .’'-]{1,30}(?:,\s[\w .]{2,30})?(?:\s?\([\w/ ]{2,20}\))?\s?[–—-](?=\s)")

_DATED = re.compile(r"(?:19|20)\d\d\b|\d{1,2}[:.]\d{2}(?!\d)")
_LENGTH = (12, 180)
_LONG = 110  # from this length on, a line is more likely a standfirst
_STANDFIRST = 70  # length of the shortest standfirst
_NEAR = 10  # at this number of lines above the body, a line gets half the bonus for nearness
_FULL = 40  # from this length on, a shared vocabulary counts fully
_CREDIT = 120  # length of the longest line of byline and date
_BELOW = 3  # lines below a headline that may hold byline and date
_LEAST = 0.55  # lowest value at which a line is taken for the headline
_READ = 400  # lines of the body that are read for its words
_LONGEST = 160  # characters of a line of byline and date
_LINES_ABOVE = 3  # lines above the headline that may hold byline and date
_LABEL = 12  # characters of a line that may be no more than a label
_STANDFIRSTS = 4  # largest number of lines, including blank ones, from a headline to the end of its standfirst


@dataclass
class Proposal:
    """Proposed roles and facts; the curator should look at the `doubts` first."""

    spans: list[Span] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Body:
    """The first and the last line of the article's body, from 1, and the words in it."""

    first: int
    last: int
    vocabulary: frozenset[str]


def _words(text: str) -> set[str]:
    """Return the longer words of a text; in scripts without spaces, pairs of characters."""
    folded = text.casefold()
    return {word for start in (folded, folded[1:]) for word in long_words(start)}


def _share(text: str, common: AbstractSet[str]) -> float:
    own = _words(text)
    return len(own & common) / len(own) if own else 0.0


def _make_body(lines: list[str], first: int, last: int) -> _Body:
    return _Body(first, last, frozenset(_words(" ".join(lines[first - 1 : last]))))


def _find_body(lines: list[str]) -> _Body | None:
    prose = [n for n, line in enumerate(lines, 1) if len(words(line)) >= _PARAGRAPH_WORDS and ends_sentence(line)]
    return _make_body(lines, prose[0], prose[-1]) if prose else None


def _outlet_names(registries: Registries, kinds: tuple[str, ...]) -> dict[str, str]:
    """Map each name and alias of registered outlets of these kinds to its id."""
    return {
        name: key
        for key, row in registries.outlets.items()
        if row["outlet_kind"] in kinds
        for name in (row["name"], *row["aliases"])
    }


def _find_name(name: str, line: str) -> re.Match[str] | None:
    """Find a name in a line as whole words."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) if name in line else None


def _is_headline_long(line: str) -> bool:
    """Return whether a line is as long as headlines are: a character of a script without spaces is half a word."""
    found = words(line)
    size = sum(1.0 if len(word) > 1 or word.isascii() else 0.5 for word in found)
    return _TITLE_WORDS[0] <= size and len(found) <= _TITLE_WORDS[1]


def _title_line(lines: list[str], body: _Body, taken: set[int]) -> tuple[int | None, str | None]:
    """Find the first line above the body with words of the body, or else the last line above byline and date.

    Returns the line, and a doubt if it was found by its place or not at all.
    """
    free = [n for n in range(1, body.first) if n not in taken and _is_headline_long(lines[n - 1])]
    for number in free:
        if _share(lines[number - 1], body.vocabulary) >= _SHARED:
            return number, None
    placed = [n for n in free if taken and n < min(taken) and not ends_sentence(lines[n - 1])]
    if placed:
        return placed[-1], f"line {placed[-1]} is taken for the title by its place alone"
    return None, "no line above the body shares its words; mark the title by hand"


def _trim(line: str, start: int, end: int) -> tuple[int, int]:
    """Return the edges of a part of a line without the white space at its ends."""
    part = line[start:end]
    begin = start + len(part) - len(part.lstrip())
    return begin, begin + len(part.strip())


def _split_runs(line: str, number: int, marked: list[tuple[int, int, str]]) -> Iterator[Span]:
    """Yield the marked runs of a line, and those between them as boilerplate, without white space at the edges."""
    at = 0
    for start, end, role in [*sorted(marked), (len(line), len(line), "")]:
        if line[at:start].strip():
            yield Span(number, *_trim(line, at, start), "boilerplate")
        if role:
            yield Span(number, start, end, role)
        at = max(at, end)


def _find_credits(line: str, agencies: dict[str, str]) -> list[tuple[int, int, str]]:
    """Find byline, dates and agency in a line above the body."""
    marked = [(start, end, "date") for start, end, _ in find_dates(line)]
    if match := _BYLINE.match(line):
        marked.append((match.start(), match.end("names"), "byline"))
    for name in agencies:
        at = _find_name(name, line)
        if at and not any(start < at.end() and at.start() < end for start, end, _ in marked):
            marked.append((*at.span(), "agency"))
    return marked


def _text_fact(name: str, value: str | list[str], number: int, confidence: str = "high") -> Fact:
    return Fact(name, value, "text", confidence, f"line {number}")


def _propose_facts(lines: list[str], body: _Body, registries: Registries, proposal: Proposal) -> None:
    outlets, agencies = _outlet_names(registries, ("outlet",)), _outlet_names(registries, ("agency",))
    for number in range(1, body.first):
        line, before = lines[number - 1], 0
        for start, end, day in find_dates(line):
            name, value = ("updated", day[:10]) if CHANGED.search(line[before:start]) else ("published", day)
            proposal.facts.setdefault(name, _text_fact(name, value, number))
            before = end
        if match := _BYLINE.match(line):
            names = re.split(r"\s*[,&、]\s*|\s+and\s+", match["names"])
            authors = [name for name in names if name and name not in outlets and name not in agencies]
            proposal.facts.setdefault("authors", _text_fact("authors", authors, number, "medium"))
        for name, key in outlets.items():
            if _find_name(name, line) and len(words(line)) < _PARAGRAPH_WORDS:
                proposal.facts.setdefault("outlet_id", _text_fact("outlet_id", key, number, "medium"))
        for name, key in agencies.items():
            if _find_name(name, line) and len(words(line)) < 2 * _PARAGRAPH_WORDS:
                proposal.facts.setdefault("agency_id", _text_fact("agency_id", key, number, "medium"))


def _propose_above(line: str, number: int, title: int | None, registries: Registries, body: _Body) -> Iterator[Span]:
    """Propose roles for a line above the body."""
    stripped, whole = line.strip(), _trim(line, 0, len(line))
    outlets = _outlet_names(registries, ("outlet", "republisher"))
    credits_ = _find_credits(line, _outlet_names(registries, ("agency",)))
    if number == title:
        yield Span(number, *whole, "title")
    elif stripped in outlets:
        yield Span(number, *whole, "masthead")
    elif credits_:
        yield from _split_runs(line, number, credits_)
    elif title and number > title and _share(stripped, body.vocabulary) >= _SHARED:
        yield Span(number, *whole, "standfirst")
    elif title and number < title and not ends_sentence(stripped):
        yield Span(number, *whole, "section")
    else:
        yield Span(number, *whole, "boilerplate")


def _propose_inside(line: str, number: int, body: _Body) -> Iterator[Span]:
    """Propose roles for a line of the body: dateline, paragraph or sub-heading."""
    stripped, (start, end) = line.strip(), _trim(line, 0, len(line))
    if not ends_sentence(stripped) and len(words(stripped)) < _PARAGRAPH_WORDS:
        yield Span(number, start, end, "sub-heading")
        return
    if number == body.first and (match := _DATELINE.match(stripped)):
        yield Span(number, start, start + match.end(), "dateline")
        start, _ = _trim(line, start + match.end(), end)
    yield Span(number, start, end, "body")


def propose_roles(lines: list[str], registries: Registries, prose: tuple[int, int] | None = None) -> Proposal:
    """Propose roles for every non-blank run of the lines of a page, and the facts in them.

    `prose` gives the first and the last line of the body if they are known; otherwise the form of lines decides.
    """
    proposal, body = Proposal(), _find_body(lines) if prose is None else _make_body(lines, *prose)
    if body is None:
        proposal.doubts.append("no line reads like a paragraph; mark the body by hand")
        proposal.spans = [span for n, line in enumerate(lines, 1) for span in _split_runs(line, n, [])]
        return proposal
    agencies = _outlet_names(registries, ("agency",))
    credit_lines = {n for n in range(1, body.first) if _find_credits(lines[n - 1], agencies)}
    title, doubt = _title_line(lines, body, credit_lines)
    if doubt:
        proposal.doubts.append(doubt)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if number < body.first:
            proposal.spans += _propose_above(line, number, title, registries, body)
        elif number <= body.last:
            proposal.spans += _propose_inside(line, number, body)
        else:
            proposal.spans += _split_runs(line, number, [])
    _propose_facts(lines, body, registries, proposal)
    return proposal


def _score_headline(text: str, away: int, common: set[str], below: list[str]) -> float:
    """Return how likely a line is the headline; `below` holds the next lines, where byline and date may be."""
    value = _share(text, common) * min(1.0, length(text) / _FULL) + 0.5 * _NEAR / (_NEAR + away)
    value += 0.3 * any(_DATED.search(line) and length(line) < _CREDIT for line in below)
    value -= 0.3 * (ends_sentence(text) and text[-1] not in "?!？！") + 0.4 * has_boilerplate_word(text)
    value -= 0.4 * (_DATED.search(text) is not None) + 0.2 * (length(text) > _LONG)
    return value - 0.4 * (text[0] in "([（【" or text[-1] in ":：")


def _may_be_headline(text: str) -> bool:
    """Return whether a line has the form of a headline."""
    standfirst = is_prose(text) and ends_sentence(text) and length(text) > 2 * _FULL
    return _LENGTH[0] <= length(text) <= _LENGTH[1] and not is_technical(text) and not standfirst


def headline(lines: list[str], first: int, taken: set[int]) -> int | None:
    """Return the number, from 1, of the headline above a body whose first line is `first`; None if none is likely.

    Lines in `taken` (bylines, dates) are no headlines.
    """
    common = _words(" ".join(lines[first - 1 : first - 1 + _READ]))
    filled = [(number, text) for number, line in enumerate(lines[: first - 1], 1) if (text := line.strip())]
    found = [
        (_score_headline(text, len(filled) - at, common, [line for _, line in filled[at + 1 : at + 1 + _BELOW]]), at)
        for at, (number, text) in enumerate(filled)
        if number not in taken and _may_be_headline(text)
    ]
    value, best = max(found, default=(0.0, 0))
    if value < _LEAST:
        return None
    number, text = filled[max(0, best - 1)]  # the best line may be the standfirst, and the line above it the headline
    plain = not _DATED.search(text) and not has_boilerplate_word(text)
    above = number not in taken and _may_be_headline(text) and plain
    is_standfirst = _STANDFIRST <= length(filled[best][1]) > length(text) and _share(text, common) >= _SHARED
    return number if above and is_standfirst else filled[best][0]


def _lines_near(lines: list[str], title: int, first: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of the short lines between headline and body, then of those right above the headline."""
    for number in (*range(title + 1, first), *range(title - 1, max(0, title - 1 - _LINES_ABOVE), -1)):
        text = lines[number - 1].strip()
        if text and len(text) <= _LONGEST:
            yield number, text


def _find_day(near: list[tuple[int, str]], style: DateStyle) -> Found | None:
    """Return the first date that is not introduced as the date of a change, or else the first date."""
    found = [(CHANGED.match(text) is not None, number, moment) for number, text in near
             if (moment := read_moment(text, style))]  # fmt: skip
    _, number, moment = min(found, key=lambda one: one[0], default=(False, 0, None))
    return Found(moment.day, "text", f"line {number}") if moment else None


def _find_authors(near: list[tuple[int, str]]) -> Found | None:
    for at, (number, text) in enumerate(near):
        after = near[at + 1][1] if at + 1 < len(near) else ""
        named = byline(f"{text} {after}" if len(text) < _LABEL else text)
        persons = read_names([named]).persons if named else ()
        if persons:
            return Found(list(persons), "text", f"line {number}")
    return None


def credits_by(lines: list[str], title: int, first: int, language: str | None) -> dict[str, Found]:
    """Return `published` (a day) and `authors` from the lines near the headline, as far as they show them.

    `title` and `first` are the numbers, from 1, of the headline and of the first line of the body.
    """
    near = list(_lines_near(lines, title, first))
    found = {"published": _find_day(near, DateStyle(language)), "authors": _find_authors(near)}
    return {name: value for name, value in found.items() if value is not None}


def _read_credits(lines: list[str], title: int, first: int, facts: dict[str, Found]) -> dict[str, Found]:
    """Return day and authors from the lines near the headline; a known time of the same day is kept."""
    shown = credits_by(lines, title, first, None)
    day, known = shown.get("published"), facts.get("published")
    if day and known and str(known.value).startswith(str(day.value)):
        shown["published"] = known
    return shown


def find_text_facts(page: Page, registries: Registries, body: Body) -> dict[str, Found]:
    """Return the facts in the lines of a plain-text copy of a page."""
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
        facts |= _read_credits(lines, number, at[0][0], facts)
    for key, name in (("outlet_id", "outlet"), ("agency_id", "agency")):
        if (fact := facts.get(key)) and name not in facts and isinstance(fact.value, str):
            facts[name] = Found(registries.outlets[fact.value]["name"], fact.basis, fact.where)
    return facts
