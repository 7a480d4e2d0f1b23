"""When a page's article was published and last changed: sources weighed against each other and against the address."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from espress_build.pages.found import Claim, Found
from espress_build.pages.linked import texts
from espress_build.pages.moments import Manner, Moment, date_in_address, read_moment
from espress_build.pages.vocabulary import ordered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.pages.linked import Node
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


def _read(claims: Iterator[Claim], manner: Manner) -> list[tuple[Moment, Claim]]:
    read = ((read_moment(claim.text, manner), claim) for claim in claims)
    return [(moment, claim) for moment, claim in read if moment]


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


def _visible(page: Markup, title: str) -> Iterator[Claim]:
    """Yield what readers see: marked dates from the headline on, then the lines around it; changes are none."""
    lines = (*page.times(title), *page.credits(title))
    for claim in lines:
        if "©" in claim.text:
            continue
        change = _CHANGED.search(f"{claim.where} {claim.text}")
        if not change:
            yield claim
        elif (head := claim.text[: max(change.start() - len(claim.where) - 1, 0)]).strip():
            yield Claim(head, claim.basis, claim.where)


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
        shown = _read(_visible(page, title), manner)
        read = [one for one in shown if at is None or _near(one[0], at)][:1]
    if not read and at:
        read = [(at, Claim(at.local, "address", "path"))]
    if not read:
        read = _read(page.states(_STATE), manner)[:1]
    if not read:
        return {}
    moment, claim = _weighed(read, at)
    zone = claim.found(moment.zone) if moment.zone else None
    return {
        "published": claim.found(moment.local), "published_zone": zone, "published_date": claim.found(moment.day)
    }  # fmt: skip


def updated(page: Markup, node: Node | None, manner: Manner) -> dict[str, Found | None]:
    """Return the day of the last change that the page tells machines of."""

    def claims() -> Iterator[Claim]:
        yield from (Claim(text, "json-ld", "dateModified") for text in texts((node or {}).get("dateModified")))
        yield from page.meta(*_UPDATED)
        yield from page.items("dateModified")

    read = _read(claims(), manner)
    return {"updated": read[0][1].found(read[0][0].day)} if read else {}
