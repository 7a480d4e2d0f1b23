"""Find the language that a page states in its markup, and check it by the script of its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from espress_build.pages.jsonld import read_claims
from espress_build.pages.page_fact import Claim, Found

if TYPE_CHECKING:
    from espress_build.pages.dom import Document
    from espress_build.pages.jsonld import Node

_CODE = re.compile(r"^([a-z]{2,3})(?:[-_][a-z0-9]+)*$", re.IGNORECASE)
_NONE = frozenset({"und", "mul", "mis", "zxx", "qaa"})  # of ISO 639-3: no language, or several
_OLD = {"iw": "he", "in": "id", "ji": "yi", "no": "nb", "cz": "cs", "gr": "el", "jp": "ja", "ua": "uk", "kr": "ko"}
_SCRIPTS = {
    "zh": re.compile(r"[\u4e00-\u9fff]"), "ja": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"), "ar": re.compile(r"[\u0600-\u06ff]"), "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"), "hi": re.compile(r"[\u0900-\u097f]"), "th": re.compile(r"[\u0e00-\u0e7f]"),
}  # fmt: skip
_SCRIPT_OF = {
    "uk": "ru", "be": "ru", "bg": "ru", "sr": "ru", "mk": "ru", "kk": "ru", "mn": "ru", "ky": "ru", "tg": "ru",
    "fa": "ar", "ur": "ar", "ps": "ar", "ug": "ar", "yi": "he", "mr": "hi", "ne": "hi",
}  # fmt: skip
_MIXED = {"sr", "kk", "ky", "mn", "ug", "bs", "az", "uz"}  # written in two scripts
_SAMPLE = 1000


def _read_code(text: str) -> str | None:
    """Return the language code of a language tag: of ISO 639-1 if there is one, otherwise of ISO 639-3."""
    from babel.core import get_global

    match = _CODE.match(text.strip())
    code = match[1].lower() if match else "und"
    if len(code) == 3:
        code = str(get_global("language_aliases").get(code, code)).split("_")[0]
    return None if code in _NONE else _OLD.get(code, code)


def _read_claims(page: Document, node: Node) -> list[Claim]:
    said = [Claim(page.attribute(name) or "", "markup", f"html {name}") for name in ("lang", "xml:lang")]
    said += read_claims(node, "inLanguage")
    said += page.meta("og:locale", "content-language", "dc.language", "dcterms.language", "language", "lang")
    return [Claim(code, one.basis, one.where) for one in said if (code := _read_code(one.text))]


def _fits(code: str, sample: str) -> bool:
    """Return whether a text is in the script of a language."""
    letters = sum(map(str.isalpha, sample))
    shares = {name: len(script.findall(sample)) / letters for name, script in _SCRIPTS.items()} if letters > 80 else {}
    script = _SCRIPT_OF.get(code, code)
    if not shares or code in _MIXED:
        return True
    return shares[script] > 0.3 if script in shares else max(shares.values()) < 0.6


def find_language(page: Document, node: Node) -> Found | None:
    """Return the language that a page states, in ISO 639; None if statements differ or do not fit the script."""
    sample = " ".join((*page.headings, *page.prose))[:_SAMPLE]
    fit = [claim for claim in _read_claims(page, node) if _fits(claim.text, sample)]
    return fit[0].found() if len({claim.text for claim in fit}) == 1 else None
