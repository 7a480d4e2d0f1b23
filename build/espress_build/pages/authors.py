"""Find the authors of a page: the persons that it names, or else an organisation; and registered agencies."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import chain, combinations, takewhile
from typing import TYPE_CHECKING

from espress_build.pages.dom import name_key
from espress_build.pages.jsonld import clean, read_claims, read_texts
from espress_build.pages.page_fact import Claim, Found, months, ordered, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress_build.pages.dom import Document
    from espress_build.pages.jsonld import Node
    from espress_build.pages.outlet import OutletIndex, Site

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
# Credits of persons who are not authors; the rest of the line is not read.
_OTHERS = re.compile(
    r"^(?:责任编辑|责编|编辑|edit(?:ed|ing|or)|redaktur|photo\w*|pictures?|images?|foto\w*|bild(?:er)?|video|graphi\w+|grafik|illustra\w+|kamera|produ\w+)"
    r"(?:\s+and\s+\w+)?\s*(?:[:：]|by\b|von\b|de\b|par\b)",
    re.IGNORECASE,
)
_OTHERS_AFTER = re.compile(r"\.\s+(?=edited by|additional reporting|photo)", re.IGNORECASE)
_ANY_LABEL = re.compile(r"^[^\W\d_]{2,12}\s*[:：]\s*(?=\S)")  # `Interview:`, `Words:`
_HAN_POST = re.compile(r"(?<=[\u3400-\u9fff]{2})(?:記者|记者|特派員)$")
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
# Short words that join names, but also occur inside names; they split a list only between two full names.
_JOINT = re.compile(r"\s+(?:a|e|y|i|u|и|та|en|et|og|ja|és|și|si|ve|da)\s+")
_HAN_JOINT = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s*[和与與及]\s*(?=[\u4e00-\u9fff]{2,4}$)")
_TAIL = re.compile(
    r"\s+(?:[-–—]\s.*|"
    r"(?:in|IN|für|[Ff]or|FOR|of|OF|at|AT|à|en|reporting from|aus|from|v|ve|bei)\s+(?:the\s+)?[A-ZÀ-Ž][^,]*)$"
)
_ROLES = words("roles")
_FIELDS = words("fields")
_ORGANISATION_WORDS = words("organisations")
_NOBODY = words("nobody")
_SURNAMES = words("surnames")
_CALENDAR = words("calendar") | {name for month in months() for name in month} | {""}
_HAN_ORGANISATION = re.compile(
    r"网|網|社|报|報|新闻|新聞|编辑|編輯|部|台|臺|通讯|通訊|周刊|中心|电视|電視|综合|綜合|来源|來源|頻道|频道|公司"
)
_HAN = re.compile(
    r"[\u3400-\u9fff]{2,4}(?:[·・][\u3400-\u9fff]{1,6})*|[\u4e00-\u9fff]{1,6}(?:[·・][\u4e00-\u9fffA-Z.]{1,8})+"
)
_CASELESS = re.compile(r"[\u0590-\u10ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTICLES = words("particles")
_BAD = re.compile(r"[0-9_=<>{}@#%*\\\"!?]|\.(?:com|org|net|cz|de|co|cn|eu|info)\b", re.IGNORECASE)
_METAS = ordered("authors")
_AGENCY_META = (
    "article:source", "source", "copyright", "dc.source", "dc.rights", "news_keywords_source", "syndication-source"
)  # fmt: skip
_AGENCY_KEYS = ("author", "creator", "sourceOrganization", "provider", "copyrightHolder", "contributor")
_NAMED = re.compile(r"(?:^|[._:-])(?:author|by-?line|reporter|writer|journalist)s?(?:[._:-]?names?)?$")
_LOGIN = re.compile(r"^\S*[\d_]\S*$|^[\W\d_]*$|^\S+\.[a-z]{2,4}$")  # names of accounts and sites
_SAID = re.compile(r"(?:Authors?|Autor(?:in|en)?|Auteure?s?|Autore|Verfasser(?:in)?)\s*:?\s+(\S.{3,})")
_MACHINE = {"json-ld", "meta", "opengraph", "microdata"}
_LABEL_ALONE = 5  # characters of a line that may be no more than a label
_SHORT = 40  # characters of a byline that is an agency's name and little else
_DATELINE = 160  # characters of a paragraph in which an agency may be credited


@dataclass(frozen=True)
class Names:
    """Names of persons, and of organisations that sign instead of a person; each once, in order."""

    persons: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


def folded(name: str) -> str:
    """Return a name without accents and case, as in addresses."""
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))


def is_person(name: str, organisations: frozenset[str] = frozenset()) -> bool:
    """Return whether a name has the form of a person's: two to six capitalised words, none of an organisation.

    Chinese, Japanese and Korean names may be one word. `organisations` holds keys of names of organisations.
    """
    if not name or len(name) > 60 or _BAD.search(name) or name_key(name) in organisations:
        return False
    if _CASELESS.search(name):
        if name in _NOBODY or _HAN_ORGANISATION.search(name):
            return False
        return _HAN.fullmatch(name) is not None if re.search(r"[\u3400-\u9fff]", name) else len(name.split()) <= 5
    tokens = name.split()
    if not 2 <= len(tokens) <= 6 or not all(any(map(str.isalpha, token)) for token in tokens):
        return False
    plain = [token.casefold().strip(".,'’") for token in tokens]
    surname = plain[-1] in _SURNAMES and len(plain) < 4
    if any(token in _ORGANISATION_WORDS for token in (plain[:-1] if surname else plain)):
        return False
    lower = [token for token in tokens if token == token.lower() and token.casefold() not in _PARTICLES]
    return not lower or (len(tokens) <= 3 and name == name.lower())


def _cut_roles(piece: str) -> str:
    """Cut job titles off both ends of a text, as in `political editor Jane Doe`; "" if no name is left."""
    tokens = piece.split()
    posts = [token.casefold().strip(".") in _ROLES for token in tokens]
    if not any(posts):
        return piece
    start = posts.index(False) if False in posts else len(tokens)
    named = tokens[start:]
    end = next((n for n, post in enumerate(posts[start:]) if post and n > 1), None)
    if end is not None:  # the job title follows a whole name: `Jane Doe political editor`
        named = named[:end]
        while len(named) > 2 and named[-1].casefold() in _FIELDS:
            named.pop()
    while named and named[-1].casefold().strip(".") in _ROLES:
        named.pop()
    return " ".join(named) if len(named) > 1 or _CASELESS.search(piece) else ""


def _strip_labels(value: str) -> str:
    """Return a value without labels, addresses and brackets, unless the name itself is in brackets."""
    text = _ADDRESS.sub(" ", clean(value))
    text = _ASIDES.sub(" ", text) if _ASIDES.sub("", text).strip() else text.strip("()[]（）【】 ")
    text = _cut_date(text).strip("〔〕 ")
    text = _OTHERS_AFTER.split(text)[0]
    for _ in range(2):
        text = _LABEL.sub("", text)
    if not _OTHERS.match(text):
        text = _ANY_LABEL.sub("", text)
    return re.sub(r"\s+", " ", text).strip(" ,;:|·•-–—")


def _cut_date(text: str) -> str:
    """Return the text before a date, as in `Jane Doe, Tuesday 23 July 2019`; a text without digits is unchanged."""
    digit = re.search(r"(?<![\w])[0-9]", text)
    if digit is None:
        return text
    tokens = text[: digit.start()].split()
    while tokens and tokens[-1].casefold().strip(".,:;|·•-–—") in _CALENDAR:
        tokens.pop()
    return " ".join(tokens)


def _split_names(text: str) -> list[str]:
    found: list[str] = []
    for part in filter(None, (part.strip(" ,;:|·•-–—") for part in _SPLIT.split(text))):
        at_joint = _JOINT.split(part)
        full = len(at_joint) > 1 and all(len(one.split()) > 1 for one in at_joint)
        found += at_joint if full else _HAN_JOINT.split(part)
    return [one for part in found for one in _split_han(part)]


def _split_han(part: str) -> list[str]:
    """Split Chinese names at spaces, except for a space between the two characters of one name."""
    tokens = part.split()
    if not all(re.fullmatch(r"[\u3400-\u9fff]{1,4}", token) for token in tokens):
        return [part]
    names: list[str] = []
    for token in tokens:
        if names and len(names[-1]) == len(token) == 1:
            names[-1] += token
        else:
            names.append(token)
    return names


def _cut_korean_post(name: str) -> str:
    """Return the first word of a Korean name; the words after it are a job title."""
    match = re.fullmatch(r"([\uac00-\ud7af]{2,4})\s+[\uac00-\ud7af\s·]+", name)
    return match[1] if match else name


def read_names(values: Iterable[str], organisations: frozenset[str] = frozenset()) -> Names:
    """Return the persons and organisations in author values, each once; `organisations` are keys of known ones.

    A single word is an organisation, or no name.
    """
    persons: list[str] = []
    others: list[str] = []
    for value in values:
        text = _strip_labels(value)
        if not text or len(text) > 1000:
            continue
        if name_key(text) in organisations:
            others.append(text)
            continue
        for piece in takewhile(lambda piece: not _OTHERS.match(piece), _split_names(text)):
            name = _HAN_POST.sub("", _AND.sub("", _LABEL.sub("", _cut_korean_post(piece))))
            name = re.sub(r"[’']s$", "", _cut_roles(_TAIL.sub("", name))).strip(" ,;:|-–—")
            is_named = bool(name) and is_person(name, organisations)
            name = name if is_named else piece  # `of`, `in` and the like belong to an organisation's name
            kept = persons if is_named else others
            if name_key(name) not in {"", *map(name_key, kept)}:
                kept.append(name)
    return Names(tuple(persons[:30]), tuple(others[:30]))


def byline(line: str) -> str | None:
    """Return the text after the label of a byline; None if the line has no such label."""
    if named := _HAN_BYLINE.search(line):
        return named[1] or named[2]
    match = _LABEL.match(line) or _AFTER_DATE.search(line)
    return line[match.end() :].strip() if match and match.end() > 1 else None


def _read_machine_data(page: Document, node: Node) -> Iterator[list[Claim]]:
    """Yield the authors in the page's data for machines, the most reliable source first."""
    yield [Claim(text, "json-ld", "author.name") for text in read_texts(node.get("author"), page.named)]
    yield list(read_claims(node, "creator", index=page.named))
    for name in (*_METAS, *sorted(name for name in page.metas.keys() - {*_METAS} if _NAMED.search(name))):
        yield list(page.meta(name))
    yield list(page.items("author"))


def _read_bylines(page: Document, title: str) -> Iterator[list[Claim]]:
    """Yield the authors that the page shows: in elements marked as bylines, lines by the headline, and handles."""
    yield from page.bylines[:8]
    lines = page.credits(title)
    for claim, after in zip(lines, [*lines[1:], *lines[:1]], strict=True):
        alone = f"{claim.text} {after.text}" if len(claim.text) < _LABEL_ALONE else claim.text  # `By`, then the name
        if (names := byline(alone)) is not None:
            yield [replace(claim, text=names)]
    yield list(page.meta("twitter:creator"))
    for line in page.lines:
        if len(line) < _SHORT and (match := _SAID.match(line)):
            yield [Claim(match[1], "text", "line")]


def _is_desk(name: str, outlet: frozenset[str]) -> bool:
    """Return whether a name contains the outlet's; one word after the first may be a surname and does not count."""
    keys = [name_key(token) for token in name.split()]
    windows = combinations(range(len(keys) + 1), 2)
    return any("".join(keys[start:end]) in outlet for start, end in windows if end - start > 1 or start == 0)


def _read_group(group: list[Claim], organisations: frozenset[str], outlet: frozenset[str]) -> Names:
    """Read the names of a group; a name that contains the outlet's name is a desk of the outlet."""
    names = read_names([claim.text for claim in group], organisations)
    desks = [one for one in names.persons if _is_desk(one, outlet)]
    return Names(tuple(one for one in names.persons if one not in desks), (*names.organisations, *desks))


def _is_own(name: str, outlet: frozenset[str]) -> bool:
    """Return whether an organisation is the outlet, its company or one of its desks."""
    key = name_key(name)
    return any(one.startswith(key) or key.startswith(one) for one in outlet if min(len(one), len(key)) > 1)


def _choose_organisation(
    read: list[tuple[Names, Claim]], outlet: frozenset[str], registry: OutletIndex
) -> Found | None:
    """Return the organisation that signs in the page's data, or the agency in its byline; the outlet does not count."""
    for names, claim in read:
        is_stated = claim.basis in _MACHINE or registry.agencies_in(claim.text)
        is_outlet = any(_is_own(name, outlet) for name in names.organisations)
        if is_stated and not is_outlet and not re.search(r"https?:|@", claim.text):
            for name in names.organisations:
                if name_key(name) not in _NOBODY and not _LOGIN.search(name):
                    return claim.found([name])
    return None


def find_authors(page: Document, node: Node, title: str, site: Site, registry: OutletIndex) -> dict[str, Found | None]:
    """Return the persons in the most reliable place of the page, or else an organisation that signs instead.

    The outlet itself, by a key of `site` or the label of its domain, is not an author.
    """
    organisations = site.keys | registry.names | {site.label}
    read: list[tuple[Names, Claim]] = []
    for group in (*_read_machine_data(page, node), *_read_bylines(page, title)):
        if group:
            names = _read_group(group, organisations, site.keys)
            if names.persons:
                return {"authors": group[0].found(list(names.persons))}
            read.append((names, group[0]))
    return {"authors": _choose_organisation(read, site.keys, registry)}


def _find_credits(page: Document, node: Node) -> Iterator[Claim]:
    yield from read_claims(node, *_AGENCY_KEYS, index=page.named)
    yield from page.meta(*_METAS, *_AGENCY_META)
    yield from chain.from_iterable(page.bylines)
    for line in page.prose:
        if match := re.search(r"\(([^()]{2,40})\)\s*[-–—:]", line[:_DATELINE]):
            yield Claim(match[1], "text", "dateline")


def find_agency(page: Document, node: Node, registry: OutletIndex) -> dict[str, Found | None]:
    """Return the registered agency that the page credits, by name and id."""
    for claim in _find_credits(page, node):
        if len(claim.text) <= 200 and (found := registry.agencies_in(claim.text)):
            name = next(spelling for spelling, key in registry.agencies if key == found[0])
            return {"agency": claim.found(name), "agency_id": claim.found(found[0])}
    return {}
