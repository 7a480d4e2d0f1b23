"""Whether a page is the article that the catalogue means: what speaks for it, and what against."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from espress.urls import host_of, page_key

if TYPE_CHECKING:
    from espress_build.hydrate.outcomes import Got
    from espress_build.pages.propose import PageProposal

NEAR_DAYS = 1  # two time zones apart
_CLOSE_DAYS, _FAR_DAYS = 2, 31
_SLUG_WORDS = 3  # fewer words of an address say nothing
_WORD = re.compile(r"[^\W\d_]{4,}")
_ID = re.compile(r"\d{5,}|[0-9a-f]{8,}")
_SAME = ({"cs", "sk"}, {"hr", "sr", "bs", "sh"}, {"no", "nb", "nn", "da"}, {"id", "ms"}, {"zh", "yue"})


@dataclass(frozen=True)
class Likeness:
    """Signs that the page is the one meant, and signs that it is not; `language` is one that alone is too weak."""

    said_for: tuple[str, ...]
    against: tuple[str, ...]
    language: str | None

    @property
    def another(self) -> bool:
        """Whether the page is another article: more speaks against than for."""
        return bool(self.against) and len(self.against) + (self.language is not None) > len(self.said_for)


def fact(proposal: PageProposal, name: str) -> str | None:
    """Return a fact of the page that is one string, null where it shows none."""
    found = proposal.facts.get(name)
    return found.value if found is not None and isinstance(found.value, str) else None


def days_apart(shown: str | None, catalogued: str | None) -> int | None:
    """Return the days between two dates, one of which may be a month (then 0 within it); null where one is unknown."""
    if not shown or not catalogued or len(shown) < len("2019-07-23"):
        return None
    try:
        day = date.fromisoformat(shown[:10])
        first = date.fromisoformat(catalogued[:10] if len(catalogued) >= 10 else f"{catalogued[:7]}-01")
    except ValueError:
        return None
    if len(catalogued) >= 10:
        return abs((day - first).days)
    last = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return max((first - day).days, (day - last).days + 1, 0)


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def _path_words(url: str) -> set[str]:
    parts = urlsplit(url)
    named = _plain(unquote(f"{parts.path}?{parts.query}"))
    return set(_WORD.findall(named)) | set(_ID.findall(named))


def _slug_words(url: str) -> set[str]:
    """Return the words of the segment of an address that names the article: the one with most words."""
    segments = _plain(unquote(urlsplit(url).path)).split("/")
    return max((set(_WORD.findall(re.sub(r"\.\w{2,5}$", "", segment))) for segment in segments), key=len, default=set())


def _elsewhere(url: str, other: str) -> bool:
    """Whether another address names another page: another key, and no word or long number of it in common."""
    words = _path_words(url)
    return bool(words) and page_key(url) != page_key(other) and not words & _path_words(other)


def other_language(proposal: PageProposal, row: dict[str, Any]) -> str | None:
    """Return the page's language where it is not the catalogued one, nor one that detectors take for it."""
    there, wanted = (fact(proposal, "language") or "")[:3].split("-")[0], str(row.get("language") or "")
    if not there or not wanted or there == wanted or any({there, wanted} <= group for group in _SAME):
        return None
    return there


def _by_day(proposal: PageProposal, row: dict[str, Any]) -> tuple[str | None, str | None]:
    apart = days_apart(fact(proposal, "published"), row.get("published"))
    if apart is None or _CLOSE_DAYS < apart <= _FAR_DAYS:
        return None, None
    if apart <= _CLOSE_DAYS:
        return "the day of publication is the catalogued one", None
    return None, f"the page is dated {apart} days from the catalogued day"


def _by_address(got: Got, proposal: PageProposal) -> tuple[str | None, str | None]:
    own = fact(proposal, "url")
    basis = proposal.facts["url"].basis if own else None
    if own and basis != "address" and page_key(own) == page_key(got.url):
        return "the page names the catalogued address as its own", None
    if own and basis != "address" and urlsplit(own).path.strip("/") and _elsewhere(got.url, own):
        return None, f"the page names another address as its own: {own[:200]}"
    if got.archive_url is None and _elsewhere(got.url, got.final_url):
        return None, f"the address leads to {got.final_url[:200]}"
    return None, None


def _by_words(got: Got, proposal: PageProposal) -> tuple[str | None, str | None]:
    slug = _slug_words(got.url)
    if len(slug) < _SLUG_WORDS:
        return None, None
    title, text = _plain(fact(proposal, "title") or ""), _plain(proposal.text)
    if sum(word in title for word in slug) * 2 >= len(slug):
        return "the words of the address stand in the title", None
    latin = len(re.findall(r"[a-z]", text)) * 2 > len(re.findall(r"[^\W\d_]", text))
    there = any(word in title or word in text for word in slug)
    return None, "no word of the address stands in the article" if latin and not there else None


def likeness(got: Got, row: dict[str, Any], proposal: PageProposal) -> Likeness:
    """Weigh what a page shows against what the catalogue knows: day, language, address and the address's words."""
    pairs = (_by_day(proposal, row), _by_address(got, proposal), _by_words(got, proposal))
    language = other_language(proposal, row)
    return Likeness(
        tuple(good for good, _ in pairs if good),
        tuple(bad for _, bad in pairs if bad),
        f"the page is in {language}, the catalogue says {row.get('language')}" if language else None,
    )


def moved(got: Got) -> str | None:
    """Return the host that answered where it is another one than was asked, `www.` and archives left aside."""
    asked, came = (host_of(url).removeprefix("www.").removeprefix("m.") for url in (got.url, got.final_url))
    return came if got.archive_url is None and came != asked else None
