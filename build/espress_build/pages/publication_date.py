"""When a page's article was published and last changed: sources weighed against each other and against the address."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING

from espress_build.pages.authors import byline
from espress_build.pages.dates import Manner, Moment, date_in_address, read_moment
from espress_build.pages.fact import Claim, Found
from espress_build.pages.jsonld import texts
from espress_build.pages.title import parts_of
from espress_build.pages.vocabulary import ordered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.pages.jsonld import Node
    from espress_build.pages.markup import Markup

_PUBLISHED = ordered("published")
_UPDATED = ordered("updated")
# The keys under which the state of a page's script holds the day; the first is its own article's.
_STATE = "datePublished|publishedAt|published_at|publishDate|publish_date|firstPublished|publicationDate|publishTime"
_CHANGED = re.compile(
    r"updat|aktuali|更新|编辑于|edited|modif|upraven|geänd|zuletzt|mis à jour|actuali|aggiorn|atualiz|обновл|оновлен|"
    r"bijgewerkt|oppdater|opdater|uppdater|frissít|zmien|güncel|最終更新|수정",
    re.IGNORECASE,
)
_LINE = 100  # characters of a line far from the headline that may tell when it was published
_PUBLISHING = re.compile(
    r"publi(?!c\b)|posted|artikel wurde|entry-date|veröffentl|erschienen|vydáno|zveřej|опублик|pubblic|yayın|"
    r"발행|입력|发布|發布",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?<![\d./-])(\d\d?)([./])(\d\d?)\2(\d\d)(?![\d./])")


def _reading(claims: Iterable[Claim], manner: Manner) -> Iterator[tuple[Moment, Claim]]:
    read = ((read_moment(claim.text, manner), claim) for claim in claims)
    return ((moment, claim) for moment, claim in read if moment)


def _read(claims: Iterable[Claim], manner: Manner) -> list[tuple[Moment, Claim]]:
    return list(_reading(claims, manner))


def _structured(page: Markup, node: Node | None) -> Iterator[Claim]:
    """Yield what the page tells machines, the surest first."""
    yield from (Claim(text, "json-ld", "datePublished") for text in texts((node or {}).get("datePublished")))
    yield from page.meta(*_PUBLISHED[:3])
    yield from page.items("datePublished")
    yield from page.meta(*_PUBLISHED[3:])
    for key in ("dateCreated", "uploadDate"):
        yield from (Claim(text, "json-ld", key) for text in texts((node or {}).get(key)))
    for prop in ("dateCreated", "dc:created", "dc:date"):
        yield from page.items(prop)


def _unchanged(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Yield claims without what they say of changes and rights; an element marked as both is the publication's."""
    for claim in claims:
        change = _CHANGED.search(claim.text)
        head = claim.text[: change.start()] if change else claim.text
        if change and not head.strip() and (told := _PUBLISHING.search(claim.text, change.end())):
            head = claim.text[told.start() :]
        marked_as_change = _CHANGED.search(claim.where) and not _PUBLISHING.search(claim.where)
        if head.strip() and "©" not in claim.text and not marked_as_change:
            yield Claim(head, claim.basis, claim.where)


def _visible(page: Markup, title: str, manner: Manner) -> Iterator[tuple[Moment, Claim]]:
    """Yield what readers see: the date by the headline, as precisely as it is marked; else what is marked as a date."""
    marked = _read(_unchanged(page.times(title)), manner)
    by_headline = _read(_unchanged(page.credits(title)), manner)
    yield from (one for one in marked[:3] if _PUBLISHING.search(one[1].text))
    for moment, claim in by_headline[:1]:
        yield next((one for one in marked if one[0].day == moment.day), (moment, claim))
    yield from marked
    yield from by_headline
    for claims in (page.times(title), page.credits(title)):
        whole = (Claim(_SHORT_YEAR.sub(r"\1\2\3\g<2>20\4", one.text), one.basis, one.where) for one in claims)
        yield from _reading(_unchanged(whole), manner)
    yield from _reading((Claim(part, "markup", "title") for part in parts_of(page.page_title)[1:]), manner)
    told = (line for line in page.lines if len(line) <= _LINE and (_PUBLISHING.search(line) or byline(line)))
    yield from _reading(_unchanged(Claim(line, "text", "line") for line in told), manner)


def _days(moment: Moment) -> date:
    return date.fromisoformat(moment.day)


def _near(moment: Moment, other: Moment) -> bool:
    return abs((_days(moment) - _days(other)).days) <= 1


def _settled(first: Moment, others: list[Moment]) -> Moment:
    """Read a date whose day and month may be the other way round as another date of the page has it."""
    if first.sure or not first.other:
        return first
    days = {other.day for other in others if other is not first}
    return Moment(first.other, None) if first.other in days and first.day not in days else first


def _in_own_zone(first: tuple[Moment, Claim], others: list[tuple[Moment, Claim]]) -> tuple[Moment, Claim]:
    """Return the same instant in the page's local time, where another of its places gives that."""
    moment = first[0]
    if moment.zone != "+00:00" or len(moment.local) < 16:
        return first
    own = datetime.fromisoformat(f"{moment.local}+00:00")
    for other in others:
        if other[0].zone not in {None, "+00:00"} and len(other[0].local) >= 16:
            told = datetime.fromisoformat(f"{other[0].local}{other[0].zone}")
            if abs((told - own).total_seconds()) < 60:
                return other
    return first


def _weighed(read: list[tuple[Moment, Claim]], at: Moment | None) -> tuple[Moment, Claim]:
    """Return the first date; one that the address contradicts gives way to one that it confirms."""
    moments = [moment for moment, _ in read]
    first, claim = read[0]
    if at and not _near(_settled(first, [*moments, at]), at):
        first, claim = next(((moment, one) for moment, one in read if _near(moment, at)), read[0])
    known = moments + ([at] if at else [])
    return _in_own_zone((_settled(first, known), claim), read)


def published(page: Markup, node: Node | None, url: str | None, title: str, manner: Manner) -> dict[str, Found | None]:
    """Return published, its zone and its day; no date at all where only a footer or a change is dated."""
    at = date_in_address(url) if url else None
    read = _read(_structured(page, node), manner)
    if not read:
        shown = _visible(page, title, manner)
        read = list(islice((one for one in shown if at is None or _near(one[0], at)), 1))
    if not read and at:
        read = [(at, Claim(at.local, "address", "path"))]
    if not read:
        read = _read(page.states(_STATE), manner)[:1]
    if not read:  # the page tells only of its last change, which for most is the day they came out
        read = _read(
            (Claim(one.text, one.basis, f"last change: {one.where}") for one in _changes(page, node, title)), manner
        )
        read = [one for one in read if at is None or _near(one[0], at)][:1]
    if not read:
        return {}
    moment, claim = _weighed(read, at)
    if moment.zone == "+00:00":
        moment, claim = _in_own_zone((moment, claim), _read(page.times(title), manner))
    zone = claim.found(moment.zone) if moment.zone else None
    return {
        "published": claim.found(moment.local), "published_zone": zone, "published_date": claim.found(moment.day)
    }  # fmt: skip


def _changes(page: Markup, node: Node | None, title: str = "") -> Iterator[Claim]:
    """Yield what the page tells machines of its last change; with a title, what it shows of it by the headline, too."""
    yield from (Claim(text, "json-ld", "dateModified") for text in texts((node or {}).get("dateModified")))
    yield from page.meta(*_UPDATED)
    yield from page.items("dateModified")
    if title:
        shown = (*page.times(title), *page.credits(title))
        yield from (claim for claim in shown if _CHANGED.search(claim.text) and "©" not in claim.text)


def updated(page: Markup, node: Node | None, manner: Manner) -> dict[str, Found | None]:
    """Return the day of the last change that the page tells machines of."""
    read = _read(_changes(page, node), manner)
    return {"updated": read[0][1].found(read[0][0].day)} if read else {}
