"""Compare a user's copy of an article with the article's hashes, and find the changes that would make it match."""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from typing import TYPE_CHECKING, Any

from espress.rejoining.user_texts import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.rejoining.user_texts import Copy, Fields

# Changes that undo the effects of editors, browsers and transfer on a text. They are tried alone and in combination.
_TEXT_CHANGES: dict[str, Callable[[str], str]] = {
    "without a byte-order mark": lambda text: text.removeprefix("\ufeff"),
    "with LF line ends": lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
    "in Unicode form NFC": lambda text: unicodedata.normalize("NFC", text),
    "without white space at its ends": str.strip,
}
_PAGE_CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "without a byte-order mark": lambda page: page.removeprefix(b"\xef\xbb\xbf"),
    "with a byte-order mark": lambda page: b"\xef\xbb\xbf" + page,
    "with LF line ends": lambda page: page.replace(b"\r\n", b"\n").replace(b"\r", b"\n"),
    "without white space at its end": bytes.rstrip,
    "with a line end at the end": lambda page: page + b"\n",
    "with CRLF line ends": lambda page: page.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
}


def _sha256(text: str | None) -> str | None:
    # JSON may hold a lone surrogate, which is not text; its hash matches nothing.
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _find_remedy(value: Any, changes: dict[str, Any], hash_: Callable[[Any], str | None], wanted: str) -> str | None:
    """Return, in words, the fewest changes after which the value has this hash; None if no combination does."""
    for size in range(1, len(changes) + 1):
        for names in itertools.combinations(changes, size):
            changed = value
            for name in names:
                changed = changes[name](changed)
            if hash_(changed) == wanted:
                return ", ".join(names)
    return None


def _explain_field(article: dict[str, Any], field: str, value: str | None, length: int) -> str | None:
    """Return why a field differs from the article's, None if it is equal; `length` is the article's, in code points."""
    wanted = article[f"{field}_sha256"]
    if _sha256(value) == wanted:
        return None
    if value is None:
        return f"{field} is missing; the article has one of {length} characters: add it"
    if wanted is None:
        return f"{field} is given, but the article has none: leave it out"
    if remedy := _find_remedy(value, _TEXT_CHANGES, _sha256, wanted):
        return f"{field} would match {remedy}: convert it in this way and try again"
    return (
        f"{field} differs from {field}_sha256; it has {len(value)} characters and the article {length}. Hashes do not "
        "show where they differ: compare your copy with the page as first received, or a copy of it"
    )


def cut_fields(article: dict[str, Any], page: bytes) -> Fields:
    """Return the fields that `source_pieces` selects from a page's bytes; None if the article has no pieces."""
    parts: dict[str, list[str]] = {field: [] for field in FIELDS}
    for piece in article["source_pieces"]:
        field, before, start, end = piece.values()  # by position, because the names differ before 1.0.0
        parts[field] += [before, page[start:end].decode(errors="replace")]
    return {field: unicodedata.normalize("NFC", "".join(found)) if found else None for field, found in parts.items()}


def _explain_page(article: dict[str, Any], page: bytes) -> str | None:
    def hash_(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    wanted = article["raw_sha256"]
    if hash_(page) == wanted:
        return None
    if remedy := _find_remedy(page, _PAGE_CHANGES, hash_, wanted):
        return f"the page would match {remedy}: convert it in this way and try again"
    return (
        f"the page differs from raw_sha256; it has {len(page)} bytes and the received one "
        f"{article['source_bytes']}. Pages change, so give title, standfirst and text as fields instead"
    )


def match_copy(article: dict[str, Any], copy: Copy, lengths: dict[str, int]) -> tuple[Fields | None, str]:
    """Return the article's fields from a user's copy and "", or None and why the copy differs.

    Args:
        article: its row in the open edition.
        copy: the user's copy.
        lengths: the length of each field in code points.
    """
    if isinstance(copy.content, bytes):
        if problem := _explain_page(article, copy.content):
            return None, f"{copy.where}: {problem}"
        fields = cut_fields(article, copy.content)
    else:
        fields = copy.content
    found = (_explain_field(article, field, fields[field], lengths.get(field, 0)) for field in FIELDS)
    problems = [problem for problem in found if problem]
    return (None, f"{copy.where}: {'; '.join(problems)}") if problems else (fields, "")
