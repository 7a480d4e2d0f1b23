"""Judge whether a fetched page is the catalogued article, and warn of oddities. No network, no state."""

from __future__ import annotations

import html
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from resiliparse.extract.html2text import extract_plain_text

from espress.urls import host_of, page_key
from espress_build.hydrate.responses import Fetched, Refused
from espress_build.pages.charset import decode_page
from espress_build.pages.propose import PageProposal
from espress_build.pages.prose import length

if TYPE_CHECKING:
    from espress_build.pages.saved import Failure

    Row = dict[str, Any]  # of the catalogue
    Kind = Literal["missing", "sign_in", "consent"]

# Numbers of letters; a letter of a script without spaces counts as several.
_TEASER = 1200  # the most that a wall leaves of an article
_WALL = 4000  # the most text of a page that only asks for consent
_LITTLE = 400  # less is hardly an article
_SHORT_TITLE = 90  # the longest title of an error page, in characters

_NEAR_DAYS = 1  # days by which the same moment may differ in two time zones
_CLOSE_DAYS, _FAR_DAYS = 2, 31
_SLUG_WORDS = 3  # fewer words in an address say nothing
_SAME_LANGUAGE = ({"cs", "sk"}, {"hr", "sr", "bs", "sh"}, {"no", "nb", "nn", "da"}, {"id", "ms"}, {"zh", "yue"})

_HEAD = 200_000  # characters in which titles and words are looked for
_TITLES = re.compile(r"<(title|h1)\b[^>]{0,2000}>(.{0,2000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_PASSWORD = re.compile(r"<input\b[^<>]{0,2000}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_NOT_FREE = re.compile(r"\"isAccessibleForFree\"\s*:\s*\"?false", re.IGNORECASE)
_BARS = re.compile(r"\s+[|–—·:-]\s+|\s*[|｜_]\s*")
_FRONT = re.compile(r"/?(?:index\.\w{2,5}|home|[a-z]{2}(?:-[a-z]{2})?)?/?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_ID = re.compile(r"\d{5,}|[0-9a-f]{8,}")


def judge(page: Fetched, row: Row, proposal: PageProposal | Failure, before: str | None = None) -> list[str]:
    """Return the warnings about a page that holds the catalogued article.

    Args:
        page: the page as received.
        row: the entry of the catalogue.
        proposal: what was read from the page. Failures other than `no_article` are left to the caller.
        before: the SHA-256 of the page that the same address gave the last time.

    Raises:
        Refused: the page does not hold the article.
    """
    text, body = _read_text(page.payload, page.charset), _list_body(proposal)
    size = sum(map(length, body))
    if re.search(r"[^\W_]", text.words) is None and not body:
        raise Refused("empty_page", f"{len(page.payload)} bytes without a word")
    if sign := _find_soft_404(page, text, size):
        raise Refused("soft_404", sign)
    if wall := _find_wall(page, text, body):
        raise Refused(*wall)
    if not isinstance(proposal, PageProposal):
        if proposal.reason == "no_article":
            raise Refused("no_article", proposal.detail)
        return []
    if not body:
        raise Refused("no_article", "no paragraph of an article was found in it")
    agree, against, language = _compare(page, row, proposal)
    signs = [*against, *filter(None, [language])]
    if against and len(signs) > agree:
        raise Refused("another_article", "; ".join(signs))
    return [*signs, *_find_oddities(page, row, proposal), *_find_losses(page, text, size, before)]


def _find_oddities(page: Fetched, row: Row, proposal: PageProposal) -> list[str]:
    """Return weak reasons to doubt that a page is the catalogued article."""
    found = []
    asked, came = (host_of(url).removeprefix("www.").removeprefix("m.") for url in (page.url, page.final_url))
    if page.archive_url is None and came != asked:
        found.append(f"another host answered: {came}")
    if page.url.startswith("https:") and page.final_url.startswith("http:"):
        found.append("requested over https, received over http")
    apart = days_apart(_fact(proposal, "published"), row.get("published"))
    if apart is not None and _NEAR_DAYS < apart <= _FAR_DAYS:  # a larger distance counts as a sign against the page
        found.append(f"the page is dated {apart} days from the catalogued day")
    return found


def _find_losses(page: Fetched, text: _PageText, size: int, before: str | None) -> list[str]:
    """Return reasons to doubt that a page holds the whole article, unchanged since the last time."""
    found = []
    if size < _LITTLE:
        found.append(f"the article is only {size} letters long")
    elif size < _TEASER and text.not_free:
        found.append("the page states that it is not free to read, so the article may be cut off")
    if before is not None and before != page.sha256:
        found.append("the page changed since it was fetched before")
    return found


# ---- pages without an article


@dataclass(frozen=True)
class _PageText:
    """All words of a page, its titles, and whether it asks for a password or states that it is not free to read."""

    words: str
    titles: tuple[str, ...]
    password: bool
    not_free: bool


def _read_text(payload: bytes, charset: str | None) -> _PageText:
    """Return the text of a page without scripts and styles; nothing if no character set fits its bytes."""
    decoded = decode_page(payload, charset)
    text = decoded.text if decoded else ""
    titles = tuple(html.unescape(_TAGS.sub(" ", found[2])).strip() for found in _TITLES.finditer(text[:_HEAD]))
    words = extract_plain_text(text, main_content=False, alt_texts=False) if "<" in text[:_HEAD] else text
    return _PageText(words[:_HEAD], titles, _PASSWORD.search(text) is not None, _NOT_FREE.search(text) is not None)


def _list_body(proposal: PageProposal | Failure) -> list[str]:
    """Return the paragraphs of the article that was found in a page; none if none was found."""
    found = proposal.paragraphs if isinstance(proposal, PageProposal) else ()
    return [part.text for part in found if part.role == "body"]


@lru_cache
def _phrases() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
    return lists


def _fold(text: str) -> str:
    """Return a text in lower case with straight apostrophes and single spaces."""
    return " ".join(text.casefold().replace("’", "'").split())


def _find_phrase(text: str, kind: Kind) -> str | None:
    """Return the first phrase of a kind in a text."""
    folded = _fold(text)
    return next((phrase for phrase in _phrases()[kind] if phrase in folded), None)


def _find_segment(url: str, kind: Kind) -> str | None:
    """Return the segment of an address's path that names a page of a kind."""
    segments = urlsplit(url).path.casefold().strip("/").split("/")
    return next((segment for segment in segments if segment in _phrases()[f"{kind}_at"]), None)


def _is_redirected(page: Fetched) -> bool:
    return page.archive_url is None and page_key(page.url) != page_key(page.final_url)


def _find_soft_404(page: Fetched, text: _PageText, size: int) -> str | None:
    """Return the sign that a page is an error page sent with status 200; `size` counts the letters of its article."""
    if _is_redirected(page):
        asked, came = urlsplit(page.url), urlsplit(page.final_url)
        if not came.query and _FRONT.fullmatch(came.path) and not _FRONT.fullmatch(asked.path):
            return f"the address leads to the front page {page.final_url[:200]}"
        if segment := _find_segment(page.final_url, "missing"):
            return f"the address leads to {segment!r}"
    for title in text.titles:
        parts = (_fold(part) for part in _BARS.split(title))
        whole = next((part for part in parts if part in _phrases()["missing_whole"]), None)
        said = whole or _find_phrase(title, "missing")
        if said and len(title) <= _SHORT_TITLE and size < _TEASER:
            return f"its title says {said!r}"
    return None


def _find_wall(page: Fetched, text: _PageText, body: list[str]) -> tuple[str, str] | None:
    """Return the reason and the sign if a cookie or login wall hides the article."""
    size = sum(map(length, body))
    if _is_redirected(page) and size < _TEASER:
        if segment := _find_segment(page.final_url, "consent"):
            return "cookie_wall", f"the address leads to {segment!r}"
        if segment := _find_segment(page.final_url, "sign_in"):
            return "login_wall", f"the address leads to {segment!r}"
    asks_consent, asks_pay = _find_phrase(text.words, "consent"), _find_phrase(text.words, "sign_in")
    little = size == 0 and length(text.words) < _WALL
    if asks_consent and not text.password and (little or _measure_share(body, "consent") >= 0.5):
        return "cookie_wall", f"the page says {asks_consent!r} and holds no article"
    if text.password and size < _LITTLE:
        return "login_wall", "the page asks for a password and holds no article"
    cut_off = size < _LITTLE or _measure_share(body, "sign_in") >= 0.5 or (text.not_free and size < _TEASER)
    if asks_pay and cut_off:
        return "login_wall", f"the page says {asks_pay!r} and shows {size} letters of an article"
    return None


def _measure_share(paragraphs: list[str], kind: Kind) -> float:
    """Return the share of a body whose paragraphs hold a phrase of a kind, 0 to 1."""
    sizes = [(length(text), _find_phrase(text, kind) is not None) for text in paragraphs]
    whole = sum(size for size, _ in sizes)
    return sum(size for size, marked in sizes if marked) / whole if whole else 0.0


# ---- the catalogued article or another one


def days_apart(shown: str | None, catalogued: str | None) -> int | None:
    """Return the days between two dates; the second may be a month, at distance 0 from its days. None if unknown."""
    if not shown or not catalogued or len(shown) < len("2019-07-23"):
        return None
    try:
        day = date.fromisoformat(shown[:10])
        first = date.fromisoformat(catalogued[:10] if len(catalogued) >= 10 else f"{catalogued[:7]}-01")
    except ValueError:
        return None
    if len(catalogued) >= 10:
        return abs((day - first).days)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return max((first - day).days, (day - following).days + 1, 0)


def _fact(proposal: PageProposal, name: str) -> str | None:
    """Return a fact of a page that is one string, None if it shows none."""
    found = proposal.facts.get(name)
    return found.value if found is not None and isinstance(found.value, str) else None


def _compare(page: Fetched, row: Row, proposal: PageProposal) -> tuple[int, list[str], str | None]:
    """Compare day, address, words of the address and language of a page with its entry of the catalogue.

    Returns:
        How many signs agree, the signs against it, and a different language, which alone is too weak a sign.
    """
    signs = [_compare_day(row, proposal), _compare_address(page, proposal), _compare_words(page, proposal)]
    shown, wanted = (_fact(proposal, "language") or "")[:3].split("-")[0], str(row.get("language") or "")
    same = not shown or not wanted or shown == wanted or any({shown, wanted} <= group for group in _SAME_LANGUAGE)
    language = None if same else f"the page is in {shown}, the catalogue says {row.get('language')}"
    return sum(sign is True for sign in signs), [sign for sign in signs if isinstance(sign, str)], language


def _compare_day(row: Row, proposal: PageProposal) -> str | bool | None:
    """Return True if the day agrees, a sign against the page if it does not, None if it says nothing."""
    apart = days_apart(_fact(proposal, "published"), row.get("published"))
    if apart is None or _CLOSE_DAYS < apart <= _FAR_DAYS:
        return None
    return apart <= _CLOSE_DAYS or f"the page is dated {apart} days from the catalogued day"


def _compare_address(page: Fetched, proposal: PageProposal) -> str | bool | None:
    """Return True if the page names the catalogued address, a sign against it if it names or has another, or None."""
    own = _fact(proposal, "url")
    if own and proposal.facts["url"].basis != "address":
        if page_key(own) == page_key(page.url):
            return True
        if urlsplit(own).path.strip("/") and _is_elsewhere(page.url, own):
            return f"the page names another address as its own: {own[:200]}"
    if page.archive_url is None and _is_elsewhere(page.url, page.final_url):
        return f"the address leads to {page.final_url[:200]}"
    return None


def _compare_words(page: Fetched, proposal: PageProposal) -> str | bool | None:
    """Return True if the words of the address are in the title, a sign against it if none is in the text."""
    slug = _slug_words(page.url)
    if len(slug) < _SLUG_WORDS:
        return None
    title, text = _fold_accents(_fact(proposal, "title") or ""), _fold_accents(proposal.text)
    if sum(word in title for word in slug) * 2 >= len(slug):
        return True
    latin = len(re.findall(r"[a-z]", text)) * 2 > len(re.findall(r"[^\W\d_]", text))
    shared = any(word in title or word in text for word in slug)
    return "the article contains no word of the address" if latin and not shared else None


def _fold_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def _path_words(url: str) -> set[str]:
    """Return the words and long numbers in the path and query of an address."""
    parts = urlsplit(url)
    named = _fold_accents(unquote(f"{parts.path}?{parts.query}"))
    return set(_WORD.findall(named)) | set(_ID.findall(named))


def _slug_words(url: str) -> set[str]:
    """Return the words of the segment that names the article: the segment with most words."""
    segments = _fold_accents(unquote(urlsplit(url).path)).split("/")
    return max((set(_WORD.findall(re.sub(r"\.\w{2,5}$", "", segment))) for segment in segments), key=len, default=set())


def _is_elsewhere(url: str, other: str) -> bool:
    """Return whether another address names another page: it shares neither the key nor a word or long number."""
    words = _path_words(url)
    return bool(words) and page_key(url) != page_key(other) and not words & _path_words(other)
