"""Find the character set of a page: by bytes that allow only one, then by its declarations, then by detection."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 4096  # bytes searched for a declaration; the standard allows 1024, but many pages put it later
_CLAIM = re.compile(
    rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
# Supersets that pages use under the name of the smaller set; browsers read them in the same way.
_WIDER = {"gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "iso8859-11": "cp874"}
_LANG = re.compile(rb"""<html[^>]{0,200}?\slang\s*=\s*["']?([a-z]{2})\b""", re.IGNORECASE)
# Code pages of the Latin alphabet, which decode each other's bytes without an error, and languages with their letters.
_LATIN: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("iso8859-2", "cp1250"), {
        "cs": "áčďéěíňóřšťúůýž", "sk": "áäčďéíĺľňóôŕšťúýž", "pl": "ąćęłńóśźż", "hu": "áéíóöőúüű", "ro": "ăâîşţ",
        "hr": "čćđšž", "bs": "čćđšž", "sr": "čćđšž", "sl": "čšž",
    }),
    (("cp1254",), {"tr": "çğıİöşüâîû"}),
    (("cp1257", "iso8859-13"), {"lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "et": "äõöüšž"}),
    (("cp1252",), {
        "de": "äöüß", "fr": "àâæçéèêëîïôœùûüÿ", "es": "áéíñóúüªº", "pt": "áàâãçéêíóôõúüªº", "it": "àèéìíîòóùú",
        "ca": "àçéèíïóòúü", "nl": "áäéèëíïóöúü", "sv": "åäöé", "da": "æøåé", "no": "æøåéòô", "nn": "æøåéòô",
        "nb": "æøåéòô", "fi": "äöåšž", "is": "áæðéíóöþúý", "et": "äõöüšž",
    }),
)  # fmt: skip
_LATIN_LIKE = re.compile(r"cp125[02478]|iso8859-(?:1|2|3|4|9|10|13|14|15|16)")
# A letter; a control or lost character; a sign that touches a letter and is none of `«»¡¿·` or a soft hyphen.
_SIGN = r"[\xa2-\xaa\xac\xae-\xb6\xb8-\xba\xbc-\xbe]"
_LETTER = re.compile(rf"[^\W\d_]|[\x80-\x9f\ufffd]|(?<=[^\W\d_]){_SIGN}|{_SIGN}(?=[^\W\d_])")
_FEW = 3  # fewer letters beyond ASCII say nothing
_FITTING = 0.9  # share of a text's letters beyond ASCII that belong to its language if the code page is right
_SHIFT = b"\x1b$"
_SAMPLE = 20_000
_LOST = 0.001  # share of characters that may be lost before a claim counts as false
_LOST_AT_MOST = 0.02  # the same if no other character set fits better


@dataclass(frozen=True)
class Decoded:
    """A page's text, decoded.

    `charset` is the Python codec that decoded the bytes; `lost` is the number of characters that it could not decode.
    """

    text: str
    charset: str
    lost: int


def _find_codec(label: str) -> str | None:
    """Return the codec for a label of the WHATWG list; None for other labels (utf-7, rot13)."""
    from resiliparse.parse.encoding import map_encoding_to_html5

    name = map_encoding_to_html5(label.strip().strip("\"'"), fallback_utf8=False)
    return None if name is None else _WIDER.get(name, name)


def _detect_utf16(payload: bytes) -> str | None:
    """Recognise UTF-16 that has no byte-order mark: in its markup and spaces, every second byte is zero."""
    head = payload[:_HEAD]
    if len(head) < 4 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) / 10 or min(even, odd) > max(even, odd) / 10:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _decode(payload: bytes, charset: str) -> Decoded:
    try:
        return Decoded(payload.decode(charset), charset, 0)
    except UnicodeDecodeError:
        text = payload.decode(charset, errors="replace")
        return Decoded(text, charset, text.count("\ufffd"))


def _read_claims(payload: bytes, carrier: str | None) -> Iterator[str]:
    """Yield the codecs declared by the carrier of the page (an HTTP header or a MIME part) and by the page itself."""
    if carrier and (codec := _find_codec(carrier)):
        yield codec
    for match in _CLAIM.finditer(payload[:_HEAD]):
        codec = _find_codec((match[1] or match[2]).decode("ascii"))
        if codec:  # a declaration that is readable as ASCII is not UTF-16
            yield "utf-8" if codec.startswith("utf-16") else codec


def _detect_sure(payload: bytes, claims: list[str]) -> str | None:
    """Return the codec if the bytes allow only one, otherwise None.

    They allow only one if they begin with a byte-order mark or have the zeros of UTF-16, or if the page declares a form
    of ISO 2022 and the bytes contain an escape sequence by which ISO 2022 changes the character set.
    """
    for mark, charset in _MARKS:
        if payload.startswith(mark):
            return charset
    shifts = [claim for claim in claims if codecs.lookup(claim).name.startswith("iso2022")]
    return shifts[0] if shifts and _SHIFT in payload else _detect_utf16(payload)


def _take_sample(payload: bytes) -> bytes:
    """Return parts of the page that contain bytes beyond ASCII, with the text around them but little of the markup."""
    parts, size = [], 0
    for match in re.finditer(rb"[^<>]{0,200}[\x80-\xff][^<>]{0,800}", payload):
        parts.append(match[0])
        size += len(match[0])
        if size > _SAMPLE:
            break
    return b"\n".join(parts)


def _guess(payload: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(_take_sample(payload)).best()
    return None if best is None else best.encoding


def _choose_latin(payload: bytes, claims: list[str]) -> str | None:
    """Return the code page of a text in the Latin alphabet: the one that gives letters of the text's language.

    A declared code page is kept if no other fits better. Returns None if the text is in another alphabet or in a
    language without letters beyond ASCII, or if no code page fits.
    """
    from py3langid import classify

    sample = _take_sample(payload)
    stated = _LANG.search(payload[:_HEAD])
    spoken = str(classify(sample.decode("cp1252", "replace"))[0])
    for language in ([stated[1].decode().lower()] if stated else []) + [spoken]:
        pages = [(codec, letters[language]) for codecs_, letters in _LATIN if language in letters for codec in codecs_]
        tried = [(codec, own) for codec in claims for _, own in pages[:1]] + pages
        fits = [(_measure_fit(sample.decode(codec, "replace"), own), codec) for codec, own in tried]
        best = max(fits, key=lambda one: one[0], default=(0.0, ""))
        if best[0] >= _FITTING:
            return best[1]
    return None


def _measure_fit(text: str, letters: str) -> float:
    """Return the share of `letters` among a text's letters beyond ASCII; 0 if the text has only a few of these.

    Control and lost characters, and signs that touch a letter, count as letters.
    """
    foreign = [sign for sign in _LETTER.findall(text) if sign > "\x7f"]
    own = sum(sign in letters or sign.lower() in letters for sign in foreign)
    return own / len(foreign) if len(foreign) >= _FEW else 0.0


def _looks_foreign(text: str) -> bool:
    """Return whether a text was decoded in a wrong character set, by its signs and accented letters."""
    from ftfy.badness import badness

    beyond = re.findall(r"[^\x00-\x7f][^<>]{0,80}", text[:400_000])
    sample = "\n".join(beyond[:100])
    strange = sum(not character.isascii() for character in sample)
    if strange == 0:
        return False
    # In no language do most letters of a word have accents: another alphabet was read as Western European.
    accented = "".join(re.findall(r"\w*[À-ÿ]\w*", sample))
    crowded = len(re.findall("[À-ÿ]", accented)) > 0.7 * len(accented) > 20
    return crowded or badness(sample) > strange / 20


def decode_page(payload: bytes, carrier: str | None = None) -> Decoded | None:
    """Decode a page, or return None if no character set fits.

    The first of these that fits is taken: a byte-order mark; UTF-8, because text in another character set is not valid
    UTF-8 by chance; the declaration of the carrier (an HTTP header, a MIME part) and that of the page, unless the text
    looks wrong; the detection of charset-normalizer. A declaration is accepted even if a few characters are broken;
    `lost` counts these. Any code page of the Latin alphabet decodes bytes of the others, so the one that gives letters
    of the text's language is chosen.
    """
    claims = list(dict.fromkeys(_read_claims(payload, carrier)))
    if sure := _detect_sure(payload, claims):
        return _decode(payload, sure)
    tried = [_decode(payload, codec) for codec in dict.fromkeys(["utf-8", *claims])]
    if not tried[0].lost:
        return tried[0]
    others = [claim for claim in claims if claim != "utf-8"]
    is_latin = all(_LATIN_LIKE.fullmatch(codecs.lookup(claim).name) for claim in others)
    if is_latin and (latin := _choose_latin(payload, others)):
        return _decode(payload, latin)
    fitting = [one for one in tried if one.lost <= _LOST * len(one.text) and not _looks_foreign(one.text)]
    if fitting:
        return min(fitting, key=lambda one: one.lost)
    if guess := _guess(payload):
        return _decode(payload, guess)
    near = min(tried, key=lambda one: one.lost)
    return near if near.lost <= _LOST_AT_MOST * len(near.text) else None


def to_utf8(payload: bytes) -> str | None:
    """Return the command that converts a plain text to UTF-8; None if its character set is uncertain or is UTF-8."""
    decoded = decode_page(payload)
    if decoded is None or decoded.lost or decoded.charset == "utf-8" or _looks_foreign(decoded.text):
        return None
    known = _find_codec(decoded.charset)
    return None if known is None else f"iconv -f {known.upper()} -t UTF-8 FILE > FILE.utf8.txt"
