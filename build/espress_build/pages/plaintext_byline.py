"""Day and authors in a plain-text copy: what the lines about the headline say, in any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress_build.pages.authors import byline, read_names
from espress_build.pages.dates import Manner, read_moment
from espress_build.pages.fact import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 160  # characters of a line of byline and date
_ABOVE = 3  # lines above the headline that may hold them
_LABEL = 12  # characters of a line that may be no more than a label
_CHANGED = re.compile(r"updat|aktualis|aktualiz|modif|mis à jour|更新|edit", re.IGNORECASE)


def _near(lines: list[str], title: int, first: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines between headline and body, then of those right above the headline."""
    for number in (*range(title + 1, first), *range(title - 1, max(0, title - 1 - _ABOVE), -1)):
        text = lines[number - 1].strip()
        if text and len(text) <= _LONGEST:
            yield number, text


def _published(near: list[tuple[int, str]], manner: Manner) -> Found | None:
    """Return the first date that no word calls a change, else the first date."""
    found = [(number, text, moment) for number, text in near if (moment := read_moment(text, manner))]
    for number, _, moment in sorted(found, key=lambda one: _CHANGED.match(one[1]) is not None):
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
