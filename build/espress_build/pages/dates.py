"""Find when an article was published and last changed, and read dates in the forms that pages use."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from espress_build.pages.jsonld import read_claims
from espress_build.pages.page_fact import Claim, Found, months, ordered
from espress_build.pages.title import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.pages.dom import Document
    from espress_build.pages.jsonld import Node

_ISO = re.compile(
    r"(?<!\d)(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)(?!\d)"
    r"(?:(?:[T ]|T | T)\s?(?P<clock>\d\d?:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b)?\s*(?P<zone>Z\b|UTC\b|GMT\b|(?:GMT|UTC)?[+-]\d\d:?\d\d|[+-]\d\d(?!\d))?)?"
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d):?(\d\d):?(\d\d)?(Z|[+-]\d\d:?\d\d)?)?")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2,8},?\s+)?\d{1,2} [A-Z][a-z]{2,8} \d{4} \d\d:\d\d")
_SPECIAL = {("pl", "listopada"): 11, ("pl", "listopad"): 11, ("hr", "lipnja"): 6, ("hr", "srpnja"): 7}
_NAME = r"(?P<name>[\u0600-\u06ff\u0900-\u0dff\u0e00-\u0e7f]{2,14}|[^\W\d_]{3,14})\.?"  # with India's vowel signs
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_CLOCK = (
    r"(?:(?:\s*(?:,|-|–|—|\||·|•|at|um|à|a las|v|ve|alle|o|kl\.?|в|klo|г\.,?|года|T)?\s*)"
    r"(?P<clock>(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?)(?![\d:])(?:\s?(?P<half>[AaPp])\.?[Mm]\b)?"
    r"(?:\s?(?P<zone>UTC|GMT|Z\b))?)?"
)
_READ = [
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        rf"(?<!\d)(?P<d>\d\d?)(?:st|nd|rd|th|er|º|ª|\.)?,?[\s/-]*(?:de\s|of\s|d['’])?\s*(?:[^\W\d_]{{2,14}}\s*/\s*)?{_NAME},?[\s/-]*(?:de\s|del\s)?\s*{_YEAR}",
        rf"(?<!\w){_NAME}\s*(?P<d>\d\d?)(?:st|nd|rd|th|\.)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.\s+gada\s+(?P<d>\d\d?)\.\s+{_NAME}",
        rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.?\s+(?:m\.\s*)?{_NAME}\s+(?P<d>\d\d?)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[年년]\s*(?P<m>\d\d?)\s*[月월]\s*(?P<d>\d\d?)\s*[日일]?",
        r"(?<!\d)(?P<d>\d\d?)\s+tháng\s+(?P<m>\d\d?),?\s+(?:năm\s+)?(?P<y>(?:19|20)\d\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[/.])\s?(?P<m>\d\d?)(?P=s)\s?(?P<d>\d\d?)(?!\d)\.?",
        rf"(?<!\d)(?P<d>\d\d?)(?P<s>[./-])\s?(?P<m>\d\d?)(?P=s)\s?{_YEAR}",
    )
]
_SHORT_YEAR = re.compile(r"(?<![\d./-])(\d\d?)([./])(\s?\d\d?)\2(\s?)(\d\d)(?![\d./])")
_SHORT = 40  # characters of a line that holds little more than a date
_REIGNS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # the year before the first
_REIGN = re.compile(rf"({'|'.join(_REIGNS)})(\d{{1,3}})年")
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=[年月日])")
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_DAY_FIRST_ENDS = (
    ".uk", ".au", ".in", ".nz", ".ie", ".za", ".ng", ".pk", ".sg", ".hk", ".eu", ".ke", ".gh", ".my", ".cz", ".de",
)  # fmt: skip
_PATH = re.compile(
    r"/(?P<y>(?:19|20)\d\d)(?:[/-]|/[\w-]{1,30}/)?(?P<m>0[1-9]|1[0-2]|[1-9](?=[/-])|[a-z]{3}(?=/))(?:[/-]?)(?P<d>[0-3]\d|[1-9](?=[/-]))(?=[/_.-]|$)"
)
_LOOSE = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<s>[-_]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_PUBLISHED = ordered("published")
_UPDATED = ordered("updated")
CHANGED = re.compile(
    r"updat|aktuali|更新|编辑于|edited|modif|upraven|geänd|zuletzt|\bstand\b|mis à jour|actuali|aggiorn|atualiz|обновл|"
    r"оновлен|bijgewerkt|oppdater|opdater|uppdater|frissít|zmien|güncel|最終更新|수정",
    re.IGNORECASE,
)
_PUBLISHING = re.compile(
    r"publi(?!c\b)|posted|artikel wurde|entry-date|veröffentl|erschienen|vydáno|zveřej|опублик|pubblic|yayın|"
    r"발행|입력|发布|發布",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Moment:
    """A date in the page's own time, to the day, minute or second, and the zone if it is given."""

    local: str
    zone: str | None = None
    other: str | None = None  # the day if day and month are swapped

    @property
    def day(self) -> str:
        """The calendar day."""
        return self.local[:10]


@dataclass(frozen=True)
class DateStyle:
    """How a page writes dates, as its language (with a region, such as `en-GB`) and its host suggest."""

    language: str | None = None
    host: str = ""

    @property
    def month_first(self) -> bool:
        """Return whether `7/4` more likely means 4 July than 7 April."""
        language, _, region = (self.language or "en").replace("_", "-").lower().partition("-")
        return language == "en" and region in {"", "us", "ph"} and not self.host.endswith(_DAY_FIRST_ENDS)


def _fold(name: str) -> str:
    """Return a name without case and accents: capitals often have none."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ı", "i"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


_MONTHS = {_fold(word): number for number, words in reversed([*enumerate(months(), 1)]) for word in words}


def _number_month(name: str, language: str | None) -> int:
    return _SPECIAL.get(((language or "")[:2], name.casefold())) or _MONTHS.get(_fold(name), 0)


def _read_zone(text: str | None) -> str | None:
    """Return a zone as `+02:00`; None if it is not given or does not exist."""
    if not text:
        return None
    digits = (re.sub(r"[^\d+-]", "", text) or "+").ljust(5, "0")
    zone = f"{digits[:3]}:{digits[3:5]}"
    return zone if re.fullmatch(r"[+-](?:0\d|1[0-4]):[0-5]\d", zone) else None


def _make_moment(
    day: tuple[int, int, int], clock: str | None = None, zone: str | None = None, half: str | None = None
) -> Moment | None:
    """Return the moment; None if the day does not exist or lies outside 1990 to 2100."""
    try:
        text = date(*day).isoformat()
    except ValueError:
        return None
    if not 1990 <= day[0] <= 2100:
        return None
    if not clock:
        return Moment(text)
    hours, *rest = clock.replace(".", ":").split(":")
    hour = int(hours) % 12 + (12 if half.lower() == "p" else 0) if half and int(hours) <= 12 else int(hours)
    if hour > 23 or any(int(part) > 59 for part in rest):
        return Moment(text)
    return Moment(f"{text}T{':'.join([f'{hour:02}', *rest])}", _read_zone(zone))


def _read_for_machines(text: str) -> Moment | None:
    if match := _COMPACT.fullmatch(text):
        y, m, d, *clock, zone = match.groups()
        return _make_moment((int(y), int(m), int(d)), ":".join(filter(None, clock)), zone)
    if match := _ISO.search(text):
        day = int(match["y"]), int(match["m"]), int(match["d"])
        return _make_moment(day, match["clock"], match["zone"], match["half"])
    if _MAIL.match(text):
        with suppress(ValueError, TypeError, IndexError):
            mail = parsedate_to_datetime(text)
            return _make_moment((mail.year, mail.month, mail.day), mail.strftime("%H:%M:%S"), mail.strftime("%z"))
    return None


def _read_digits(first: int, second: int, parts: dict[str, str | None], style: DateStyle) -> Moment | None:
    """Read two numbers and a year: day first, unless a month-first language or the calendar say otherwise."""
    year, rest = int(parts["y"] or 0), (parts.get("clock"), parts.get("zone"), parts.get("half"))
    day_first, month_first = _make_moment((year, second, first), *rest), _make_moment((year, first, second), *rest)
    if parts["s"] == ".":
        return day_first
    best, other = (month_first, day_first) if style.month_first else (day_first, month_first)
    if best and other and best != other:
        return Moment(best.local, best.zone, other.day)
    return best or other


def _read_match(form: re.Pattern[str], match: re.Match[str], style: DateStyle) -> Moment | None:
    parts = match.groupdict()
    day = int(parts["d"])
    month = int(parts["m"]) if parts.get("m") else _number_month(parts.get("name") or "", style.language)
    if form is _READ[-1]:
        return _read_digits(day, month, parts, style)
    return _make_moment((int(parts["y"]), month, day), parts["clock"], parts["zone"], parts["half"])


def _read_for_readers(text: str, style: DateStyle) -> Moment | None:
    """Return the first date in a text by any of the forms."""
    found: list[tuple[int, Moment]] = []
    for form in _READ:
        read = ((match.start(), _read_match(form, match, style)) for match in form.finditer(text))
        found += [(start, moment) for start, moment in read if moment][:1]
    return min(found, key=lambda one: one[0])[1] if found else None


def find_dates(line: str) -> list[tuple[int, int, str]]:
    """Return the full dates in a line in order, as (start, end, date in ISO form with the time where one follows).

    `3.4.2019` is 3 April; other digits with the year last are ambiguous and left out.
    """
    plain, found = _write_ascii_digits(line), list[tuple[int, int, str]]()
    for form in (_ISO, *_READ):
        for match in form.finditer(plain):
            start, end = match.start(), match.start() + len(match[0].rstrip())
            free = all(end <= other[0] or other[1] <= start for other in found)
            ambiguous = form is _READ[-1] and match["s"] != "."
            if free and not ambiguous and (read := _read_match(form, match, DateStyle())):
                found.append((start, end, read.local))
    return sorted(found)


def _read_han_number(match: re.Match[str]) -> str:
    """Return a Chinese number in digits: `二〇二一`, `三十一`, `十二`."""
    text = match[0]
    if "十" not in text:
        return text.translate(_HAN_DIGITS)
    tens, _, ones = text.partition("十")
    return f"{tens or '一'}{ones or '〇'}".translate(_HAN_DIGITS)


def _write_ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign for sign in text)


def _write_in_digits(text: str) -> str:
    """Return a text with ASCII digits and with years of the common calendar."""
    plain = _write_ascii_digits(text).strip()
    if "年" in plain:
        plain = _HAN_NUMBER.sub(_read_han_number, plain)
        plain = _REIGN.sub(lambda match: f"{_REIGNS[match[1]] + int(match[2])}年", plain)
    return plain


def read_moment(text: str, style: DateStyle | None = None) -> Moment | None:
    """Return the first full date in a text, or None; a month or a year alone is no date."""
    plain = _write_in_digits(text[:400])
    return _read_for_machines(plain) or _read_for_readers(plain, style or DateStyle())


def date_in_address(url: str) -> Moment | None:
    """Return the day in an address such as `/2019/07/23/` or `/20190723-`; None if it has no full day."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url.partition("?")[0])
    for form in (_PATH, _LOOSE):
        for match in form.finditer(path):
            month = int(match["m"]) if match["m"].isdigit() else _number_month(match["m"], "en")
            if moment := _make_moment((int(match["y"]), month, int(match["d"]))):
                return moment
    return None


def _read_claims(claims: Iterable[Claim], style: DateStyle) -> list[tuple[Moment, Claim]]:
    read = ((read_moment(claim.text, style), claim) for claim in claims)
    return [(moment, claim) for moment, claim in read if moment]


def _read_machine_data(page: Document, node: Node) -> Iterator[Claim]:
    """Yield the days of publication in the page's data for machines, the most reliable first."""
    yield from read_claims(node, "datePublished")
    yield from page.meta(*_PUBLISHED[:3])
    yield from page.items("datePublished", "dc:date")
    yield from page.meta(*_PUBLISHED[3:])


def _drop_changes(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Yield claims without their statements about changes; leave out claims with a copyright sign."""
    for claim in claims:
        change = CHANGED.search(claim.text)
        head = claim.text[: change.start()] if change else claim.text
        if change and not head.strip() and (publishing := _PUBLISHING.search(claim.text, change.end())):
            head = claim.text[publishing.start() :]
        if head.strip() and "©" not in claim.text:
            yield Claim(head, claim.basis, claim.where)


def _read_lines(page: Document, title: str, style: DateStyle) -> list[tuple[Moment, Claim]]:
    """Return the dates in the lines by the headline; years of two digits only where no year has four."""
    lines = list(_drop_changes(page.credits(title)))
    whole = (Claim(_SHORT_YEAR.sub(r"\1\2\3\g<2>\g<4>20\5", one.text), one.basis, one.where) for one in lines)
    return _read_claims(lines, style) or _read_claims(whole, style)


def _read_only_date(page: Document, style: DateStyle) -> list[tuple[Moment, Claim]]:
    """Return the date in the page's short lines and its title if these show only one day."""
    lines = [line for line in page.lines if len(line) <= _SHORT and re.search(r"\d", line)]
    claims = [Claim(line, "text", "line") for line in lines]
    claims += [Claim(part, "markup", "title") for part in parts_of(page.page_title)[1:]]
    read = _read_claims(_drop_changes(claims), style)
    return read[:1] if len({moment.day for moment, _ in read}) == 1 else []


def _ask_htmldate(html: str) -> list[tuple[Moment, Claim]]:
    from htmldate import find_date

    day = find_date(html, original_date=True, extensive_search=False, max_date="2100-01-01")
    return [(Moment(day), Claim(day, "model", "htmldate"))] if day else []


def _is_near(moment: Moment, other: Moment) -> bool:
    return abs((date.fromisoformat(moment.day) - date.fromisoformat(other.day)).days) <= 1


def _prefer_own_zone(first: tuple[Moment, Claim], others: list[tuple[Moment, Claim]]) -> tuple[Moment, Claim]:
    """Return the same instant in the page's local time, if another place of the page gives it."""
    moment = first[0]
    if moment.zone != "+00:00":
        return first
    own = datetime.fromisoformat(f"{moment.local}+00:00")
    for other in others:
        if other[0].zone not in {None, "+00:00"}:
            instant = datetime.fromisoformat(f"{other[0].local}{other[0].zone}")
            if abs((instant - own).total_seconds()) < 60:
                return other
    return first


def find_published(page: Document, node: Node, url: str | None, title: str, style: DateStyle) -> dict[str, Found]:
    """Return published, its zone and its day.

    The sources in order: JSON-LD and other data for machines, the lines by the headline, the date of the last change,
    the only date of the page, htmldate. If the address shows another day than the first source, the first date of the
    page that fits the address is taken; if none fits, that of the first source; if there is none, that of the address.
    """
    at = date_in_address(url) if url else None
    read = _read_claims(_read_machine_data(page, node), style)
    if at and not any(_is_near(moment, at) for moment, _ in read[:1]):
        shown = [*read, *_read_lines(page, title, style)]
        shown += [(Moment(moment.other), claim) for moment, claim in shown if moment.other]
        confirmed = [one for one in shown if _is_near(one[0], at)]
        read = confirmed or read or [(at, Claim(at.local, "address", "path"))]
    read = read or _read_lines(page, title, style)
    if not read:  # most articles are last changed on the day of publication
        changed = _read_claims([*_read_changes(page, node), *page.credits(title)], style)
        read = [(moment, replace(one, where=f"last change: {one.where}")) for moment, one in changed]
    read = read or _read_only_date(page, style)
    if not read and page.is_ordinary:
        read = _ask_htmldate(page.html)
    if not read:
        return {}
    stamps = (one.attributes["datetime"] or "" for one in page.select("time[datetime]", 20))
    times = _read_claims((Claim(stamp, "markup", "<time>") for stamp in stamps), style)
    moment, claim = _prefer_own_zone(read[0], [*read, *times])
    zone = {"published_zone": claim.found(moment.zone)} if moment.zone else {}
    return {"published": claim.found(moment.local), "published_date": claim.found(moment.day), **zone}


def _read_changes(page: Document, node: Node) -> Iterator[Claim]:
    """Yield the days of the last change in the page's data for machines."""
    yield from read_claims(node, "dateModified")
    yield from page.meta(*_UPDATED)
    yield from page.items("dateModified")


def find_updated(page: Document, node: Node, style: DateStyle) -> dict[str, Found]:
    """Return the day of the last change in the page's data for machines."""
    read = _read_claims(_read_changes(page, node), style)
    return {"updated": read[0][1].found(read[0][0].day)} if read else {}
