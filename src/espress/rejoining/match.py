"""Whether a user's copy of an article is the article, by hashes alone; and if not, what would make it match."""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from typing import TYPE_CHECKING, Any

from espress.rejoining.user_texts import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.rejoining.user_texts import Copy, Fields

# What editors, browsers and exchange do to a text; each is tried alone and with the others.
_MENDED: dict[str, Callable[[str], str]] = {
    "without a byte-order mark": lambda text: text.removeprefix("\ufeff"),
    "with LF line ends": lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
    "in Unicode form NFC": lambda text: unicodedata.normalize("NFC", text),
    "without white space at its ends": str.strip,
}
_PAGES_MENDED: dict[str, Callable[[bytes], bytes]] = {
    "without a byte-order mark": lambda page: page.removeprefix(b"\xef\xbb\xbf"),
    "with a byte-order mark": lambda page: b"\xef\xbb\xbf" + page,
    "with LF line ends": lambda page: page.replace(b"\r\n", b"\n").replace(b"\r", b"\n"),
    "without white space at its end": bytes.rstrip,
    "with a line end behind": lambda page: page + b"\n",
    "with CRLF line ends": lambda page: page.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
}


def _sha256(text: str | None) -> str | None:
    # A lone surrogate, which JSON may hold, is no text; it hashes to something that matches nothing.
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _remedy(value: Any, ways: dict[str, Any], hashed: Callable[[Any], str | None], wanted: str) -> str | None:
    """Return the shortest list of ways that gives the value this hash, in words; null if none does."""
    for size in range(1, len(ways) + 1):
        for names in itertools.combinations(ways, size):
            mended = value
            for name in names:
                mended = ways[name](mended)
            if hashed(mended) == wanted:
                return ", ".join(names)
    return None


def _field_problem(article: dict[str, Any], field: str, value: str | None, length: int) -> str | None:
    """Return why a field is not the article's, null if it is; `length` is the article's, in code points."""
    wanted = article[f"{field}_sha256"]
    if _sha256(value) == wanted:
        return None
    if value is None:
        return f"{field} is missing; the article has one of {length} characters: add it"
    if wanted is None:
        return f"{field} is given, but the article has none: leave it out"
    if way := _remedy(value, _MENDED, _sha256, wanted):
        return f"{field} would match {way}: convert it so and try again"
    return (
        f"{field} has another sha256 than {field}_sha256, and {len(value)} characters where the article has {length}; "
        "where it differs cannot be told without the text: compare with the page as first received, or a copy of it"
    )


def cut(article: dict[str, Any], page: bytes) -> Fields:
    """Return the fields that `source_pieces` cut out of a page's bytes; null where the article has none."""
    parts: dict[str, list[str]] = {field: [] for field in FIELDS}
    for piece in article["source_pieces"]:
        parts[piece["field"]] += [
            piece["before"],
            page[piece["source_start"] : piece["source_end"]].decode(errors="replace"),
        ]
    return {field: unicodedata.normalize("NFC", "".join(found)) if found else None for field, found in parts.items()}


def _page_problem(article: dict[str, Any], page: bytes) -> str | None:
    def hashed(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    wanted = article["raw_sha256"]
    if hashed(page) == wanted:
        return None
    if way := _remedy(page, _PAGES_MENDED, hashed, wanted):
        return f"the page would match {way}: convert it so and try again"
    return (
        f"the page has another sha256 than raw_sha256, and {len(page)} bytes where the one received has "
        f"{article['source_bytes']}; pages change: give title, standfirst and text as fields instead"
    )


def matched(article: dict[str, Any], copy: Copy, lengths: dict[str, int]) -> tuple[Fields | None, str]:
    """Return the article's fields from a user's copy and "", or null and why the copy is not the article.

    `article` is its row in the open edition, `lengths` the length of each field in code points.
    """
    if isinstance(copy.content, bytes):
        if problem := _page_problem(article, copy.content):
            return None, f"{copy.where}: {problem}"
        fields = cut(article, copy.content)
    else:
        fields = copy.content
    found = (_field_problem(article, field, fields[field], lengths.get(field, 0)) for field in FIELDS)
    problems = [problem for problem in found if problem]
    return (None, f"{copy.where}: {'; '.join(problems)}") if problems else (fields, "")
