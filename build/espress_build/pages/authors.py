"""Who wrote a page: names out of the lists, roles, places and house names that stand around them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from espress_build.pages.jsonld import clean
from espress_build.pages.vocabulary import months, words

if TYPE_CHECKING:
    from collections.abc import Iterable

_LABEL = re.compile(
    r"^[\s|·•–—:-]*(?:"
    r"(?:(?!edit|photo|video|graphi|illustra|transl|produ)[^\W\d_]+\s+){0,3}by\b(?!-)[\s:]+|"
    r"(?:authors?|autor(?:[/*:_]?in(?:nen)?|ka|ři|i|es|a)?|auteurs?|autore|redactor[ae]?s?|text|texte|texto|testo|tekst|"
    r"napsala?|von|par|por|di|door|av|af|szerző|автор[ы]?|текст|kirjoittaja|yazar|yazan|pisze|penulis|reporter|by)\s*[:：]\s*|"
    r"(?:(?:(?:veröffentlicht|verfasst|geschrieben|(?:ein|eine)\s+\w{4,20})\s+von|von|par|por|door|texte\s+(?:de|par)|"
    r"(?:escrito|publicado|redactado|postado)\s+por|(?:publié|écrit|rédigé|propos recueillis)\s+par|oleh|"
    r"(?:scritto|pubblicato)\s+da|a\s+cura\s+di|dal?\s+nostr[oa]\s+\w+|napsala?|автор[ы]?|opr(?:ac)?\.|geschreven\s+door)|"
    r"(?-i:[Dd]i|[Dd]a|[Aa]v|[Aa]f|fra)(?=\s+[^\W\d_]\S*\s+[^\W\d_]))\s+|"
    r"(?:本报|特约)?(?:作者|记者|記者|撰文|撰稿|文)\s*[:：/／|]\s*|[\u4e00-\u9fff]{0,6}(?:记者|記者)\s*(?=[\u4e00-\u9fff])"
    r")",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"(?i:[,|•·–-]?\s+\b(?:autor(?:in|ka)?|authors?|auteur|autore|текст|автор)\s*:\s+)(?=[A-ZÀ-Ž\u0400-\u042f])"
)
# What else a line credits, and all that follows it.
_OTHERS = re.compile(
    r"^(?:edit(?:ed|ing|or)|redaktur|photo\w*|foto\w*|bild(?:er)?|video|graphi\w+|grafik|illustra\w+|kamera|produ\w+)"
    r"(?:\s+and\s+\w+)?\s*(?:[:：]|by\b|von\b|de\b|par\b)",
    re.IGNORECASE,
)
_AND = re.compile(r"^(?:and|und|et|y|e|og|och|oraz|mit|with)\s+", re.IGNORECASE)
_AFTER_DATE = re.compile(
    r"\d{4}\b.{0,25}?\s(?:by|von|durch|par|por|door|af|av)\s+(?-i:(?=[A-ZÀ-Ž\u0400-\u042f]))", re.IGNORECASE
)
_ASIDES = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|（[^（）]{0,80}）|【[^】]{0,80}】")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|<?\b[\w.+-]{1,60}@[\w-]{1,60}\.[\w.-]{1,60}>?|(?<!\w)@\w+")
_SPLIT = re.compile(
    r"\s*[;；|｜\n\t/／、•·]\s+|\s*[;；|｜/／、，&＆+]\s*|,\s*|(?<=[\uac00-\ud7af])·(?=[\uac00-\ud7af])|\s+(?:and|und|with|mit|avec|con|och|και|oraz)\s+",
    re.IGNORECASE,
)
# Chinese lines put source, author and editor one after the other; `记者 王小明`, `（记者王小明 整理）`, `文/王小明`.
_HAN_BYLINE = re.compile(
    r"(?:(?:作者|记者|記者|撰文|撰稿|执笔|采写)\s*[:：/]\s*([^:：|()（）]{2,60}?)"
    r"(?=\s+[^\s:：]{2,6}[:：]|\s*(?:来源|來源|责编|责任编辑|编辑|[|()（）】])|\s*$))"
    r"|(?:作者|记者|記者|执笔)\s?((?:[\u4e00-\u9fff]{2,3}[\s、]){0,3}[\u4e00-\u9fff]{2,3})(?=\s(?!摄|攝)|[】）)|]|$)"
)
# Short words that join names, and stand inside some: they part a list only between two full names.
_JOINT = re.compile(r"\s+(?:a|e|y|i|u|и|та|en|et|og|ja|és|și|si|ve|da|és)\s+")
_HAN_JOINT = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s*[和与與及]\s*(?=[\u4e00-\u9fff]{2,4}$)")
_TAIL = re.compile(
    r"\s+(?:[-–—]\s.*|"
    r"(?:in|IN|für|[Ff]or|FOR|of|OF|at|AT|à|en|reporting from|aus|from|v|ve|bei)\s+(?:the\s+)?[A-ZÀ-Ž][^,]*)$"
)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|mba|esq|csc|drsc|mph|rn|jd)\.?$", re.IGNORECASE)


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: its letters, without case."""
    return "".join(filter(str.isalnum, name.casefold()))


_ROLES = words("roles")
_FIELDS = words("fields")
_HOUSE_END = re.compile(
    r"(?:ministerium|redaktion|zeitung|verband|verein|agentur|nachrichten|magazin|agencia|redakce|tidning|avisen|bladet)$"
)
_HOUSE = words("houses")
_NOBODY = words("nobody")
_SURNAMES = words("surnames")
_CALENDAR = words("calendar") | {name for month in months() for name in month} | {""}
_HAN_HOUSE = re.compile(
    r"网|網|社|报|報|新闻|新聞|编辑|編輯|部|台|臺|通讯|通訊|周刊|中心|电视|電視|综合|綜合|来源|來源|頻道|频道|公司"
)
_HAN = re.compile(
    r"[\u3400-\u9fff]{2,4}(?:[·・][\u3400-\u9fff]{1,6})*|[\u4e00-\u9fff]{1,6}(?:[·・][\u4e00-\u9fffA-Z.]{1,8})+"
)
_CASELESS = re.compile(r"[\u0590-\u10ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PLACES = {name_key(place.replace("_", " ")) for place in words("places")}
_PARTICLES = words("particles")
_BAD = re.compile(r"[0-9_=<>{}@#%*\\\"!?]|\.(?:com|org|net|cz|de|co|cn|eu|info)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Names:
    """Names of persons, and of houses that sign in a person's place; each once, in order."""

    persons: tuple[str, ...] = ()
    houses: tuple[str, ...] = ()


def folded(name: str) -> str:
    """Return a name without accents and case, as addresses have it."""
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))


def _tokens(name: str) -> list[str]:
    return [token for token in re.split(r"[\s ]+", name) if token]


def is_person(name: str, houses: frozenset[str] = frozenset()) -> bool:
    """Return whether a name has the form of a person's: two to six words, none of a house, in capitals.

    Chinese, Japanese and Korean names may be one word. `houses` holds keys of names that are none.
    """
    if not name or len(name) > 60 or _BAD.search(name) or name_key(name) in houses or name_key(name) in _PLACES:
        return False
    if _CASELESS.search(name):
        return (
            name not in _NOBODY
            and not _HAN_HOUSE.search(name)
            and (_HAN.fullmatch(name) is not None if re.search(r"[\u3400-\u9fff]", name) else len(_tokens(name)) <= 5)
        )
    tokens = _tokens(name)
    if not 2 <= len(tokens) <= 6 or not all(any(map(str.isalpha, token)) for token in tokens):
        return False
    plain = [token.casefold().strip(".,'’") for token in tokens]
    surname = plain[-1] in _SURNAMES and len(plain) < 4
    if any(token in _HOUSE or _HOUSE_END.search(token) for token in (plain[:-1] if surname else plain)):
        return False
    lower = [token for token in tokens if token[0].islower() and token.casefold() not in _PARTICLES]
    return not lower or (len(tokens) <= 3 and name == name.lower())


def _without_roles(piece: str) -> str:
    """Take words for a post off both ends: `political editor Jane Doe`; a piece of such words alone is empty."""
    tokens = _tokens(piece)
    posts = [token.casefold().strip(".") in _ROLES for token in tokens]
    if not any(posts):
        return piece
    start = posts.index(False) if False in posts else len(tokens)
    named = tokens[start:]
    end = next((n for n, post in enumerate(posts[start:]) if post and n > 1), None)
    if end is not None:  # the post, its field before it, stands behind a whole name
        named = named[:end]
        while len(named) > 2 and named[-1].casefold() in _FIELDS:
            named.pop()
    while named and named[-1].casefold().strip(".") in _ROLES:
        named.pop()
    return " ".join(named) if len(named) > 1 or _CASELESS.search(piece) else ""


def _bare(value: str) -> str:
    """Return a value without labels, addresses and what stands in brackets; the name may stand in the brackets."""
    text = clean(value)
    if "@" in text and (match := re.fullmatch(r"\S+@\S+\s+\(([^()]+)\)", text)):
        text = match[1]
    text = _ADDRESS.sub(" ", text)
    text = _before_date(_ASIDES.sub(" ", text) if _ASIDES.sub("", text).strip() else text.strip("()[]（）【】 ")).strip(
        "〔〕 "
    )
    for _ in range(2):
        text = _LABEL.sub("", text)
    return re.sub(r"\s+", " ", text).strip(" ,;:|·•-–—")


def _before_date(text: str) -> str:
    """Return what stands before a date: `Jane Doe, Tuesday 23 July 2019`; a text without digits as it is."""
    digit = re.search(r"(?<![\w])[0-9]", text)
    if digit is None:
        return text
    tokens = _tokens(text[: digit.start()])
    while tokens and tokens[-1].casefold().strip(".,:;|·•-–—") in _CALENDAR:
        tokens.pop()
    return " ".join(tokens)


def _pieces(text: str) -> list[str]:
    parts = [part.strip(" ,;:|·•-–—") for part in _SPLIT.split(text)]
    parts = [part for part in parts if part]
    joined: list[str] = []
    for part in parts:
        if joined and _SUFFIX.match(part):
            joined[-1] += f" {part}" if part.casefold().strip(".") in {"jr", "sr", "ii", "iii", "iv"} else ""
        else:
            joined.append(part)
    found: list[str] = []
    for part in joined:
        at_joint = _JOINT.split(part)
        full = len(at_joint) > 1 and all(len(_tokens(one)) > 1 for one in at_joint)
        found += at_joint if full else _HAN_JOINT.split(part)
    return [one for part in found for one in _spaced_han(part)]


def _spaced_han(part: str) -> list[str]:
    """Part Chinese names that only spaces part; print spaces the two signs of a short name, too."""
    tokens = _tokens(part)
    if len(tokens) < 2 or not all(re.fullmatch(r"[\u3400-\u9fff]{1,4}", token) for token in tokens):
        return [part]
    names: list[str] = []
    for token in tokens:
        if names and len(names[-1]) == len(token) == 1:
            names[-1] += token
        else:
            names.append(token)
    return names


def _turned(text: str) -> str:
    """Turn `Doe, Jane` of a library's record round; several names stand in several records there."""
    match = re.fullmatch(r"([^\W\d_][\w'’-]+),\s+([^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*)?)", text)
    return f"{match[2]} {match[1]}" if match else text


def _hangul(name: str) -> str:
    """Return the one word of a Korean name: what stands behind it says what the person does."""
    match = re.fullmatch(r"([\uac00-\ud7af]{2,4})\s+[\uac00-\ud7af\s·]+", name)
    return match[1] if match else name


def _without_house(name: str, houses: frozenset[str]) -> str:
    """Take a house's name off the end of a person's: `Jane Doe Example Agency`; one word in small is a surname."""
    tokens = _tokens(name)
    ends = (n for n in range(2, len(tokens)) if n < len(tokens) - 1 or (tokens[n].isupper() and not name.isupper()))
    at = next((n for n in ends if name_key("".join(tokens[n:])) in houses), None)
    return " ".join(tokens[:at])


def _same(name: str, other: str) -> bool:
    return name_key(name) == name_key(other)


def read_names(values: Iterable[str], houses: frozenset[str] = frozenset(), *, turned: bool = False) -> Names:
    """Return the persons and houses that author values name, in any of the usual forms of lists, each once.

    A single word is a house's, or no name. Where two spellings differ in case, the one that is not all capitals stays.
    """
    persons: list[str] = []
    signed: list[str] = []
    for value in values:
        text = _bare(value)
        if not text or len(text) > 1000:
            continue
        if name_key(text) in houses:
            signed.append(text)
            continue
        for piece in takewhile(lambda piece: not _OTHERS.match(piece), _pieces(_turned(text) if turned else text)):
            name = _hangul(piece)
            name = _AND.sub("", _without_house(name, houses))
            name = re.sub(r"[’']s$", "", _without_roles(_TAIL.sub("", _LABEL.sub("", name)))).strip(" ,;:|-–—")
            posts = not name  # nothing but words for a post
            if not is_person(name, houses):
                name = piece  # `of`, `in` and the like belong to a house's name
            kept = persons if not posts and is_person(name, houses) else signed
            twin = next((n for n, other in enumerate(kept) if _same(name, other)), None)
            if twin is None and name and name_key(name):
                kept.append(name)
            elif twin is not None and kept[twin].isupper() and not name.isupper():
                kept[twin] = name
    return Names(tuple(persons[:30]), tuple(signed[:30]))


def byline(line: str) -> str | None:
    """Return what follows the label of a byline; None where a line has none."""
    if named := _HAN_BYLINE.search(line):
        return named[1] or named[2]
    match = _LABEL.match(line) or _AFTER_DATE.search(line) or _WITHIN.search(line)
    return line[match.end() :].strip() if match and match.end() > 1 else None
