"""Dates as pages print them, found by form alone; what they mean for the article is for the curator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

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
    month-first digits are not read, because they cannot be told apart.
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
