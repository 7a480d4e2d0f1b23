"""Find the headline of an article among the titles on its page, and cut the site's name off it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from espress_build.pages.dom import name_key
from espress_build.pages.jsonld import read_claims
from espress_build.pages.page_fact import Claim, Found

if TYPE_CHECKING:
    from espress_build.pages.dom import Document
    from espress_build.pages.jsonld import Node
    from espress_build.pages.outlet import Site

# A hyphen or colon separates parts only if it is between spaces; bars, and the underscore of Chinese portals,
# need no spaces.
_SEPARATOR = re.compile(
    r"\s+(?:[-–—:·•»«~⁄‹›>*⋆/]|::|--)\s+|\s*[|｜┃]+\s*|\s+[-–—](?=[A-Z][\w.]+$)|_+|(?<=[\u3000-\u9fff])[-–—]{1,2}(?=[\u3000-\u9fff])"
)
_MAX_PARTS = 8
_HEADLINE = 112  # length at which publishing systems cut headlines for search engines, without an ellipsis
# A part of a title with at least this many letters is the headline if a heading equals it or begins with it.
_LONG = 12
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
# Headings count most, because the reader sees them; but agreement of three other places outweighs a heading.
_WEIGHTS = {"h1": 2.0, "line": 2.0, "headline": 2.0, "og:title": 2.0, "title": 1.0}
_MAX_TITLE = 500  # characters; a longer one is no headline


def parts_of(title: str) -> list[str]:
    """Return the parts of a title between its separators; a title without separators is one part."""
    return [part for part in _SEPARATOR.split(title) if part.strip()]


def _cut_in_two(title: str) -> list[tuple[str, str]]:
    """Return every way to cut a title in two at a separator."""
    cuts = list(_SEPARATOR.finditer(title))[:_MAX_PARTS]
    return [(title[: cut.start()].strip(), title[cut.end() :].strip()) for cut in cuts]


def _is_shortened(words: list[str], label: str) -> bool:
    """Return whether a label consists of the beginnings of the words, in order: `laechoes` for Los Angeles Echoes.

    All beginnings are single letters, or one has at least three letters; otherwise a short label would match almost
    any headline.
    """
    reached = {(0, 0)}  # pairs: letters of the label that are matched, the most that one word matched
    for word in (word.casefold() for word in words):
        further = set(reached) if len(word) <= 3 else set()  # articles and the like may be missing
        for start, longest in reached:
            most = next((n for n in range(len(word), 0, -1) if label.startswith(word[:n], start)), 0)
            further |= {(start + taken, max(longest, taken)) for taken in range(1, most + 1)}
        reached = further
    return any(letters == len(label) and longest != 2 for letters, longest in reached)


def names_site(part: str, sites: frozenset[str], label: str) -> bool:
    """Return whether a part of a title is the site's name.

    The name is one of the keys in `sites`, or the name that the domain abbreviates. A word or two may
    follow the name, or an ending: `Example News`, `Examples`.
    """
    key, words = name_key(part), re.findall(r"\w+", part)
    if not key or len(words) > 6:
        return False
    named = {site for site in sites if len(site) > 2} | ({label} if len(label) > 2 else set())
    leads = [name_key("".join(words[:end])) for end in range(1, len(words) + 1)] if len(words) <= 4 else []
    more = 2 if key.isascii() else 4  # letters, or Chinese signs for a department
    led = any(lead.startswith(name) and len(lead) <= len(name) + more for lead in leads for name in named)
    return led or key in {*sites, f"the{label}"} or (len(label) > 2 and (key == label or _is_shortened(words, label)))


def shown_part(title: str, lines: frozenset[str]) -> str | None:
    """Return the part of a title that is also a line of the page; `lines` holds the keys of the lines."""
    parts = [title, *(side for pair in _cut_in_two(title) for side in pair), *title.split(": ", 1)]
    return next((part for part in parts if len(part) > 8 and name_key(part) in lines), None)


def _is_long_enough(part: str) -> bool:
    """Return whether a part may be a headline; one or two words name a section, even if a heading shows them."""
    return len(part.split()) >= 3 or (not part.isascii() and len(part) >= 8)


def _find_headed_part(title: str, others: frozenset[str]) -> str | None:
    """Return the part of a title that is one of the headings, by their keys, or that a heading begins with."""
    whole = name_key(title)
    for side in (side for pair in _cut_in_two(title) for side in pair):
        key = name_key(side)
        if key in others and (_is_long_enough(side) or len(key) >= _LONG):
            return side
        led = (other for other in others if len(key) >= _LONG and other.startswith(key))
        if any(not whole.startswith(other[: len(key) + 3]) for other in led):  # unlike the title
            return side
    return None


def without_site(title: str, sites: frozenset[str], label: str, others: frozenset[str] = frozenset()) -> str:
    """Return a title without the site's name and sections at its ends.

    `others` holds keys of headings: a part of the title that is one of them is the headline; if the whole title is a
    heading, only the site's name is cut.
    """
    if name_key(title) in others:
        names = {*sites, label, f"the{label}"}
        return next((head for head, tail in _cut_in_two(title) if head and name_key(tail) in names), title)
    if headed := _find_headed_part(title, others):
        return headed
    if "_" in title and not title.isascii():  # portals join headline, section and site by underscores
        return title.partition("_")[0].strip() or title
    cuts = _cut_in_two(title)
    sides = cuts + [(tail, head) for head, tail in reversed(cuts)]
    kept = next((side for side, name in sides if side and names_site(name, sites, label)), None)
    if kept is not None:
        return without_site(kept, sites, label)
    barred = cuts and re.search(r"\s\|\s[^|]*$", title) is not None
    return _cut_last(title, cuts) if cuts and ((not sites and not label) or barred) else title


def _cut_last(title: str, cuts: list[tuple[str, str]]) -> str:
    """Cut a short last part that reads like a name, if nothing is known about the site."""
    head, tail = cuts[-1]
    named = not tail or (len(tail.split()) <= 3 and (tail[0].isupper() or not tail[0].isascii()))
    return (head if named else title) or tail


def _agree(key: str, other: str, claim: Claim) -> bool:
    """Return whether two titles are one; a title that is cut off agrees with the whole one."""
    cut = _CUT.sub("", claim.text)
    short = (cut != claim.text and len(cut) > 15) or (claim.where == "headline" and 100 <= len(cut) <= _HEADLINE)
    return key == other or (short and key.startswith(name_key(cut)))


def _is_like(text: str, others: list[str]) -> bool:
    """Return whether a title shares words with one of the others, so that it is about the same thing."""
    own = set(re.findall(r"\w+", text.casefold()))
    for other in others:
        words = set(re.findall(r"\w+", other.casefold()))
        if own and words and len(own & words) / min(len(own), len(words)) >= 0.4:
            return True
        if not text.isascii() and len(set(text) & set(other)) / len(set(text)) >= 0.5:
            return True
    return False


def choose(claims: list[Claim], sites: frozenset[str], label: str) -> Claim | None:
    """Return the claim on which most places of the page agree; among equals the longest, then the first.

    A heading counts only if it shares words with the page's other titles, because on some pages the first heading is
    the site's name. Returns None if there is no claim.
    """
    named = {*sites, label}
    shown = [claim for claim in claims if name_key(claim.text) not in {*named, ""}]
    others = [claim.text for claim in shown if claim.where != "h1"]
    elsewhere = [text for text in others if " " in text or not text.isascii()]
    shown = [one for one in shown if one.where != "h1" or not elsewhere or _is_like(one.text, elsewhere)]
    keyed = [(name_key(claim.text), claim) for claim in shown]

    def rank(one: tuple[str, Claim]) -> tuple[float, int]:
        places = {voter.where for other, voter in keyed if _agree(one[0], other, voter)}
        weight = sum(_WEIGHTS.get(place, 0.5) for place in places) - (1.5 if _CUT.search(one[1].text) else 0)
        return weight, len(one[1].text)  # the longest wins, because parts of a heading may lack the colon between them

    return max(keyed, key=rank)[1] if keyed else None


def find_title(page: Document, node: Node, site: Site) -> Found | None:
    """Return the headline on which most places of the page agree, without the site's name."""
    linked = islice(read_claims(node, "headline", "name"), 2)
    first = next(iter(parts_of(page.page_title)), "")
    parts = [part for part in page.heading_parts if len(first.split()) > 1 and part.startswith(first)]  # no kicker
    headings = [next((part for part in parts if part in text), text) for text in page.headings]
    claims = [*(Claim(text, "markup", "h1") for text in headings), *linked, *page.meta("og:title")]
    claims.append(Claim(page.page_title, "markup", "title"))
    claims = [one for one in claims if len(one.text) <= _MAX_TITLE]
    if not page.headings:
        lines = frozenset(name_key(line) for line in page.lines[:200])
        whole = next((one.text for one in claims if one.where in {"og:title", "title"}), "")
        claims.insert(0, Claim(shown_part(whole, lines) or "", "text", "line"))
    shown = {name_key(claim.text) for claim in claims if claim.where in {"h1", "line"}} - site.keys
    solid = shown | {name_key(claim.text) for claim in claims if claim.where == "headline"}
    others = {one: frozenset(solid - ({name_key(one.text)} - shown)) for one in claims}
    stripped = [replace(one, text=without_site(one.text, site.keys, site.label, others[one])) for one in claims]
    best = choose(stripped, site.keys, site.label)
    return best.found() if best else None
