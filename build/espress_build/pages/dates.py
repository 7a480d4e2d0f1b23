"""Dates in whatever form a page writes them: for machines, for mail, and for readers in some thirty languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

from espress_build.pages.vocabulary import months

_ISO = re.compile(
    r"(?<!\d)(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)(?:(?:[T ]|T | T)\s?(?P<clock>\d\d?:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b)?\s*(?P<zone>Z\b|UTC\b|GMT\b|(?:GMT|UTC)?[+-]\d\d:?\d\d|[+-]\d\d(?!\d))?)?"
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d):?(\d\d):?(\d\d)?(Z|[+-]\d\d:?\d\d)?)?")
_LOG = re.compile(r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d\d?) (\d\d:\d\d:\d\d)(?: [A-Z]{2,5})? (\d{4})")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2,8},?\s+)?\d{1,2} [A-Z][a-z]{2,8} \d{4} \d\d:\d\d")
# Where one word is two languages' for two months.
_SPECIAL = {("pl", "listopada"): 11, ("pl", "listopad"): 11, ("hr", "lipnja"): 6, ("hr", "srpnja"): 7}
_NAME = r"(?P<name>[\u0600-\u06ff\u0900-\u0dff\u0e00-\u0e7f]{2,14}|[^\W\d_]{3,14})\.?"  # with India's vowel signs
_SIAM = re.compile(r"(?<!\d)25\d\d(?!\d)")
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_CLOCK = (
    r"(?:(?:\s*(?:,|-|–|—|\||·|•|at|um|à|a las|v|ve|alle|o|kl\.?|в|klo|г\.,?|года|T)?\s*)"
    r"(?P<clock>(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?)(?![\d:])(?:\s?(?P<half>[AaPp])\.?[Mm]\b)?"
    r"(?:\s?(?P<zone>UTC|GMT|Z\b))?)?"
)
_READ = [
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        rf"(?<!\d)(?P<d>\d\d?)(?:st|nd|rd|th|er|º|ª|\.)?,?[\s-]*(?:de\s|of\s|d['’])?\s*(?:[^\W\d_]{{2,14}}/)?{_NAME},?[\s-]*(?:de\s|del\s)?\s*{_YEAR}",
        rf"(?<!\w){_NAME}\s*(?P<d>\d\d?)(?:st|nd|rd|th|\.)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.\s+gada\s+(?P<d>\d\d?)\.\s+{_NAME}",
        rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.?\s+(?:m\.\s*)?{_NAME}\s+(?P<d>\d\d?)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[年년]\s*(?P<m>\d\d?)\s*[月월]\s*(?P<d>\d\d?)\s*[日일]?",
        r"(?<!\d)(?P<d>\d\d?)\s+tháng\s+(?P<m>\d\d?),?\s+(?:năm\s+)?(?P<y>(?:19|20)\d\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[/.])\s?(?P<m>\d\d?)(?P=s)\s?(?P<d>\d\d?)(?!\d)\.?",
        rf"(?<!\d)(?P<d>\d\d?)(?P<s>[./-])\s?(?P<m>\d\d?)(?P=s)\s?{_YEAR}",
    )
]
_MONTH_FIRST = {"en"}  # languages whose digits may lead with the month
_DAY_FIRST_ENDS = (
    ".uk",
    ".au",
    ".in",
    ".nz",
    ".ie",
    ".za",
    ".ng",
    ".pk",
    ".sg",
    ".hk",
    ".eu",
    ".ke",
    ".gh",
    ".my",
    ".cz",
    ".de",
)


@dataclass(frozen=True)
class Moment:
    """A date in the page's own time, to the day, minute or second, and the zone where it is given."""

    local: str
    zone: str | None = None
    sure: bool = True  # False where day and month could be read the other way round
    other: str | None = None  # that other reading's day

    @property
    def day(self) -> str:
        """The calendar day."""
        return self.local[:10]


@dataclass(frozen=True)
class Manner:
    """What a page's language and address say of how it writes dates."""

    language: str | None = None
    host: str = ""

    @property
    def month_first(self) -> bool:
        """Whether digits are more likely 7/23 than 23/7."""
        return (self.language or "en") in _MONTH_FIRST and not self.host.endswith(_DAY_FIRST_ENDS)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


@cache
def _months() -> dict[str, int]:
    return {_folded(word): number for number, words in reversed([*enumerate(months(), 1)]) for word in words}


def _month(name: str, language: str | None) -> int:
    word = _folded(name)
    return _SPECIAL.get((language or "", word)) or _months().get(word, 0)


def _zone(text: str | None) -> str | None:
    """Return a zone as `+02:00`; None where none is given or no place has it."""
    if not text:
        return None
    digits = re.sub(r"[^\d+-]", "", text)
    if not digits:
        return "+00:00"
    digits = digits.ljust(5, "0")
    zone = f"{digits[:3]}:{digits[3:5]}"
    return zone if re.fullmatch(r"[+-](?:0\d|1[0-4]):[0-5]\d", zone) else None


def _moment(day: tuple[int, int, int], clock: str | None, zone: str | None, half: str | None = None) -> Moment | None:
    """Return the moment, or None where no calendar holds the day or no newspaper of the web was there."""
    try:
        date = datetime(*day)  # noqa: DTZ001 - local time, zone apart
    except ValueError:
        return None
    if not 1990 <= date.year <= 2100:
        return None
    text = date.date().isoformat()
    if not clock:
        return Moment(text)
    hours, *rest = clock.replace(".", ":").split(":")
    hour = int(hours) % 12 + (12 if half.lower() == "p" else 0) if half and int(hours) <= 12 else int(hours)
    if hour > 23 or any(int(part) > 59 for part in rest):
        return Moment(text)
    return Moment(f"{text}T{':'.join([f'{hour:02}', *rest])}", _zone(zone))


def _epoch(text: str) -> Moment | None:
    seconds = int(text) / (1000 if len(text) == 13 else 1)
    return Moment(
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S"), "+00:00"
    )


def _for_machines(text: str) -> Moment | None:
    if re.fullmatch(r"1[0-9]{9}(?:[0-9]{3})?", text):
        return _epoch(text)
    if match := _COMPACT.fullmatch(text):
        y, m, d, hour, minute, second, zone = match.groups()
        clock = ":".join(part for part in (hour, minute, second) if part)
        return _moment((int(y), int(m), int(d)), clock, zone)
    if match := _ISO.search(text):
        return _moment(
            (int(match["y"]), int(match["m"]), int(match["d"])), match["clock"], match["zone"], match["half"]
        )
    if match := _LOG.fullmatch(text):
        return _moment((int(match[4]), _month(match[1], "en"), int(match[2])), match[3], None)
    return _mailed(text) if _MAIL.match(text) else None


def _mailed(text: str) -> Moment | None:
    try:
        mail = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return _moment((mail.year, mail.month, mail.day), mail.strftime("%H:%M:%S"), mail.strftime("%z"))


def _turned(first: int, second: int, year: int, parts: dict[str, str | None], manner: Manner) -> Moment | None:
    """Read two numbers and a year: day first, unless a month-first language or the calendar say otherwise."""
    clock, zone, half = parts.get("clock"), parts.get("zone"), parts.get("half")
    day_first = _moment((year, second, first), clock, zone, half)
    month_first = _moment((year, first, second), clock, zone, half)
    american = manner.month_first and parts["s"] != "."
    best, rest = (month_first, day_first) if american else (day_first, month_first)
    if best and rest and best != rest and parts["s"] != ".":
        return Moment(best.local, best.zone, sure=False, other=rest.day)
    return best or (rest if parts["s"] != "." else None)


def _for_readers(text: str, manner: Manner) -> Moment | None:
    found: list[tuple[int, Moment]] = []
    for form in _READ:
        for match in form.finditer(text):
            parts = match.groupdict()
            year, day = int(parts["y"]), int(parts["d"])
            month = int(parts["m"]) if parts.get("m") else _month(parts.get("name") or "", manner.language)
            if form is _READ[-1]:
                moment = _turned(day, month, year, parts, manner)
            else:
                moment = _moment((year, month, day), parts["clock"], parts["zone"], parts["half"])
            if moment:
                found.append((match.start(), moment))
                break
    return min(found, key=lambda one: one[0])[1] if found else None


def read_moment(text: str, manner: Manner | None = None) -> Moment | None:
    """Return the first full date in a text, or None; a month or a year alone is no date."""
    plain = "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign for sign in text[:400]
    )
    plain = plain.strip()
    if re.search(r"[\u0e00-\u0e7f]", plain):
        plain = _SIAM.sub(lambda year: str(int(year[0]) - 543), plain)
    return _for_machines(plain) or _for_readers(plain, manner or Manner())


_PATH = re.compile(
    r"/(?P<y>(?:19|20)\d\d)(?:[/-]|/[\w-]{1,30}/)?(?P<m>0[1-9]|1[0-2]|[1-9](?=[/-])|[a-z]{3}(?=/))(?:[/-]?)(?P<d>[0-3]\d|[1-9](?=[/-]))(?=[/_.-]|$)"
)
_LOOSE = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<s>[-_]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")


def date_in_address(url: str) -> Moment | None:
    """Return the day that an address shows, such as `/2019/07/23/` or `/20190723-`; None where it shows no full day."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url.partition("?")[0])
    for form in (_PATH, _LOOSE):
        for match in form.finditer(path):
            month = int(match["m"]) if match["m"].isdigit() else _month(match["m"], "en")
            if moment := _moment((int(match["y"]), month, int(match["d"])), None, None):
                return moment
    return None
