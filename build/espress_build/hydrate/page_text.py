"""What a page shows besides an article: its words, its titles, and the phrases of pages that hold none."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Kind = Literal["missing", "sign_in", "consent"]

_TITLES = re.compile(r"<(title|h1)\b[^>]{0,2000}>(.{0,2000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_PASSWORD = re.compile(r"<input\b[^<>]{0,2000}\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_NOT_FREE = re.compile(r"\"isAccessibleForFree\"\s*:\s*\"?false", re.IGNORECASE)
_BARS = re.compile(r"\s+[|–—·:-]\s+|\s*[|｜_]\s*")
_HEAD = 200_000  # characters in which titles stand, and words that are looked at


@dataclass(frozen=True)
class Shown:
    """What a page shows: all its words, what stands in its titles, whether it asks for a password or says it costs."""

    words: str
    titles: tuple[str, ...]
    password: bool
    not_free: bool


@lru_cache
def _phrases() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
    return lists


def folded(text: str) -> str:
    """Return a text in small letters with straight apostrophes and single spaces."""
    return " ".join(text.casefold().replace("’", "'").split())


def phrase_in(text: str, kind: Kind) -> str | None:
    """Return the first phrase of a kind that a text holds, null where it holds none."""
    small = folded(text)
    return next((phrase for phrase in _phrases()[kind] if phrase in small), None)


def says_missing(title: str) -> str | None:
    """Return what a title says of a page that does not exist, null where it says no such thing."""
    parts = (folded(part) for part in _BARS.split(title))
    whole = next((part for part in parts if part in _phrases()["missing_whole"]), None)
    return whole or phrase_in(title, "missing")


def place_in(path: str, kind: Kind) -> str | None:
    """Return the segment of an address's path that names a page of a kind, null where none does."""
    segments = path.casefold().strip("/").split("/")
    return next((segment for segment in segments if segment in _phrases()[f"{kind}_at"]), None)


def shown(payload: bytes, charset: str | None) -> Shown:
    """Return what a page shows; nothing where no character set fits its bytes. No text of scripts and styles."""
    import html

    from resiliparse.extract.html2text import extract_plain_text

    from espress_build.pages.charset import decode_page

    decoded = decode_page(payload, charset)
    text = decoded.text if decoded else ""
    titles = tuple(html.unescape(_TAGS.sub(" ", found[2])).strip() for found in _TITLES.finditer(text[:_HEAD]))
    words = extract_plain_text(text, main_content=False, alt_texts=False) if "<" in text[:_HEAD] else text
    return Shown(words[:_HEAD], titles, _PASSWORD.search(text) is not None, _NOT_FREE.search(text) is not None)
