"""A proposal for the record of a plain-text page: a role for each run of characters, and the facts that it shows.

The proposer decides nothing: the curator confirms or corrects, and the build reads only the record. Its rules look at
form (length, end marks, words shared with the body) and at names from the registry, so that they hold in any language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from espress.text import words
from espress_build.inputs.record import Fact, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.registries import Registries

_ENDS = re.compile(r"[.!?…。！？][\"”’»」』)\]]*$")
_PARAGRAPH_WORDS = 12  # a line that ends like a sentence and has as many words is prose, not boilerplate
_TITLE_WORDS = (3, 40)
_SHARED = 0.5  # share of a headline's longer words that its body repeats
_BYLINE = re.compile(
    r"^(?:(?:By|Von|Par|Por|Di|Autor:?|Author:?)\s+|作者(?:\s*[:：]\s*|\s+))"
    r"(?P<names>[^\d|:：\s](?:[^\d|:：]*?[^\d|:：\s])?)(?=\s+\w+[:：]|\s*[|]|\s*$)"
)
_DATELINE = re.compile(r"^[^\W\d_][\w .’'-]{1,30}(?:,\s[\w .]{2,30})?(?:\s?\([\w/ ]{2,20}\))?\s?[–—-](?=\s)")
_UPDATED = re.compile(r"updat|aktualiz|更新|edit", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january ledna leden", "feb february února únor", "mar march března březen", "apr april dubna duben",
            "may května květen", "jun june června červen", "jul july července červenec", "aug august srpna srpen",
            "sep sept september září", "oct october října říjen", "nov november listopadu listopad",
            "dec december prosince prosinec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = "(?P<name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
# A time with am or pm is left out: the day is sure, and the clock is the curator's to read.
_TIME = r"(?:[T,]?\s*(?P<clock>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?!:?\d)(?!\s*[ap]\.?m\b))?"
_FORMS = [
    # Digits are those of ASCII: others are read by no parser of ISO dates.
    re.compile((form + _TIME).replace(r"\d", "[0-9]"), re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)[/.](?P<m>\d?\d)[/.](?P<d>\d?\d)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d?\d)\s*月\s*(?P<d>\d?\d)\s*日",
        r"(?<!\d)(?P<d>\d?\d)\.\s?(?P<m>\d?\d)\.\s?(?P<y>(?:19|20)\d\d)(?!\d)",
        rf"\b{_NAME}\s+(?P<d>\d?\d)(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)(?!\d)",
        rf"(?<!\d)(?P<d>\d?\d)\.?\s+{_NAME}\s+(?P<y>(?:19|20)\d\d)(?!\d)",
    )
]


@dataclass(frozen=True)
class Dated:
    """A date found in a line: characters [start, end) and its ISO form, with the time where one follows."""

    start: int
    end: int
    iso: str


def find_dates(line: str) -> list[Dated]:
    """Return the full dates in a line in order; days that no calendar holds are left out.

    A date of digits is read year first where the year leads, else day first: `3.4.2019` is 3 April. American
    month-first digits are not read, because they are ambiguous.
    """
    found: list[Dated] = []
    for form in _FORMS:
        for match in form.finditer(line):
            parts = match.groupdict()
            # 0 where a letter only looks like one of the name's, such as the dotless i of Turkish
            month = _MONTHS.get(parts["name"].casefold(), 0) if parts.get("name") else int(parts["m"])
            try:
                day = date(int(parts["y"]), month, int(parts["d"])).isoformat()
            except ValueError:
                continue
            clock = parts["clock"]
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            time = f"T{clock.zfill(5 if clock.count(':') == 1 else 8)}" if clock else ""
            found.append(Dated(match.start(), match.end(), day + time))
    return sorted(found, key=lambda item: item.start)


@dataclass
class Proposal:
    """Roles and facts as proposed; `doubts` says what the curator should look at first."""

    spans: list[Span] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Body:
    """The lines, from 1, that hold the article's prose: first, last, and those between that are sub-headings."""

    first: int
    last: int
    vocabulary: frozenset[str]


def _long_words(text: str) -> set[str]:
    return {word for word in words(text.casefold()) if len(word) > 3 or not word.isascii()}


def _body(lines: list[str], first: int, last: int) -> _Body:
    return _Body(first, last, frozenset(_long_words(" ".join(lines[first - 1 : last]))))


def _find_body(lines: list[str]) -> _Body | None:
    prose = [
        n for n, line in enumerate(lines, 1) if len(words(line)) >= _PARAGRAPH_WORDS and _ENDS.search(line.strip())
    ]
    if not prose:
        return None
    return _body(lines, prose[0], prose[-1])


def _names(registries: Registries, kinds: tuple[str, ...]) -> dict[str, str]:
    """Map each name and alias of registered outlets of these kinds to its id."""
    return {
        name: key
        for key, row in registries.outlets.items()
        if row["kind"] in kinds
        for name in (row["name"], *row["aliases"])
    }


def _find_name(name: str, line: str) -> re.Match[str] | None:
    """Find a name in a line as whole words; that most names are in none is seen without a pattern."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) if name in line else None


def _is_headline_long(line: str) -> bool:
    """Return whether a line is as long as headlines are: a character of a script without spaces is half a word."""
    found = words(line)
    size = sum(1.0 if len(word) > 1 or word.isascii() else 0.5 for word in found)
    return _TITLE_WORDS[0] <= size and len(found) <= _TITLE_WORDS[1]


def _title_line(lines: list[str], body: _Body, taken: set[int]) -> tuple[int | None, str | None]:
    """Find the first line above the body whose longer words the body repeats, else the last above byline and date.

    Returns the line, and a doubt where it was found by its place or not at all.
    """
    free = [n for n in range(1, body.first) if n not in taken and _is_headline_long(lines[n - 1])]
    for number in free:
        own = _long_words(lines[number - 1])
        if own and len(own & body.vocabulary) / len(own) >= _SHARED:
            return number, None
    placed = [n for n in free if taken and n < min(taken) and not _ENDS.search(lines[n - 1].strip())]
    if placed:
        return placed[-1], f"line {placed[-1]} is taken for the title by its place alone"
    return None, "no line above the body shares its words; mark the title by hand"


def _runs(line: str, number: int, marked: list[tuple[int, int, str]]) -> Iterator[Span]:
    """Yield the marked runs of a line, and what lies between them as boilerplate, without white space at the edges."""
    at = 0
    for start, end, role in [*sorted(marked), (len(line), len(line), "")]:
        rest = line[at:start]
        if rest.strip():
            begin = at + len(rest) - len(rest.lstrip())
            yield Span(number, begin, begin + len(rest.strip()), "boilerplate")
        if role:
            yield Span(number, start, end, role)
        at = max(at, end)


def _credits(line: str, agencies: dict[str, str]) -> list[tuple[int, int, str]]:
    """Find byline, dates and agency in a line above the body."""
    marked = [(dated.start, dated.end, "date") for dated in find_dates(line)]
    if match := _BYLINE.match(line):
        marked.append((match.start(), match.end("names"), "byline"))
    for name in agencies:
        at = _find_name(name, line)
        if at and not any(start < at.end() and at.start() < end for start, end, _ in marked):
            marked.append((*at.span(), "agency"))
    return marked


def _date_facts(lines: list[str], above: int) -> Iterator[tuple[str, Dated, int]]:
    for number in range(1, above):
        before = 0
        for dated in find_dates(lines[number - 1]):
            label = lines[number - 1][before : dated.start]
            yield ("updated" if _UPDATED.search(label) else "published"), dated, number
            before = dated.end


def _text_fact(name: str, value: str | list[str], number: int, confidence: str = "high") -> Fact:
    return Fact(name, value, "text", confidence, f"line {number}")


def _propose_facts(lines: list[str], body: _Body, registries: Registries, proposal: Proposal) -> None:
    outlets, agencies = _names(registries, ("outlet",)), _names(registries, ("agency",))
    for name, dated, number in _date_facts(lines, body.first):
        value = dated.iso[:10] if name == "updated" else dated.iso
        proposal.facts.setdefault(name, _text_fact(name, value, number))
    for number in range(1, body.first):
        line = lines[number - 1]
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
    stripped = line.strip()
    start = len(line) - len(line.lstrip())
    whole = (start, start + len(stripped))
    outlets = _names(registries, ("outlet", "republisher"))
    credits_ = _credits(line, _names(registries, ("agency",)))
    own = _long_words(stripped)
    if number == title:
        yield Span(number, *whole, "title")
    elif stripped in outlets:
        yield Span(number, *whole, "masthead")
    elif credits_:
        yield from _runs(line, number, credits_)
    elif title and number > title and own and len(own & body.vocabulary) / len(own) >= _SHARED:
        yield Span(number, *whole, "standfirst")
    elif title and number < title and not _ENDS.search(stripped):
        yield Span(number, *whole, "section")
    else:
        yield Span(number, *whole, "boilerplate")


def _propose_inside(line: str, number: int, body: _Body) -> Iterator[Span]:
    """Propose roles for a line of the body: dateline, paragraph or sub-heading."""
    stripped = line.strip()
    start = len(line) - len(line.lstrip())
    end = start + len(stripped)
    if not _ENDS.search(stripped) and len(words(stripped)) < _PARAGRAPH_WORDS:
        yield Span(number, start, end, "sub-heading")
        return
    if number == body.first and (match := _DATELINE.match(stripped)):
        yield Span(number, start, start + match.end(), "dateline")
        rest = stripped[match.end() :]
        start = end - len(rest.lstrip())
    yield Span(number, start, end, "body")


def propose_roles(lines: list[str], registries: Registries, prose: tuple[int, int] | None = None) -> Proposal:
    """Propose roles for every non-blank run of the lines of a page, and the facts that it shows.

    `prose` are the first and the last line of the body, where they are known better than by the form of single lines.
    """
    proposal, body = Proposal(), _find_body(lines) if prose is None else _body(lines, *prose)
    if body is None:
        proposal.doubts.append("no line reads like a paragraph; mark the body by hand")
        proposal.spans = [span for n, line in enumerate(lines, 1) for span in _runs(line, n, [])]
        return proposal
    agencies = _names(registries, ("agency",))
    credit_lines = {n for n in range(1, body.first) if _credits(lines[n - 1], agencies)}
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
            proposal.spans += _runs(line, number, [])
    _propose_facts(lines, body, registries, proposal)
    return proposal
