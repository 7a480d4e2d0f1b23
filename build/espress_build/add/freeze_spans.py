"""Find the words of a proposal in the source of the page, as spans for the record.

The build reads the spans only, so it needs no extractor.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeAlias

from espress_build.inputs.html_spans import Shown, read_runs
from espress_build.inputs.record import Span
from espress_build.pages.dates import DateStyle, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from espress_build.pages.page_fact import Found
    from espress_build.pages.prose import Paragraph

# An element without words to read, with its content; a tag, whose attributes may hold `>` in quotes; a tag without end.
_MARKUP = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<unseen>script|style|template|svg|iframe|object)\b.*?(?:</(?P=unseen)\s*>|\Z)"
    r"|<[A-Za-z/!?](?:[^>\"']|\"[^\"]*\"|'[^']*')*+>"
    r"|<[A-Za-z/!?][^>]*+>?",
    re.IGNORECASE | re.DOTALL,
)
_READ = re.compile(r"[&\x00-\x08\x0e-\x1b\x7f]")  # characters of the source that a browser shows as other characters
_LONGEST = 160  # characters; a longer run is a sentence of the article and not a credit


def _text(facts: Mapping[str, Found], name: str) -> str | None:
    found = facts.get(name)
    return found.value if found is not None and isinstance(found.value, str) else None


def _unescape(text: str) -> str:
    return " ".join(html.unescape(text).split())


@dataclass(frozen=True)
class Credits:
    """The persons, the agency and the days that a page's facts give: names in lower case, days as ISO 8601."""

    authors: tuple[str, ...] = ()
    agency: str | None = None
    days: frozenset[str] = frozenset()
    language: str | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Found]) -> Credits:
        """Return the credits among the facts of a page."""
        named = facts.get("authors")
        authors = named.value if named is not None and isinstance(named.value, list) else []
        days = frozenset(day[:10] for name in ("published", "updated") if (day := _text(facts, name)))
        agency = _text(facts, "agency")
        return cls(
            tuple(_unescape(name).casefold() for name in authors),
            agency.casefold() if agency else None,
            days,
            _text(facts, "language"),
        )

    def role(self, run: str) -> str | None:
        """Return the role of a run of the page's source: byline, date or agency; None if it is none of them."""
        shown = _unescape(run)
        if len(shown) > _LONGEST:
            return None
        low = shown.casefold()
        if any(name in low for name in self.authors):
            return "byline"
        moment = read_moment(shown, DateStyle(self.language)) if self.days else None
        if moment is not None and {moment.day, moment.other} & self.days:
            return "date"
        return "agency" if self.agency and low.strip(" /|–—-()") == self.agency else None


# Of the parts of a run: the place in `text` where each begins; and each part with its characters that are not blank.
_Parts: TypeAlias = tuple[list[int], list[tuple[Shown, list[int]]]]


@dataclass(frozen=True)
class _Words:
    """The text of a page without white space, and the runs of text between tags that it comes from."""

    page: str
    text: str
    bounds: list[tuple[int, int]]  # of each run, white space and all
    begins: list[int]  # of each run, the place of its first character in `text`; at last, the length of `text`
    parts: dict[int, _Parts] = field(default_factory=dict)  # the parts of each run in which a character was looked up

    def find_run(self, number: int) -> int:
        """Return the run that holds a character of `text`."""
        return bisect_right(self.begins, number) - 1

    def find_place(self, number: int) -> tuple[int, int]:
        """Return the range of characters of the page that encode a character of `text`."""
        run = self.find_run(number)
        if run not in self.parts:
            seen = read_runs(self.page, *self.bounds[run])
            parts = [(shown, [at for at, sign in enumerate(shown.text) if sign != " "]) for shown in seen]
            parts = [(shown, signs) for shown, signs in parts if signs]
            sizes = accumulate((len(signs) for _, signs in parts), initial=self.begins[run])
            self.parts[run] = (list(sizes)[:-1], parts)
        begins, parts = self.parts[run]
        at = bisect_right(begins, number) - 1
        shown, signs = parts[at]
        return shown.place(signs[number - begins[at]])


def _find_bounds(text: str) -> Iterator[tuple[int, int]]:
    """Yield the runs of text between tags."""
    tags = [match.span() for match in _MARKUP.finditer(text)]
    for (_, end), (start, _) in pairwise([(0, 0), *tags, (len(text), len(text))]):
        if end < start:
            yield end, start


def _read_words(page: str) -> _Words:
    bounds = list(_find_bounds(page))
    texts = [page[start:end] for start, end in bounds]
    squeezed = [
        _squeeze(text)
        if _READ.search(text) is None
        else "".join(shown.text.replace(" ", "") for shown in read_runs(page, *bound))
        for text, bound in zip(texts, bounds, strict=True)
    ]
    return _Words(page, "".join(squeezed), bounds, list(accumulate(map(len, squeezed), initial=0)))


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _make_spans(words: _Words, start: int, end: int, block: int, role: str) -> Iterator[Span]:
    """Yield the runs of a stretch of words, with the white space between the words, but none at its edges."""
    first, last = words.find_run(start), words.find_run(end - 1)
    edge, other_edge = words.find_place(start)[0], words.find_place(end - 1)[1]
    for number in range(first, last + 1):
        begin, stop = words.bounds[number]
        begin = edge if number == first else begin
        stop = other_edge if number == last else stop
        if begin < stop:
            yield Span(block, begin, stop, role)


def _place_paragraphs(words: _Words, paragraphs: tuple[Paragraph, ...]) -> tuple[list[tuple[int, int, str]], list[str]]:
    """Find each paragraph after the one before; return (start, end, role) and the paragraphs not found."""
    found: list[tuple[int, int, str]] = []
    lost, at = [], 0
    for part in paragraphs:
        wanted = _squeeze(part.text)
        start = words.text.find(wanted, at) if wanted else -1
        if start < 0:
            lost.append(part.text)
        else:
            at = start + len(wanted)
            found.append((start, at, part.role))
    return found, lost


def _find_credits(words: _Words, text: str, start: int, end: int, said: Credits) -> Iterator[tuple[int, int, str]]:
    """Yield the runs within a stretch of words that are byline, agency or date."""
    for number in range(words.find_run(start), words.find_run(end - 1) + 1) if start < end else ():
        first, last = max(start, words.begins[number]), min(end, words.begins[number + 1])
        if first < last and (role := said.role(text[slice(*words.bounds[number])])):
            yield first, last, role


def freeze(
    text: str, title: str | None, standfirst: str | None, paragraphs: tuple[Paragraph, ...], said: Credits
) -> tuple[list[Span], list[str]]:
    """Return the runs of headline, credits, standfirst and paragraphs, block by block, and paragraphs not found.

    If the words of the headline occur several times before the body, the last place counts, because `<title>` and
    menus come earlier.
    """
    words = _read_words(text)
    found, lost = _place_paragraphs(words, paragraphs)
    body = at = found[0][0] if found else len(words.text)
    above: list[tuple[int, int, str]] = []
    for role, shown in (("standfirst", standfirst), ("title", title)):
        wanted = _squeeze(shown or "")
        start = words.text.rfind(wanted, 0, at) if wanted else -1
        if start >= 0:
            above.insert(0, (start, start + len(wanted), role))
            at = start
    if above and above[0][2] == "title":
        edges = [*above, (body, body, "body")]
        between = [(one[1], after[0]) for one, after in pairwise(edges)]
        above += [part for start, end in between for part in _find_credits(words, text, start, end, said)]
    blocks = enumerate([*sorted(above), *found], 1)
    return [span for number, place in blocks for span in _make_spans(words, place[0], place[1], number, place[2])], lost
